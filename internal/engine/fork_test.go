package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestForksAreIndependent changes an engine and its forks at random, rolled back or
// not, while keys expire: none sees what another does.
func TestForksAreIndependent(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 13))
	clocks := []*fakeClock{newFakeClock()}
	engines := []*Engine{newEngine(t, Options{Clock: clocks[0], Stripes: 8})}
	engines[0].Configure(func(c *Config) { c.Limits = smallLimits })
	for range 1200 {
		i := r.IntN(len(engines))
		e, clock := engines[i], clocks[i]
		before := snapshots(engines)
		switch r.IntN(20) {
		case 0:
			c := &fakeClock{now: clock.Now()}
			f := e.Fork(c)
			require.Equal(t, e.Dump(), f.Dump())
			require.Equal(t, e.details(), f.details())
			require.Equal(t, e.Config(), f.Config())
			checkAccounts(t, f)
			if len(engines) > 5 { // one of the others ends
				j := r.IntN(len(engines))
				engines[j].Close()
				engines[j], clocks[j], before[j] = f, c, f.Dump()
			} else {
				t.Cleanup(f.Close)
				engines, clocks, before = append(engines, f), append(clocks, c), append(before, f.Dump())
			}
			i = -1
		case 1:
			clock.advance(7 * time.Millisecond)
		default:
			tx := e.Begin(nil, true, true)
			for range 1 + r.IntN(6) {
				require.NoError(t, writer{r, clock.ms()}.mutate(tx))
			}
			if r.IntN(2) == 0 {
				tx.Commit()
			} else {
				tx.Rollback()
				i = -1
			}
		}
		for j, dump := range snapshots(engines) {
			if j != i {
				require.Equal(t, before[j], dump, "engine %d", j)
			}
			checkAccounts(t, engines[j])
		}
	}
}

func snapshots(engines []*Engine) (dumps []string) {
	for _, e := range engines {
		dumps = append(dumps, e.Dump())
	}
	return dumps
}

// TestSharedMemoryIsNotWritten changes what a fork shares in the ways that would
// reuse its memory.
func TestSharedMemoryIsNotWritten(t *testing.T) {
	long := strings.Repeat("x", 200)
	k, other := key("k"), key("other")
	set := func(tx *Tx, k Key) error { return tx.PutString(k, []byte(strings.Repeat("y", 200)), 0) }
	put := func(tx *Tx) error { return tx.PutString(k, []byte(long), 0) }
	push := func(tx *Tx) error { _, err := tx.ListPush(k, true, bytesOf("a", "b", "c")...); return err }
	set0 := func(tx *Tx, k Key) error { return tx.ListSet(k, 0, []byte("z")) }
	for name, c := range map[string]struct {
		fill   func(tx *Tx) error
		change func(tx *Tx, k Key) error
	}{
		"string set":    {put, set},
		"string edited": {put, func(tx *Tx, k Key) error { _, err := tx.WriteString(k, 0, []byte("y")); return err }},
		"list":          {push, set0},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, Options{})
			change(t, e, c.fill)
			f, g, before := e.Fork(SystemClock{}), e.Fork(SystemClock{}), e.Dump()
			defer f.Close()
			defer g.Close()
			tx := f.Begin(nil, true, true)
			require.NoError(t, c.change(tx, k))
			tx.Rollback()
			require.Equal(t, before, f.Dump())
			change(t, f, func(tx *Tx) error { return c.change(tx, k) })
			require.NotEqual(t, before, f.Dump())
			change(t, g, func(tx *Tx) error { _, err := tx.Rename(k, other); return err })
			change(t, g, func(tx *Tx) error { return c.change(tx, other) })
			require.Equal(t, before, e.Dump())
			for _, x := range []*Engine{e, f, g} {
				checkAccounts(t, x)
			}
		})
	}
}

// TestForksInParallel is for the race detector: what is shared is only read.
func TestForksInParallel(t *testing.T) {
	e := newEngine(t, Options{})
	w := writer{rand.New(rand.NewPCG(5, 5)), e.Now() + time.Hour.Milliseconds()}
	write := func(e *Engine, w writer) error {
		tx := e.Begin(nil, true, false)
		defer tx.Commit()
		return w.mutate(tx)
	}
	for range 300 {
		require.NoError(t, write(e, w))
	}
	var wg sync.WaitGroup
	for i := range 4 {
		f := e.Fork(SystemClock{})
		defer f.Close()
		wg.Go(func() {
			w := writer{rand.New(rand.NewPCG(6, uint64(i))), w.now}
			for range 200 {
				_ = f.Dump()
				if err := write(f, w); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 100 {
		require.NoError(t, write(e, w))
	}
	wg.Wait()
}

// TestForkExpiresByItself has its own timer, on its own clock.
func TestForkExpiresByItself(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock})
	putUntil(t, e, "k", clock.ms()+1000)
	other := &fakeClock{now: clock.Now()}
	f := e.Fork(other)
	defer f.Close()
	other.advance(1001 * time.Millisecond)
	require.EqualValues(t, 0, f.Len(0))
	require.EqualValues(t, 1, e.Len(0))
	require.EqualValues(t, 0, e.Stats().Expired)
}

// TestForkLeavesWhoWaits: a waiter and a watch belong to the engine they began in.
func TestForkLeavesWhoWaits(t *testing.T) {
	e := newEngine(t, Options{})
	k := key("k")
	w := &Waiter{Keys: []Key{k}, Kind: List}
	e.BeginKey(k).Park(w)
	var watch Watch
	e.Watch(&watch, k)
	f := e.Fork(SystemClock{})
	defer f.Close()
	change(t, f, func(tx *Tx) error { _, err := tx.ListPush(k, true, []byte("v")); return err })
	require.False(t, watch.Dirty())
	require.Zero(t, f.Stats().Waiting)
	require.EqualValues(t, 1, e.Stats().Waiting)
	e.Unwatch(&watch)
	require.True(t, e.Cancel(w))
}

// huge is an engine with one key of each kind, with so many elements.
func huge(tb testing.TB, n int) *Engine {
	e := newEngine(tb, Options{})
	tx := e.Begin(nil, true, false)
	defer tx.Commit()
	require.NoError(tb, tx.PutString(key("string"), []byte(strings.Repeat("x", 100*n)), 0))
	for i := range n {
		word := fmt.Appendf(nil, "element %d", i)
		_, err := tx.ListPush(key("list"), true, word)
		require.NoError(tb, err)
		_, err = tx.SetAdd(key("set"), word)
		require.NoError(tb, err)
		require.NoError(tb, zput(tx, key("zset"), word, float64(i)))
		_, err = tx.HashPut(key("hash"), word, word)
		require.NoError(tb, err)
	}
	return e
}

// TestForkSharesValues holds the memory that a fork takes, and so its time, to the
// number of keys.
func TestForkSharesValues(t *testing.T) {
	allocated := func(n int) float64 {
		e := huge(t, n)
		return testing.AllocsPerRun(10, func() { e.Fork(SystemClock{}).Close() })
	}
	require.Equal(t, allocated(200), allocated(50_000))
	result := testing.Benchmark(func(b *testing.B) {
		e := huge(b, 50_000)
		b.ReportAllocs()
		for b.Loop() {
			e.Fork(SystemClock{}).Close()
		}
	})
	require.Less(t, result.AllocedBytesPerOp(), int64(64<<10), "of values of more than 10 MB")
}

func BenchmarkFork(b *testing.B) {
	for _, n := range []int{1000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			e := newEngine(b, Options{})
			for i := range n {
				putUntil(b, e, fmt.Sprintf("key:%d", i), 0)
			}
			forkAgain(b, e)
		})
	}
	for _, n := range []int{100, 1_000_000} {
		b.Run(fmt.Sprintf("keys=5/elements=%d", n), func(b *testing.B) { forkAgain(b, huge(b, n)) })
	}
}

func forkAgain(b *testing.B, e *Engine) {
	b.ReportAllocs()
	for b.Loop() {
		e.Fork(SystemClock{}).Close()
	}
}
