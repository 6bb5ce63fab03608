package engine

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestGateKeepsReadersAndWritersApart lets both run against each other: whoever is alone
// changes two numbers, one after the other, and no reader sees them differ.
func TestGateKeepsReadersAndWritersApart(t *testing.T) {
	var g gate
	var first, second, alone int64
	var together atomic.Int64
	write := func(open bool) {
		first++
		runtime.Gosched()
		if second++; open {
			g.unlockOpen()
		} else {
			g.unlock()
		}
	}
	read := func() {
		r := g.enter()
		if r == nil {
			runtime.Gosched()
			return
		}
		a := first
		if together.Add(1)%16 == 0 {
			runtime.Gosched()
		}
		assert.Equal(t, a, second)
		r.leave(&g, 1, 0)
	}
	var all sync.WaitGroup
	for i := range 2 {
		all.Go(func() {
			for n := 0; together.Load() < 20_000; n++ {
				if i == 0 {
					g.lock()
				} else if _, ok := g.tryLock(); !ok {
					runtime.Gosched()
					continue
				}
				alone++
				write(n%2 == 0)
				runtime.Gosched() // so that readers come
			}
		})
		all.Go(func() {
			for together.Load() < 20_000 {
				read()
			}
		})
	}
	all.Wait()
	g.lock()
	require.Equal(t, first, second)
	require.Equal(t, alone, first)
	require.Positive(t, alone)
}

// TestGateIsOpenToManyAtOnce: readers are inside together, and whoever locks keeps others
// out and waits until the last of them has left.
func TestGateIsOpenToManyAtOnce(t *testing.T) {
	var g gate
	require.Nil(t, g.enter(), "a gate is shut at first")
	require.Nil(t, g.lock())
	g.unlockOpen()
	a, b := g.enter(), g.enter()
	require.NotNil(t, a)
	require.Same(t, a, b)

	locked := make(chan *readers)
	go func() { locked <- g.lock() }()
	for g.open.Load() != nil {
		runtime.Gosched()
	}
	require.Nil(t, g.enter(), "it is shut")
	require.False(t, g.mu.TryLock())
	a.leave(&g, 1, 0)
	for range 100 {
		runtime.Gosched()
	}
	select {
	case <-locked:
		require.Fail(t, "somebody is inside")
	default:
	}
	b.leave(&g, 0, 1)
	out := <-locked
	require.Same(t, a, out)
	n, hits, misses := out.total()
	require.Equal(t, []int64{2, 1, 1}, []int64{n, hits, misses})
	g.unlock()
	require.Nil(t, g.enter())
}

// TestTryLockWaitsForReaders, as they wait for nobody, but not for somebody who is alone.
func TestTryLockWaitsForReaders(t *testing.T) {
	var g gate
	g.lock()
	_, ok := g.tryLock()
	require.False(t, ok)
	g.unlockOpen()
	r := g.enter()
	done := make(chan bool)
	go func() {
		_, ok := g.tryLock()
		done <- ok
	}()
	for g.open.Load() != nil {
		runtime.Gosched()
	}
	r.leave(&g, 1, 0)
	require.True(t, <-done)
}

// TestLateReaderIsNotInTheNextOpening: one who has seen the gate open, and comes when it
// was shut and opened again, is not taken for inside.
func TestLateReaderIsNotInTheNextOpening(t *testing.T) {
	var g gate
	g.lock()
	g.unlockOpen()
	old := g.open.Load()
	require.Same(t, old, g.lock())
	g.unlockOpen()
	require.Nil(t, g.enterBy(old))
	require.Zero(t, g.open.Load().count.Load()&insideMax)
	g.lock()
	require.Nil(t, g.enterBy(old))
}

// TestLoneReaderShutsTheGate at the end of a round, but not while others are inside; and
// any does before their count overflows.
func TestLoneReaderShutsTheGate(t *testing.T) {
	var g gate
	g.lock()
	g.unlockOpen()
	for range round - 1 {
		g.enter().leave(&g, 1, 0)
	}
	require.Nil(t, g.enter())
	n, hits, _ := g.lock().total()
	require.Equal(t, []int64{round - 1, round - 1}, []int64{n, hits}, "who is not let in does not count")

	g.unlockOpen()
	first := g.enter()
	for range 3 * round / 2 {
		r := g.enter()
		require.NotNil(t, r, "it is not alone")
		r.leave(&g, 1, 0)
	}
	first.leave(&g, 1, 0)
	for range round/2 - 2 {
		g.enter().leave(&g, 1, 0)
	}
	require.NotNil(t, g.enter(), "half of the round were not")
	first.count.Store(most<<cameBits - came + 1)
	first.met.Store(meets)
	require.Nil(t, g.enter(), "no more can be counted")
}

// TestHitsAreCountedOnce, however many lookups a reader makes.
func TestHitsAreCountedOnce(t *testing.T) {
	var g gate
	g.lock()
	g.unlockOpen()
	for _, hits := range []int64{1, 0, 3, 1} {
		g.enter().leave(&g, hits, 2)
	}
	n, hits, misses := g.lock().total()
	require.Equal(t, []int64{4, 5, 8}, []int64{n, hits, misses})
}

// TestWhoWaitsToReadOpensTheGate if somebody waits behind, who comes in through it.
func TestWhoWaitsToReadOpensTheGate(t *testing.T) {
	var g gate
	var j jam
	wait := func(n int32) chan *readers {
		in := make(chan *readers)
		for range n {
			go func() { in <- g.waitToRead(&j, new(stats)) }()
		}
		for j.inside.Load() != n {
			runtime.Gosched()
		}
		return in
	}
	g.lock()
	in := wait(1)
	g.unlock()
	require.Nil(t, <-in, "nobody is behind, so it has the stripe alone")

	in = wait(2)
	g.unlock()
	a, b := <-in, <-in
	require.NotNil(t, a)
	require.Same(t, a, b, "the second does not shut the gate")
	require.Same(t, a, g.enter())
	require.EqualValues(t, 3, a.count.Load()&insideMax)
	for range 3 {
		a.leave(&g, 1, 0)
	}
	require.Same(t, a, g.lock())
	j.came(0)
	in = wait(2)
	g.unlock()
	require.Nil(t, <-in, "few came in, so it has the stripe alone")
	g.unlock()
	require.Nil(t, <-in, "and nobody is behind the other")
}

// TestReadersWhoOftenWaitOpenTheGate: so two of them are a crowd if they meet again and
// again, and not if they rarely do.
func TestReadersWhoOftenWaitOpenTheGate(t *testing.T) {
	var j jam
	waits := func(every int64) (n int, opens bool) {
		for n = range 1000 {
			if j.waited(false, int64(n)*every) {
				return n + 1, true
			}
		}
		return n, false
	}
	n, opens := waits(fewLookups / fewWaits)
	require.True(t, opens)
	require.Equal(t, fewWaits, n)
	j = jam{}
	for n := range int64(1000) {
		require.False(t, j.waited(false, 1000+n*2*fewLookups/fewWaits))
	}
}

// TestJamHasPatience where few came in before.
func TestJamHasPatience(t *testing.T) {
	var j jam
	crowds := func() (n int) {
		for n = 1; !j.waited(true, 0); n++ {
		}
		return n
	}
	require.Equal(t, 1, crowds())
	j.came(worthwhile - 1)
	require.Equal(t, 2, crowds())
	require.Equal(t, 2, crowds())
	j.came(0)
	require.Equal(t, 4, crowds())
	for range 40 {
		j.came(0)
	}
	require.Equal(t, mostPatience, crowds())
	j.came(worthwhile)
	require.Equal(t, 1, crowds())
}
