package types_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/types"
)

// span is more than any producer pushes: producer p pushes p*span, p*span+1 and so
// on.
const span = 1 << 20

// crowd is consumers that wait with little patience, and whose waits others cancel
// at any moment.
type crowd struct {
	t       *testing.T
	taken   chan int
	cancels []atomic.Value // of each consumer's wait, a context.CancelFunc
	ended   atomic.Int64   // waits that ended with their ctx
	saved   atomic.Int64   // waits that got an element although ctx had ended
}

// consume waits until stop ends. What it gets of one producer comes in the order
// in which it was pushed.
func (c *crowd) consume(stop context.Context, i int, wait func(context.Context) ([]int, error)) {
	last := map[int]int{}
	for stop.Err() == nil {
		ctx, cancel := context.WithTimeout(stop, time.Duration(rand.IntN(2000))*time.Microsecond)
		c.cancels[i].Store(cancel)
		vs, err := wait(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			c.t.Errorf("consumer %d: %v", i, err)
		case err != nil:
			c.ended.Add(1)
		case ctx.Err() != nil:
			c.saved.Add(1)
		}
		cancel()
		for _, v := range vs {
			if before, ok := last[v/span]; ok && v < before {
				c.t.Errorf("consumer %d: %d after %d", i, v, before)
			}
			last[v/span] = v
			c.taken <- v
		}
	}
}

// upset cancels somebody's wait.
func (c *crowd) upset() {
	if cancel, ok := c.cancels[rand.IntN(len(c.cancels))].Load().(context.CancelFunc); ok {
		cancel()
	}
}

// produce pushes n numbers, one for each token.
func (c *crowd) produce(l types.List[int], p, n int, tokens chan struct{}) {
	for i := range n {
		<-tokens
		if _, err := l.PushBack(context.Background(), p*span+i); err != nil {
			c.t.Error(err)
		}
		c.upset()
	}
}

// TestListWaitsLoseNothing has several waiters on several lists, some of whom move
// what they get to another list, deadlines of up to 2 ms, and cancels at the
// moment of a push: every element comes out once, and in order.
func TestListWaitsLoseNothing(t *testing.T) {
	const producers = 3
	each := 20_000 / producers
	if testing.Short() {
		each = 1000
	}
	s := newStore(t)
	var lists [producers]types.List[int]
	for i, name := range []string{"a", "b", "c"} {
		lists[i] = types.NewList[int](s, name)
	}
	moved := types.NewList[int](s, "moved")
	one := func(wait func(context.Context) (int, error)) func(context.Context) ([]int, error) {
		return func(ctx context.Context) ([]int, error) {
			v, err := wait(ctx)
			if err != nil {
				return nil, err
			}
			return []int{v}, nil
		}
	}
	several := func(n int64, lists ...types.List[int]) func(context.Context) ([]int, error) {
		return func(ctx context.Context) ([]int, error) {
			_, vs, err := types.WaitPopFirst(ctx, types.Front, n, lists...)
			return vs, err
		}
	}
	move := func(ctx context.Context) ([]int, error) {
		_, err := lists[0].WaitMove(ctx, moved, types.Front, types.Back)
		return nil, err
	}
	waits := []func(context.Context) ([]int, error){
		move, move, one(moved.WaitPopFront), several(2, moved),
		one(lists[1].WaitPopFront), several(1, lists[1], lists[2]), several(3, lists[2], lists[1], moved),
	}
	c := &crowd{t: t, taken: make(chan int, 8*producers), cancels: make([]atomic.Value, len(waits))}
	stop, cancel := context.WithCancel(t.Context())
	var consumers, pushers sync.WaitGroup
	for i, wait := range waits {
		consumers.Go(func() { c.consume(stop, i, wait) })
	}
	tokens := make(chan struct{}, 4)
	for p, l := range lists {
		pushers.Go(func() { c.produce(l, p, each, tokens) })
	}
	for range cap(tokens) {
		tokens <- struct{}{}
	}
	seen := map[int]bool{}
	for len(seen) < producers*each {
		v := within(t, c.taken)
		require.False(t, seen[v], "%d came twice", v)
		seen[v] = true
		select {
		case tokens <- struct{}{}:
		default: // nobody has more to push
		}
	}
	pushers.Wait()
	cancel()
	consumers.Wait()
	require.Empty(t, c.taken)
	for _, l := range append(lists[:], moved) {
		elements(t, l)
	}
	require.Positive(t, c.ended.Load())
	t.Logf("%d elements, %d waits ended by their ctx, %d served although it had ended", len(seen), c.ended.Load(), c.saved.Load())
}

// within is what comes through a channel in reasonable time.
func within[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(20 * time.Second):
		require.Fail(t, "an element is lost")
		panic("unreachable")
	}
}
