package command_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

func listKey(format string, args ...any) engine.Key {
	return engine.KeyOf(fmt.Appendf(nil, format, args...))
}

func push(t testing.TB, e *engine.Engine, k engine.Key, elements ...string) {
	t.Helper()
	var list [][]byte
	for _, v := range elements {
		list = append(list, []byte(v))
	}
	_, err := command.RPush.Value(context.Background(), command.Target{Engine: e}, k, command.PushArgs{Key: k, Elements: list})
	require.NoError(t, err)
}

// wait runs a BLPOP and hands what it got to take, in the order of the commits.
func wait(ctx context.Context, e *engine.Engine, take func(key, v string), keys ...engine.Key) error {
	return command.BLPop.DoWait(ctx, command.Target{Engine: e}, command.BPopArgs{Keys: keys}, func(p command.Popped) error {
		take(string(p.Key), string(p.Items[0]))
		return nil
	})
}

// waiting polls until so many callers are parked.
func waiting(t testing.TB, e *engine.Engine, n int64) {
	t.Helper()
	require.Eventually(t, func() bool { return e.Stats().Waiting == n }, 10*time.Second, 100*time.Microsecond)
}

// TestFirstComeFirstServed parks waiters one after another and pushes to them, one
// element at a time and all at once.
func TestFirstComeFirstServed(t *testing.T) {
	for _, atOnce := range []bool{false, true} {
		e := engine.New(engine.Options{})
		const n = 30
		got := make([]string, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				keys := []engine.Key{listKey("a"), listKey("b%d", i)}
				_ = wait(context.Background(), e, func(_, v string) { got[i] = v }, keys...)
			})
			waiting(t, e, int64(i+1))
		}
		var elements []string
		for i := range n {
			elements = append(elements, strconv.Itoa(i))
		}
		if atOnce {
			push(t, e, listKey("a"), elements...)
		} else {
			for _, v := range elements {
				push(t, e, listKey("a"), v)
			}
		}
		all.Wait()
		require.Equal(t, elements, got)
		require.Zero(t, e.Stats().Waiting)
		e.Close()
	}
}

// TestPusherServesBeforeItsAnswer: when a push returns, the element is with the
// waiter already.
func TestPusherServesBeforeItsAnswer(t *testing.T) {
	e := engine.New(engine.Options{})
	defer e.Close()
	for range 50 {
		var served atomic.Bool
		done := make(chan error)
		go func() {
			done <- wait(context.Background(), e, func(string, string) { served.Store(true) }, listKey("k"))
		}()
		waiting(t, e, 1)
		push(t, e, listKey("k"), "v")
		require.True(t, served.Load())
		require.NoError(t, <-done)
	}
}

// TestBlockingStress pushes 20,000 elements to several lists while waiters with short
// timeouts, others that are cancelled, and movers from list to list take them. No
// element is lost, none comes twice, and each list keeps the order of each producer.
func TestBlockingStress(t *testing.T) {
	const producers, consumers, lists = 4, 8, 3
	total := 20_000
	if testing.Short() {
		total = 4_000
	}
	e := engine.New(engine.Options{})
	defer e.Close()
	var log recorder
	e.Attach(e.Tap(log.sink))
	s := &stress{eng: e, seen: map[string]int{}, last: map[[2]string]int{}}
	for i := range lists {
		s.keys = append(s.keys, listKey("list%d", i))
	}
	ctx, stop := context.WithCancel(context.Background())
	var busy, takers sync.WaitGroup
	for p := range producers {
		busy.Go(func() { s.produce(t, p, total/producers) })
	}
	for i := range uint64(consumers) {
		takers.Go(func() { s.consume(ctx, rand.New(rand.NewPCG(i, 1))) })
	}
	busy.Wait()
	require.Eventually(t, func() bool { return s.taken() == total }, 30*time.Second, time.Millisecond, "an element was lost")
	stop()
	takers.Wait()
	require.Empty(t, s.wrong)
	require.Len(t, s.seen, total)
	require.Zero(t, e.Len(0))
	require.Zero(t, e.Stats().Waiting)
	require.Positive(t, s.late, "some waited in vain")
	require.Zero(t, e.Memory())
	log.check(t, e, newLeapClock())
}

// stress is what the goroutines of a test share.
type stress struct {
	eng  *engine.Engine
	keys []engine.Key

	mu    sync.Mutex
	seen  map[string]int    // elements that were taken
	last  map[[2]string]int // by list and producer: the number taken last
	wrong []string
	late  int // waits that ended without an element
}

// produce pushes numbered elements, some of them two at a time to two lists.
func (s *stress) produce(t *testing.T, producer, n int) {
	r := rand.New(rand.NewPCG(uint64(producer), 2))
	for i := 0; i < n; i++ {
		a, b := s.keys[r.IntN(len(s.keys))], s.keys[r.IntN(len(s.keys))]
		if i+1 == n || r.IntN(4) > 0 {
			push(t, s.eng, a, fmt.Sprintf("%d:%d", producer, i))
			continue
		}
		s.pushBoth(t, [2]engine.Key{a, b}, fmt.Sprintf("%d:%d", producer, i), fmt.Sprintf("%d:%d", producer, i+1))
		i++
	}
}

// pushBoth is a transaction.
func (s *stress) pushBoth(t *testing.T, keys [2]engine.Key, v, w string) {
	tx := s.eng.Begin(keys[:1], false, true)
	for {
		_, err := tx.ListPush(keys[0], true, []byte(v))
		if err == nil {
			_, err = tx.ListPush(keys[1], true, []byte(w))
		}
		if err == nil {
			tx.Commit()
			return
		}
		require.ErrorIs(t, err, engine.ErrRestart)
		tx = tx.Restart()
	}
}

// consume waits on some of the lists, again and again, until ctx ends.
func (s *stress) consume(ctx context.Context, r *rand.Rand) {
	for ctx.Err() == nil {
		var keys []engine.Key
		for _, i := range r.Perm(len(s.keys))[:1+r.IntN(len(s.keys))] {
			keys = append(keys, s.keys[i])
		}
		limited, cancel := context.WithTimeout(ctx, 2*time.Millisecond)
		if r.IntN(4) == 0 {
			go cancel() // at once, while it parks or is served
		}
		err := wait(limited, s.eng, s.take, keys...)
		cancel()
		if err != nil {
			s.mu.Lock()
			s.late++
			s.mu.Unlock()
		}
	}
}

// take notes an element; the list is locked.
func (s *stress) take(key, v string) {
	var producer, i int
	_, _ = fmt.Sscanf(v, "%d:%d", &producer, &i)
	s.mu.Lock()
	defer s.mu.Unlock()
	from := [2]string{key, strconv.Itoa(producer)}
	if last, ok := s.last[from]; ok && i <= last {
		s.wrong = append(s.wrong, fmt.Sprintf("%s after %d from %s", v, last, key))
	}
	if s.seen[v]++; s.seen[v] > 1 {
		s.wrong = append(s.wrong, v+" twice")
	}
	s.last[from] = i
}

func (s *stress) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

// TestChainsAndCycles moves elements along a ring of lists by blocked BLMOVEs, which
// serve each other, while others take them out. None is lost, none comes twice.
func TestChainsAndCycles(t *testing.T) {
	const ring, total = 5, 1000
	e := engine.New(engine.Options{})
	defer e.Close()
	s := &stress{eng: e, seen: map[string]int{}, last: map[[2]string]int{}}
	for i := range ring {
		s.keys = append(s.keys, listKey("ring%d", i))
	}
	ctx, stop := context.WithCancel(context.Background())
	var movers, takers sync.WaitGroup
	for i := range 2 * ring {
		a := command.MoveArgs{Src: s.keys[i%ring], Dst: s.keys[(i+1)%ring], From: command.Left, To: command.Right}
		movers.Go(func() { s.move(ctx, a) })
	}
	for i := range uint64(2) {
		takers.Go(func() {
			r := rand.New(rand.NewPCG(i, 3))
			for ctx.Err() == nil {
				limited, cancel := context.WithTimeout(ctx, 2*time.Millisecond)
				_ = wait(limited, e, func(_, v string) { s.once(v) }, s.keys[r.IntN(ring)])
				cancel()
			}
		})
	}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range total {
		push(t, e, s.keys[r.IntN(ring)], strconv.Itoa(i))
	}
	require.Eventually(t, func() bool { return s.taken() == total }, 30*time.Second, time.Millisecond, "an element was lost")
	stop()
	movers.Wait()
	takers.Wait()
	require.Empty(t, s.wrong)
	require.Zero(t, e.Len(0))
	require.Zero(t, e.Stats().Waiting)
	require.Equal(t, e.Recount(), e.Memory())
}

// move runs one BLMOVE after another.
func (s *stress) move(ctx context.Context, a command.MoveArgs) {
	for ctx.Err() == nil {
		limited, cancel := context.WithTimeout(ctx, 2*time.Millisecond)
		err := command.BLMove.DoWait(limited, command.Target{Engine: s.eng}, a, func([]byte) error { return nil })
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			s.mu.Lock()
			s.wrong = append(s.wrong, err.Error())
			s.mu.Unlock()
		}
	}
}

// once notes an element that has no order.
func (s *stress) once(v string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[v]++; s.seen[v] > 1 {
		s.wrong = append(s.wrong, v+" twice")
	}
}

// TestCycleOfTwo: two blocked BLMOVEs that feed each other end with the element where
// it was pushed.
func TestCycleOfTwo(t *testing.T) {
	e := engine.New(engine.Options{})
	defer e.Close()
	a, b := listKey("a"), listKey("b")
	done := make(chan error, 2)
	for i, m := range []command.MoveArgs{{Src: a, Dst: b}, {Src: b, Dst: a}} {
		m.From, m.To = command.Left, command.Right
		go func() {
			done <- command.BLMove.DoWait(context.Background(), command.Target{Engine: e}, m, func([]byte) error { return nil })
		}()
		waiting(t, e, int64(i+1))
	}
	push(t, e, a, "v")
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	var key string
	require.NoError(t, wait(context.Background(), e, func(k, _ string) { key = k }, b, a))
	require.Equal(t, "a", key)
}

// TestServedThoughCancelled cancels a wait in the moment in which it is served: the
// element is either with the caller or still in the list.
func TestServedThoughCancelled(t *testing.T) {
	e := engine.New(engine.Options{})
	defer e.Close()
	k := listKey("k")
	served, cancelled := 0, 0
	for i := range 3000 {
		ctx, cancel := context.WithCancel(context.Background())
		var got string
		done := make(chan error)
		go func() { done <- wait(ctx, e, func(_, v string) { got = v }, k) }()
		go cancel()
		push(t, e, k, strconv.Itoa(i))
		if err := <-done; err == nil {
			require.Equal(t, strconv.Itoa(i), got)
			served++
			continue
		}
		cancelled++
		require.NoError(t, wait(context.Background(), e, func(_, v string) { got = v }, k))
		require.Equal(t, strconv.Itoa(i), got)
	}
	t.Log(served, "served,", cancelled, "cancelled")
	require.Zero(t, e.Len(0))
}

// TestWaiterOfAnotherKind: a list under the key of a waiter for a sorted set wakes
// nobody, and the sorted set that comes later does.
func TestWaiterOfAnotherKind(t *testing.T) {
	e := engine.New(engine.Options{})
	defer e.Close()
	k := listKey("k")
	done := make(chan error)
	go func() {
		done <- command.BZPopMin.DoWait(context.Background(), command.Target{Engine: e}, command.BPopArgs{Keys: []engine.Key{k}}, func(command.ZPopped) error { return nil })
	}()
	waiting(t, e, 1)
	push(t, e, k, "v")
	waiting(t, e, 1)
	require.NoError(t, wait(context.Background(), e, func(string, string) {}, k))
	_, err := command.ZAdd.Value(context.Background(), command.Target{Engine: e}, k, command.ZAddArgs{Key: k, Members: []command.Scored{{Score: 1, Member: []byte("m")}}})
	require.NoError(t, err)
	require.NoError(t, <-done)
	require.Zero(t, e.Len(0))
}
