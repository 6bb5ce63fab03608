package types_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// tied is a set of n members in two groups with one score each.
func tied(t *testing.T, db store.DB, n int) (types.ZSet[string], []scored) {
	list := make([]scored, n)
	for i := range list {
		list[i] = scored{fmt.Sprintf("m%04d", i), float64(i / (n/2 + 1))}
	}
	return newZSet(t, db, "z", list...), list
}

func TestZSetIterators(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for _, n := range []int{0, 1, 127, 128, 129, 1000} {
		z, list := tied(t, s, n)
		have, err := collect(z.All(ctx))
		require.NoError(t, err)
		require.True(t, slices.Equal(list, have), "%d", n)
		again, at := z.All(ctx), 0
		for _, err := range again {
			require.NoError(t, err)
			if at++; at == 200 {
				break
			}
		}
		have, err = collect(again)
		require.NoError(t, err)
		require.Len(t, have, n, "a sequence begins anew")
		have, err = collect(z.Scan(ctx, ""))
		require.NoError(t, err)
		require.ElementsMatch(t, list, have)
		have, err = collect(z.Scan(ctx, "m000[0-4]"))
		require.NoError(t, err)
		require.Len(t, have, min(n, 5))
		have, err = collect(z.Backward(ctx))
		require.NoError(t, err)
		slices.Reverse(have)
		require.True(t, slices.Equal(list, have), "%d", n)
	}
}

// TestZSetIteratorsWithWrites changes the set in the loop's body: what keeps its
// score comes exactly once, in order.
func TestZSetIteratorsWithWrites(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for _, walk := range []func(types.ZSet[string], context.Context) iter.Seq2[scored, error]{types.ZSet[string].All, types.ZSet[string].Backward} {
		z, list := tied(t, s, 1000)
		var have []scored
		at := 0
		for m, err := range walk(z, ctx) {
			require.NoError(t, err)
			if len(m.Member) > len("m0000") { // one of those that come and go
				continue
			}
			have = append(have, m)
			at++
			// Members come and go before, at, and behind the place of the loop.
			for _, place := range []string{"m0000", m.Member, "m0999"} {
				name := fmt.Sprintf("%s %d", place, at)
				_, err = z.Add(ctx, name, m.Score)
				require.NoError(t, err)
				if at > 2 {
					_, err = z.Remove(ctx, fmt.Sprintf("%s %d", place, at-2))
					require.NoError(t, err)
				}
			}
		}
		if have[0] != list[0] {
			slices.Reverse(have)
		}
		require.True(t, slices.Equal(list, have), "%v", have)
		_, err := z.Delete(ctx)
		require.NoError(t, err)
	}
}

// TestZSetIterationThatRemoves takes out every member that it is shown.
func TestZSetIterationThatRemoves(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for _, walk := range []func(types.ZSet[string]) iter.Seq2[scored, error]{
		func(z types.ZSet[string]) iter.Seq2[scored, error] { return z.All(ctx) },
		func(z types.ZSet[string]) iter.Seq2[scored, error] { return z.Backward(ctx) },
		func(z types.ZSet[string]) iter.Seq2[scored, error] { return z.Scan(ctx, "") },
	} {
		z, list := tied(t, s, 1000)
		for m, err := range walk(z) {
			require.NoError(t, err)
			n, err := z.Remove(ctx, m.Member)
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
			list = list[1:]
		}
		require.Empty(t, list)
	}
}

// TestZSetIterationEnds shows what ends a loop.
func TestZSetIterationEnds(t *testing.T) {
	s := newStore(t)
	z, _ := tied(t, s, 1000)
	for _, walk := range []func(types.ZSet[string], context.Context) iter.Seq2[scored, error]{
		types.ZSet[string].All, types.ZSet[string].Backward,
		func(z types.ZSet[string], ctx context.Context) iter.Seq2[scored, error] { return z.Scan(ctx, "") },
	} {
		iterationEnds(t, 1000, func(ctx context.Context) iter.Seq2[scored, error] { return walk(z, ctx) })
		_, err := collect(walk(types.NewZSetCodec[string](s, "z", asker{s, "z", new(int)}), t.Context()))
		require.ErrorIs(t, err, errNo, "bytes that the codec does not know")
	}
}

// TestZSetIterationInATransaction sees what the transaction has done.
func TestZSetIterationInATransaction(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z, list := tied(t, s, 300)
	require.ErrorIs(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		n := 0
		for m, err := range z.In(tx).All(ctx) {
			require.NoError(t, err)
			_, err := z.In(tx).Remove(ctx, m.Member)
			require.NoError(t, err)
			n++
		}
		require.Equal(t, 300, n)
		return errNo
	}), errNo)
	holds(t, z, list...)
}
