package store_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// TestExpiredKeysComeWithTheirValue, told of when the time comes though nobody looks;
// two read the same value at once.
func TestExpiredKeysComeWithTheirValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := newStore(t), t.Context()
		fill(t, s)
		at := time.Now().Add(time.Hour)
		_, err := types.NewHash[string, string](s, "hash").ExpireFields(ctx, 2*time.Hour, store.Anyway, "g")
		require.NoError(t, err)
		o := store.EventOptions{Names: []store.EventName{store.EventExpired}}
		readers := []*store.Events{listen(t, s, "*", o), listen(t, s, "*", o)}
		for _, k := range []string{"string", "list", "set", "zset", "hash"} {
			ok, err := s.ExpireAt(ctx, k, at)
			require.NoError(t, err)
			require.True(t, ok)
		}
		time.Sleep(24 * time.Hour)
		require.NoError(t, inParallel(len(readers), func(i int) error {
			return checkOld(readers[i], at)
		}))
	})
}

// fill makes a key of each type.
func fill(t *testing.T, s *store.Store) {
	ctx := t.Context()
	put(t, s, "string")
	_, err := types.NewList[string](s, "list").PushBack(ctx, "a", "", "c")
	require.NoError(t, err)
	_, err = types.NewSet[int](s, "set").Add(ctx, 3, 1, 2)
	require.NoError(t, err)
	_, err = types.NewZSet[string](s, "zset").AddMany(ctx, types.Scored[string]{Member: "two", Score: 2}, types.Scored[string]{Member: "one", Score: 1.5})
	require.NoError(t, err)
	_, err = types.NewHash[string, string](s, "hash").SetMany(ctx, types.Pair[string, string]{Key: "f", Value: "v"}, types.Pair[string, string]{Key: "g", Value: "w"})
	require.NoError(t, err)
}

// checkOld reads the old values of what fill has made.
func checkOld(e *store.Events, at time.Time) error {
	want := map[string]string{
		"string": `string "string" [] [] [] []`,
		"list":   `list "" ["a" "" "c"] [] [] []`,
		"set":    `set "" [] ["1" "2" "3"] [] []`,
		"zset":   `zset "" [] [] [{one 1.5} {two 2}] []`,
		"hash":   `hash "" [] [] [] [{f v 0001} {g w ` + at.Add(time.Hour).Format("2006") + `}]`,
	}
	for range want {
		ev, err := e.Next(context.Background())
		if err != nil {
			return err
		}
		if got := oldText(ev.Old); got != want[ev.Key] || ev.Type != ev.Old.Type() {
			return fmt.Errorf("%s: got %s, want %s", ev.Key, got, want[ev.Key])
		}
	}
	return nil
}

func oldText(v store.OldValue) string {
	var z, h []string
	for _, m := range v.ZSet() {
		z = append(z, fmt.Sprintf("{%s %v}", m.Member, m.Score))
	}
	for _, f := range v.Hash() {
		h = append(h, fmt.Sprintf("{%s %s %04d}", f.Field, f.Value, f.Expires.Year()))
	}
	return fmt.Sprintf("%s %q %q %q [%s] [%s]", v.Type(), v.String(), v.List(), v.Set(), strings.Join(z, " "), strings.Join(h, " "))
}

// TestEvictedKeysComeWithTheirValue, and in no greater number than their old values
// may take room.
func TestEvictedKeysComeWithTheirValue(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	const n, size = 100, 10_000
	value := strings.Repeat("x", size)
	for i := range n {
		require.NoError(t, types.NewString[string](s, fmt.Sprint("k", i)).Set(ctx, value))
	}
	each := s.Stats().Memory / n
	o := store.EventOptions{Names: []store.EventName{store.EventEvicted}, OldBytes: 10*each + each/2}
	all, few := listen(t, s, "*", store.EventOptions{Names: o.Names}), listen(t, s, "*", o)
	s.SetMaxMemory(each*n/2, store.AllKeysRandom)
	require.NoError(t, types.NewString[string](s, "one").Set(ctx, "more"))
	evicted := s.Stats().Evicted
	require.Greater(t, evicted, int64(n/2-1))
	gone := map[string]bool{}
	for range evicted {
		ev := next(t, all)
		require.Equal(t, store.EventEvicted, ev.Name)
		require.Equal(t, value, string(ev.Old.String()))
		gone[ev.Key] = true
	}
	require.Len(t, gone, int(evicted))
	for k := range gone {
		n, err := s.Exists(ctx, k)
		require.NoError(t, err)
		require.Zero(t, n, k)
	}
	for range 10 {
		require.True(t, gone[next(t, few).Key])
	}
	_, err := few.Next(ctx)
	require.ErrorIs(t, err, store.ErrGap)
	require.ErrorContains(t, err, fmt.Sprint(evicted-10))

	s.SetMaxMemory(each*n/3, store.AllKeysRandom)
	require.NoError(t, types.NewString[string](s, "one").Set(ctx, "more"))
	for range 10 {
		require.Equal(t, store.EventEvicted, next(t, few).Name, "what was read makes room")
	}
}

// TestAnEventKeepsNoValue: whoever keeps the events of large keys that are gone keeps
// their names alone.
func TestAnEventKeepsNoValue(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	e := listen(t, s, "*", store.EventOptions{})
	const n, size = 64, 1 << 20
	var kept []store.Event
	before := heap()
	for i := range n {
		v := types.NewString[string](s, fmt.Sprint("k", i))
		require.NoError(t, v.Set(ctx, strings.Repeat("x", size)))
		require.NoError(t, s.Rename(ctx, v.Key(), "r"))
		_, err := s.Delete(ctx, "r")
		require.NoError(t, err)
		for range 4 {
			kept = append(kept, next(t, e))
		}
	}
	require.Less(t, heap()-before, int64(n*size/8))
	require.Len(t, kept, 4*n)
	runtime.KeepAlive(kept)
}

// heap is how many bytes are in use once garbage is collected.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestOneOldValueMayBeLarger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		e := listen(t, s, "*", store.EventOptions{Names: []store.EventName{store.EventExpired}, OldBytes: 1})
		_, err := types.NewString[string](s, "k").SetWith(t.Context(), "value", types.SetOptions{Expiry: types.After(time.Second)})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.Equal(t, "value", string(next(t, e).Old.String()))
	})
}
