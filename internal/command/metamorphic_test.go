package command_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

var (
	metaSeed  = flag.Uint64("meta.seed", 0, "seed of TestMetamorphic; 0 draws one")
	metaLines = flag.Int("meta.lines", 20000, "command lines of each goroutine of TestMetamorphic")
)

// TestMetamorphic runs random command lines of all types in several goroutines, alone
// and as transactions that commit or roll back, while time leaps, keys expire and
// blocked calls come and go. In the end, what the records tell must be what is
// there: replayed, they give the same store, on a primary and on a replica. The
// seed is printed: -meta.seed replays the lines.
func TestMetamorphic(t *testing.T) {
	seed := *metaSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Log("seed", seed)
	clock := newLeapClock()
	e := engine.New(engine.Options{Clock: clock, Seed: seed})
	defer e.Close()
	var log recorder
	e.Attach(e.Tap(log.sink))
	rows := command.NewTable(command.Rows()).All()

	var all sync.WaitGroup
	for i := range uint64(4) {
		all.Go(func() {
			m := &meta{liner: liner{Rand: rand.New(rand.NewPCG(seed, i))}, caller: caller{eng: e}, rows: rows, clock: clock}
			for range *metaLines {
				m.step()
			}
		})
	}
	all.Wait()

	require.Zero(t, e.Stats().Waiting)
	log.check(t, e, clock)
	clock.leap(100 * 365 * 24 * time.Hour)
	log.check(t, e, clock)
	t.Log(len(log.records), "records")
}

// meta is one of the goroutines.
type meta struct {
	liner
	caller
	rows  []*command.Named
	clock *leapClock
}

// step does one thing at random.
func (m *meta) step() {
	m.db = m.IntN(2)
	switch n := m.IntN(100); {
	case n < 2:
		m.clock.leap(time.Duration(m.IntN(100_000)) * time.Second)
	case n < 20:
		var lines []prepared
		for range 1 + m.IntN(6) {
			if p, ok := m.next(); ok {
				lines = append(lines, p)
			}
		}
		m.transaction(lines, m.chance(70))
	default:
		if p, ok := m.next(); ok {
			_, _ = m.run(context.Background(), p, time.Duration(m.IntN(3000))*time.Microsecond)
		}
	}
}

// next is a line that decodes. Those that empty a database are rare.
func (m *meta) next() (prepared, bool) {
	row := pick(&m.liner, m.rows)
	flags := row.Meta().Flags
	if len(row.Subs) > 0 || flags.Has(command.WholeStore) && flags.Has(command.Write) && m.chance(80) {
		return prepared{}, false
	}
	return m.prepare(row, m.make(row))
}

// recorder keeps the records of an engine.
type recorder struct {
	mu      sync.Mutex
	records []engine.Record
}

func (l *recorder) sink(r engine.Record) {
	r.Effects = slices.Clone(r.Effects)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, r)
}

// check replays the records and compares; it holds the engine to its own counts.
func (l *recorder) check(t *testing.T, e *engine.Engine, clock *leapClock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	require.EqualValues(t, len(l.records), e.Position())
	for i, r := range l.records {
		require.EqualValues(t, i+1, r.Seq, "numbers are dense")
	}
	for _, replica := range []bool{false, true} {
		c := engine.New(engine.Options{Clock: clock, Replica: replica})
		for i, r := range l.records {
			require.NoError(t, c.Apply(r), "record %d", i)
		}
		require.Equal(t, e.Dump(), c.Dump())
		require.Equal(t, e.Position(), c.Position())
		require.Equal(t, c.Recount(), c.Memory(), "accounted memory of the copy")
		c.Close()
	}
	require.Equal(t, e.Recount(), e.Memory(), "accounted memory")
	for db := range 2 {
		checkVisible(t, e, db)
	}
}

// checkVisible looks for keys that are shown although their time has come.
func checkVisible(t *testing.T, e *engine.Engine, db int) {
	tx := e.Begin(nil, true, false)
	defer tx.Commit()
	require.NoError(t, tx.EachEntry(db, func(ent *engine.Entry) error {
		require.False(t, ent.Deadline() != 0 && ent.Deadline() < e.Now(), "%q has expired", ent.Key())
		return nil
	}))
}

// leapClock runs as the system's does, and leaps ahead when it is told to. Its
// timers ring at a leap.
type leapClock struct {
	mu     sync.Mutex
	ahead  time.Duration
	timers map[*leapTimer]bool
}

type leapTimer struct {
	clock *leapClock
	at    time.Time
	f     func()
}

func newLeapClock() *leapClock { return &leapClock{timers: map[*leapTimer]bool{}} }

func (c *leapClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *leapClock) AfterFunc(d time.Duration, f func()) engine.Timer {
	t := &leapTimer{c, c.Now().Add(d), f}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timers[t] = true
	return t
}

func (t *leapTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	pending := t.clock.timers[t]
	delete(t.clock.timers, t)
	return pending
}

// leap moves the time on and waits for the calls that fell due.
func (c *leapClock) leap(d time.Duration) {
	c.mu.Lock()
	c.ahead += d
	now := time.Now().Add(c.ahead)
	var due sync.WaitGroup
	for t := range c.timers {
		if !t.at.After(now) {
			delete(c.timers, t)
			due.Go(t.f)
		}
	}
	c.mu.Unlock()
	due.Wait()
}
