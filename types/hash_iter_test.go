package types_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// numbered is a hash of n fields.
func numbered(t *testing.T, db store.DB, n int) (types.Hash[string, string], []pair) {
	list := make([]pair, n)
	for i := range list {
		list[i] = pair{fmt.Sprintf("f%04d", i), fmt.Sprint(i)}
	}
	return newHash(t, db, "h", list...), list
}

func TestHashIterators(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for _, n := range []int{0, 1, 500, 3000} {
		h, list := numbered(t, s, n)
		have, err := collect(h.All(ctx))
		require.NoError(t, err)
		require.Equal(t, byField(list), byField(have))
		have, err = collect(h.Scan(ctx, "f000[0-4]"))
		require.NoError(t, err)
		require.Equal(t, byField(list[:min(n, 5)]), byField(have))
		again, at := h.ScanFields(ctx, ""), 0
		for _, err := range again {
			require.NoError(t, err)
			if at++; at == 200 {
				break
			}
		}
		fields, err := collect(again)
		require.NoError(t, err)
		require.Len(t, fields, len(list), "a sequence begins anew")
	}
}

func byField(list []pair) map[string]string {
	m := map[string]string{}
	for _, p := range list {
		m[p.Key] = p.Value
	}
	return m
}

// TestHashIterationWithWrites changes the hash in the loop's body: what is there
// all the time comes at least once, while the hash grows and shrinks.
func TestHashIterationWithWrites(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	h, list := numbered(t, s, 2000)
	seen := map[string]string{}
	for p, err := range h.All(ctx) {
		require.NoError(t, err)
		seen[p.Key] = p.Value
		for i := range 5 {
			if len(p.Key) > len("f0000") {
				break // new fields bring no more
			}
			_, err = h.Set(ctx, fmt.Sprintf("new%d %s", i, p.Key), "")
			require.NoError(t, err)
		}
	}
	for _, p := range list {
		require.Equal(t, p.Value, seen[p.Key])
	}
	seen = map[string]string{}
	for p, err := range h.All(ctx) {
		require.NoError(t, err)
		seen[p.Key] = p.Value
		if len(p.Key) > len("f0000") {
			_, err = h.Remove(ctx, p.Key)
			require.NoError(t, err)
		}
	}
	for _, p := range list {
		require.Equal(t, p.Value, seen[p.Key])
	}
	left, err := h.Len(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2000, left)
}

// TestHashIterationIsWhole has fields overwritten while they are walked: each value
// is one that was written, not half of two.
func TestHashIterationIsWhole(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	a, b := strings.Repeat("a", 32), strings.Repeat("b", 32)
	h := newHash(t, s, "h", pair{"f", a}, pair{"g", b})
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				v := []string{a, b}[i%2]
				_, _ = h.SetMany(ctx, pair{"f", v}, pair{"g", v})
			}
		}
	}()
	for range 1000 {
		list, err := collect(h.All(ctx))
		require.NoError(t, err)
		for _, p := range list {
			require.Contains(t, []string{a, b}, p.Value)
		}
	}
	close(stop)
	<-done
}

// TestHashIterationEnds shows what ends a loop.
func TestHashIterationEnds(t *testing.T) {
	s := newStore(t)
	_, _ = numbered(t, s, 2000)
	for _, walk := range []func(context.Context, types.Hash[string, string]) iter.Seq2[any, error]{
		func(ctx context.Context, h types.Hash[string, string]) iter.Seq2[any, error] { return anys(h.All(ctx)) },
		func(ctx context.Context, h types.Hash[string, string]) iter.Seq2[any, error] {
			return anys(h.ScanFields(ctx, ""))
		},
	} {
		h := types.NewHash[string, string](s, "h")
		iterationEnds(t, 2000, func(ctx context.Context) iter.Seq2[any, error] { return walk(ctx, h) })
		other := types.NewHashCodec[string, string](s, "h", asker{s, "h", new(int)}, nil)
		_, err := collect(walk(t.Context(), other))
		require.ErrorIs(t, err, errNo, "bytes that the codec does not know")
	}
}

func anys[E any](seq iter.Seq2[E, error]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for e, err := range seq {
			if !yield(e, err) {
				return
			}
		}
	}
}

func TestHashSample(t *testing.T) {
	all := []pair{{"a", "1"}, {"b", "2"}, {"c", "3"}}
	h := newHash(t, newStore(t), "h", all...)
	samples(t, all, h.Random, h.Sample, h.SampleRepeating)
}
