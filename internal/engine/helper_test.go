package engine

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/residedb/reside/internal/ds/zset"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeClock stands still until a test moves it. It counts its timers.
type fakeClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*fakeTimer // pending
	rung   int
}

type fakeTimer struct {
	clock *fakeClock
	at    time.Time
	f     func()
}

func newFakeClock() *fakeClock { return &fakeClock{now: time.UnixMilli(1_700_000_000_000)} }

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) ms() int64 { return c.Now().UnixMilli() }

func (c *fakeClock) AfterFunc(d time.Duration, f func()) Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &fakeTimer{c, c.now.Add(d), f}
	c.timers = append(c.timers, t)
	return t
}

func (t *fakeTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	n := len(t.clock.timers)
	t.clock.timers = slices.DeleteFunc(t.clock.timers, func(x *fakeTimer) bool { return x == t })
	return len(t.clock.timers) < n
}

// advance moves the time on and makes the calls that fall due, one after another,
// each at its own time.
func (c *fakeClock) advance(d time.Duration) {
	end := c.Now().Add(d)
	for t := c.next(end); t != nil; t = c.next(end) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			t.f()
		}()
		<-done
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = end
}

// next takes the first timer that rings until the given time.
func (c *fakeClock) next(end time.Time) *fakeTimer {
	c.mu.Lock()
	defer c.mu.Unlock()
	var first *fakeTimer
	for _, t := range c.timers {
		if !t.at.After(end) && (first == nil || t.at.Before(first.at)) {
			first = t
		}
	}
	if first != nil {
		c.timers = slices.DeleteFunc(c.timers, func(x *fakeTimer) bool { return x == first })
		c.now = first.at
		c.rung++
	}
	return first
}

func (c *fakeClock) pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

func newEngine(t testing.TB, o Options) *Engine {
	e := New(o)
	t.Cleanup(e.Close)
	return e
}

func key(format string, args ...any) Key { return KeyOf(fmt.Appendf(nil, format, args...)) }

func bytesOf(words ...string) (list [][]byte) {
	for _, w := range words {
		list = append(list, []byte(w))
	}
	return list
}

// change runs f as a transaction on the whole store.
func change(t testing.TB, e *Engine, f func(tx *Tx) error) {
	t.Helper()
	tx := e.Begin(nil, true, false)
	err := f(tx)
	tx.Commit()
	require.NoError(t, err)
}

// put makes strings that never expire.
func put(t testing.TB, e *Engine, names ...string) {
	t.Helper()
	for _, n := range names {
		putUntil(t, e, n, 0)
	}
}

func putUntil(t testing.TB, e *Engine, name string, deadline int64) {
	t.Helper()
	tx := e.BeginKey(key("%s", name))
	err := tx.PutString(key("%s", name), []byte("value"), deadline)
	tx.Commit()
	require.NoError(t, err)
}

// exists looks without a trace.
func exists(t testing.TB, e *Engine, k Key) bool {
	t.Helper()
	tx := e.BeginKey(k)
	ent, err := tx.Peek(k)
	tx.Commit()
	require.NoError(t, err)
	return ent != nil
}

// tape collects records.
type tape struct {
	mu      sync.Mutex
	records []Record
}

func (l *tape) sink(r Record) {
	r.Effects = slices.Clone(r.Effects)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, r)
}

// replay applies the records to a fresh engine.
func (l *tape) replay(t testing.TB, o Options) *Engine {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	e := newEngine(t, o)
	for i, r := range l.records {
		require.NoError(t, e.Apply(r), "record %d", i)
	}
	return e
}

// checkAccounts holds the counters that are kept to what a walk over everything
// finds.
func checkAccounts(t testing.TB, e *Engine) {
	t.Helper()
	require.Equal(t, e.Recount(), e.Memory(), "accounted memory")
	tx := e.Begin(nil, true, false)
	defer tx.Commit()
	for db := range e.Databases() {
		n := 0
		for i := range e.stripes {
			if sp := e.stripes[i].space(db); sp != nil {
				n += sp.keys.len()
				checkSpace(t, sp)
			}
		}
		require.EqualValues(t, n, e.Len(db), "keys of database %d", db)
	}
}

func checkSpace(t testing.TB, sp *space) {
	var mem, volatile int64
	due := 0
	for e := range sp.keys.all() {
		mem += e.Memory()
		at := e.Deadline()
		if at != 0 {
			volatile++
		}
		if d, ok := e.Object().(hasDue); ok && d.NextDeadline() != 0 && (at == 0 || d.NextDeadline() < at) {
			at = d.NextDeadline()
		}
		require.Equal(t, at, sp.dueAt(e), "due time of %q", e.Key())
		if at != 0 {
			due++
			require.Same(t, e, sp.keys.entry(sp.due.refs[*e.heapPos()-1]))
		}
	}
	require.Equal(t, mem, sp.mem, "memory of a space")
	require.Equal(t, volatile, sp.volatile, "keys with a deadline")
	require.Len(t, sp.due.refs, due, "entries that are due some time")
	for i, at := range sp.due.times {
		require.LessOrEqual(t, sp.due.times[max(i-1, 0)/children], at, "order of the heap")
	}
}

// zput gives one member a score.
func zput(tx *Tx, k Key, member []byte, score float64) error {
	return tx.ZSetPut(k, once(member, score))
}

func once(member []byte, score float64) func(*zset.ZSet) ([]byte, float64, bool) {
	more := true
	return func(*zset.ZSet) ([]byte, float64, bool) {
		ok := more
		more = false
		return member, score, ok
	}
}

// attach makes the tape hear of what follows the transaction.
func attach(tx *Tx, log *tape) {
	tx.Attach(tx.eng.Tap(log.sink))
}
