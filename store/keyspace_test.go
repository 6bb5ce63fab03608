package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func newStore(t testing.TB) *store.Store {
	s := store.New(store.Options{Seed: 1})
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// put gives keys the text of their own name.
func put(t testing.TB, db store.DB, keys ...string) {
	t.Helper()
	for _, k := range keys {
		require.NoError(t, types.NewString[string](db, k).Set(t.Context(), k))
	}
}

func value(t testing.TB, db store.DB, key string) string {
	t.Helper()
	v, _, err := types.NewString[string](db, key).Get(t.Context())
	require.NoError(t, err)
	return v
}

func TestDeleteAndExists(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	put(t, s, "a", "b")
	n, err := s.Exists(ctx, "a", "a", "b", "c")
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
	n, err = s.Touch(ctx, "a", "c")
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	n, err = s.Delete(ctx, "a", "c")
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	n, err = s.Delete(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = s.Len(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

func TestRename(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	put(t, s, "a", "b")
	ok, err := s.RenameIfAbsent(ctx, "a", "b")
	require.NoError(t, err)
	require.False(t, ok)
	require.NoError(t, s.Rename(ctx, "a", "b"))
	require.Equal(t, "a", value(t, s, "b"))
	require.ErrorIs(t, s.Rename(ctx, "a", "b"), store.ErrNoSuchKey)
	ok, err = s.RenameIfAbsent(ctx, "b", "c")
	require.NoError(t, err)
	require.True(t, ok)
}

func TestCopyAndMove(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	put(t, s, "a", "b")
	ok, err := s.Copy(ctx, "a", "b")
	require.NoError(t, err)
	require.False(t, ok)
	ok, err = s.CopyOver(ctx, "a", "b")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "a", value(t, s, "b"))
	_, err = s.Copy(ctx, "a", "a")
	require.ErrorIs(t, err, store.ErrSameKey)
	ok, err = s.CopyTo(ctx, "a", 3, "a")
	require.NoError(t, err)
	require.True(t, ok)
	_, err = s.CopyTo(ctx, "a", 99, "a")
	require.ErrorIs(t, err, store.ErrDB)
	ok, err = s.Move(ctx, "b", 3)
	require.NoError(t, err)
	require.True(t, ok)
	ok, err = s.Move(ctx, "a", 3)
	require.NoError(t, err)
	require.False(t, ok)
	keys, err := s.Select(3).Keys(ctx, "*")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"a", "b"}, keys)
}

func TestFlushAndSwap(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	one := s.Select(1)
	put(t, s, "zero")
	put(t, one, "one")
	require.NoError(t, s.SwapDB(ctx, 0, 1))
	require.Equal(t, "one", value(t, s, "one"))
	require.NoError(t, s.Flush(ctx))
	n, _ := s.Len(ctx)
	require.Zero(t, n)
	n, _ = one.Len(ctx)
	require.EqualValues(t, 1, n)
	require.NoError(t, s.FlushAll(ctx))
	n, _ = one.Len(ctx)
	require.Zero(t, n)
	require.ErrorIs(t, s.SwapDB(ctx, 0, 99), store.ErrDB)
	require.Panics(t, func() { s.Select(16) })
}

// manual is a clock that stands still until it is set.
type manual struct{ now time.Time }

func (m *manual) Now() time.Time                                { return m.now }
func (*manual) AfterFunc(d time.Duration, f func()) store.Timer { return stopped{} }

type stopped struct{}

func (stopped) Stop() bool { return true }

func TestExpire(t *testing.T) {
	clock := &manual{now: time.UnixMilli(1_000_000)}
	s, ctx := store.New(store.Options{Clock: clock}), t.Context()
	defer func() { _ = s.Close() }()
	put(t, s, "k")
	_, ok, err := s.TTL(ctx, "k")
	require.NoError(t, err)
	require.False(t, ok)
	set := func(want bool, d time.Duration, conds ...store.When) {
		t.Helper()
		ok, err := s.Expire(ctx, "k", d, conds...)
		require.NoError(t, err)
		require.Equal(t, want, ok)
	}
	set(false, time.Hour, store.IfTTL)
	set(false, time.Hour, store.IfLonger)
	set(true, time.Hour, store.IfNoTTL)
	set(false, time.Hour, store.IfNoTTL)
	set(false, time.Minute, store.IfLonger)
	set(true, time.Minute, store.IfSooner, store.IfTTL)
	set(true, 1500*time.Microsecond)
	d, ok, err := s.TTL(ctx, "k")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 2*time.Millisecond, d, "rounded up")
	at, ok, err := s.ExpireTime(ctx, "k")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, clock.now.Add(2*time.Millisecond), at)
	ok, err = s.ExpireAt(ctx, "k", clock.now.Add(time.Second))
	require.NoError(t, err)
	require.True(t, ok)
	ok, err = s.Persist(ctx, "k")
	require.NoError(t, err)
	require.True(t, ok)
	set(true, time.Second)
	clock.now = clock.now.Add(time.Second + time.Millisecond)
	n, _ := s.Exists(ctx, "k")
	require.Zero(t, n, "its time has come")
	put(t, s, "k")
	set(true, -time.Second)
	n, _ = s.Exists(ctx, "k")
	require.Zero(t, n, "a time in the past deletes")
}

func TestExpireConditionsThatExclude(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	put(t, s, "k")
	_, err := s.Expire(ctx, "k", time.Hour, store.IfLonger, store.IfSooner)
	require.NoError(t, err)
	_, ok, _ := s.TTL(ctx, "k")
	require.False(t, ok, "nothing is both longer and sooner")
}

func TestTypeAndObject(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	put(t, s, "k")
	typ, err := s.Type(ctx, "k")
	require.NoError(t, err)
	require.Equal(t, store.StringType, typ)
	typ, err = s.Type(ctx, "none")
	require.NoError(t, err)
	require.Equal(t, store.NoType, typ)
	name, ok, err := s.Encoding(ctx, "k")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "embstr", name)
	_, ok, err = s.Encoding(ctx, "none")
	require.NoError(t, err)
	require.False(t, ok)
	n, ok, err := s.MemoryUsage(ctx, "k")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, n, s.Stats().Memory)
	_, ok, err = s.IdleTime(ctx, "k")
	require.NoError(t, err)
	require.True(t, ok)
	_, _, err = s.Frequency(ctx, "k")
	require.Error(t, err, "the policy is not LFU")
	s.SetMaxMemory(0, store.AllKeysLFU)
	_, ok, err = s.Frequency(ctx, "k")
	require.NoError(t, err)
	require.True(t, ok)
}

func TestIdleTimeIsKnownWhereThePolicyTracksIt(t *testing.T) {
	for policy, want := range map[store.Policy]time.Duration{
		store.AllKeysLRU: 90 * time.Second, store.VolatileLRU: 90 * time.Second,
		store.NoEviction: 0, store.VolatileTTL: 0, store.AllKeysRandom: 0, store.VolatileRandom: 0,
	} {
		t.Run(policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, ctx := store.New(store.Options{Eviction: policy}), t.Context()
				defer func() { require.NoError(t, s.Close()) }()
				put(t, s, "k")
				time.Sleep(90 * time.Second)
				_, err := s.Exists(ctx, "k")
				require.NoError(t, err, "to look is no use")
				idle, ok, err := s.IdleTime(ctx, "k")
				require.NoError(t, err)
				require.True(t, ok)
				require.Equal(t, want, idle)
				require.Equal(t, "k", value(t, s, "k"))
				idle, _, err = s.IdleTime(ctx, "k")
				require.NoError(t, err)
				require.Zero(t, idle)
			})
		})
	}
	for _, policy := range []store.Policy{store.AllKeysLFU, store.VolatileLFU, store.AllKeysTinyLFU, store.VolatileTinyLFU} {
		s := newStore(t)
		s.SetMaxMemory(0, policy)
		put(t, s, "k")
		_, _, err := s.IdleTime(t.Context(), "k")
		require.Error(t, err, policy.String())
	}
}

func TestKeysAndRandomKey(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	_, ok, err := s.RandomKey(ctx)
	require.NoError(t, err)
	require.False(t, ok)
	put(t, s, "user:1", "user:2", "item:1")
	keys, err := s.Keys(ctx, "user:*")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"user:1", "user:2"}, keys)
	key, ok, err := s.RandomKey(ctx)
	require.NoError(t, err)
	require.True(t, ok)
	require.Contains(t, []string{"user:1", "user:2", "item:1"}, key)
}

func TestScanWhileTheBodyWrites(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	var want []string
	for i := range 500 {
		want = append(want, fmt.Sprintf("k%d", i))
	}
	put(t, s, want...)
	seen := map[string]bool{}
	for k, err := range s.Scan(ctx, store.ScanOptions{Match: "k*", Type: store.StringType, Batch: 7}) {
		require.NoError(t, err)
		seen[k] = true
		put(t, s, "new:"+k)
		if strings.HasSuffix(k, "7") {
			_, err := s.Delete(ctx, k)
			require.NoError(t, err)
		}
	}
	for _, k := range want {
		require.True(t, seen[k], k)
	}
	for k, err := range s.Scan(ctx, store.ScanOptions{Type: store.HashType}) {
		t.Fatal("there is no hash", k, err)
	}
}

func TestScanEndsWithAnError(t *testing.T) {
	s := newStore(t)
	put(t, s, "a", "b")
	require.NoError(t, s.Close())
	var errs []error
	for _, err := range s.Scan(t.Context(), store.ScanOptions{}) {
		errs = append(errs, err)
	}
	require.Equal(t, []error{store.ErrClosed}, errs)
}

func TestSort(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	set := types.NewSet[int](s, "ids")
	_, err := set.Add(ctx, 3, 1, 2)
	require.NoError(t, err)
	put(t, s, "name:1", "name:2")
	sorted := func(o store.SortOptions) []string {
		t.Helper()
		list, err := s.Sort(ctx, "ids", o)
		require.NoError(t, err)
		texts := make([]string, len(list))
		for i, b := range list {
			texts[i] = string(b)
			if b == nil {
				texts[i] = "nil"
			}
		}
		return texts
	}
	require.Equal(t, []string{"1", "2", "3"}, sorted(store.SortOptions{}))
	require.Equal(t, []string{"3", "2"}, sorted(store.SortOptions{Desc: true, Count: 2}))
	require.Equal(t, []string{"2", "3"}, sorted(store.SortOptions{Offset: 1}))
	require.Equal(t, []string{"1", "name:1", "2", "name:2", "3", "nil"}, sorted(store.SortOptions{Get: []string{"#", "name:*"}}))
	n, err := s.SortTo(ctx, "list", "ids", store.SortOptions{Alpha: true, Desc: true})
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
	list, err := types.NewList[int](s, "list").Range(ctx, 0, -1)
	require.NoError(t, err)
	require.True(t, slices.Equal([]int{3, 2, 1}, list))
	_, err = s.Sort(ctx, "name:1", store.SortOptions{})
	require.ErrorIs(t, err, store.ErrWrongType)
}
