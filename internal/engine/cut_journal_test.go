package engine

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// churn runs random transactions, of which some are undone, on an engine until it is
// told that it is over. Some evict, and some forks are written to.
func churn(t *testing.T, e *Engine, seed uint64, over *atomic.Bool, forks *sync.WaitGroup) {
	w := writer{rand.New(rand.NewPCG(seed, 77)), 0}
	for !over.Load() {
		w.now = e.Now()
		tx := e.Begin([]Key{w.key(), w.key()}, w.IntN(20) == 0, true)
		err := w.some(tx)
		for errors.Is(err, ErrRestart) {
			tx = tx.Restart()
			err = w.some(tx)
		}
		if err != nil {
			t.Error(err)
		}
		if w.IntN(4) == 0 {
			tx.Rollback()
		} else {
			tx.Commit()
		}
		if w.IntN(200) == 0 {
			e.evictor.mu.Lock()
			c := *e.Config()
			c.Policy = AllKeysRandom
			e.evictor.evict(e, &c)
			e.evictor.mu.Unlock()
		}
		if w.IntN(300) == 0 {
			f := e.Fork(SystemClock{})
			forks.Go(func() { scribble(t, f, seed) })
		}
	}
}

// some makes a few changes, among them ones of whole databases and of long strings.
func (w writer) some(tx *Tx) error {
	for range 1 + w.IntN(4) {
		err := w.grow(tx)
		if err == nil {
			err = w.mutate(tx)
		}
		if err == nil && w.IntN(400) == 0 {
			_, err = tx.FlushDB(w.IntN(2))
		}
		if err == nil && w.IntN(400) == 0 {
			err = tx.SwapDB(0, w.IntN(3))
		}
		if err == nil && w.IntN(100) == 0 {
			_, err = tx.WriteString(w.key(), w.IntN(3)*70_000, bytes.Repeat([]byte("x"), 70_000))
		}
		if err != nil && !errors.Is(err, ErrWrongType) {
			return err
		}
	}
	return nil
}

// scribble writes to a fork.
func scribble(t *testing.T, f *Engine, seed uint64) {
	w := writer{rand.New(rand.NewPCG(seed, 78)), f.Now()}
	for range 60 {
		tx := f.Begin(nil, true, true)
		_, _ = w.grow(tx), w.mutate(tx)
		tx.Commit()
	}
	checkAccounts(t, f)
	f.Close()
}

// visitParts visits all parts of a cut at once, or only begins to.
func visitParts(t *testing.T, c *Cut, abandon bool) (all content) {
	parts := make([]content, c.Parts())
	var visits sync.WaitGroup
	for p := range parts {
		visits.Go(func() {
			for more := true; more; runtime.Gosched() {
				var err error
				if more, err = c.parts[p].step(&parts[p]); err != nil {
					t.Error(err)
				}
				if abandon && len(parts[p].lines) > 1 {
					return
				}
			}
		})
	}
	visits.Wait()
	for i := range parts {
		parts[i].flush()
		all.lines = append(all.lines, parts[i].lines...)
	}
	return all
}

// TestACutIsWhatTheJournalSays takes cuts while transactions of all kinds go on, and
// compares each with an engine that has applied the journal up to its position.
func TestACutIsWhatTheJournalSays(t *testing.T) {
	options := Options{Stripes: 8, Databases: 3, Seed: 1}
	e, log := newEngine(t, options), new(tape)
	e.Configure(func(c *Config) { c.Limits = smallLimits })
	e.Attach(e.Tap(log.sink))
	var over atomic.Bool
	var writers sync.WaitGroup
	for g := range uint64(4) {
		writers.Go(func() { churn(t, e, g, &over, &writers) })
	}
	type shot struct {
		at   int64
		want string
	}
	var shots []shot
	for i := range 60 {
		c, err := e.Cut()
		require.NoError(t, err)
		abandon := i%5 == 4
		all := visitParts(t, c, abandon)
		if !abandon {
			require.EqualValues(t, c.Keys, len(all.lines))
			shots = append(shots, shot{c.Position, all.String()})
		}
		c.Close()
	}
	over.Store(true)
	writers.Wait()
	e.Attach(nil)
	checkAccounts(t, e)
	requireNoVisit(t, e)

	options.Replica = true
	f := newEngine(t, options)
	f.Configure(func(c *Config) { c.Limits = smallLimits })
	for _, s := range shots {
		for len(log.records) > 0 && log.records[0].Seq <= s.at {
			require.NoError(t, f.Apply(log.records[0]))
			log.records = log.records[1:]
		}
		require.True(t, f.everything() == s.want, "the cut at %d", s.at)
	}
}

// requireNoVisit finds no trace of a cut in an engine, whose keys may expire meanwhile.
func requireNoVisit(t *testing.T, e *Engine) {
	t.Helper()
	for i := range e.stripes {
		require.False(t, e.stripes[i].isVisited())
	}
}

// isVisited reports whether a cut has left something.
func (s *stripe) isVisited() bool {
	s.lock()
	defer s.unlock()
	for _, sp := range s.spaces {
		if sp == nil {
			continue
		}
		if sp.cut != nil || slices.ContainsFunc(sp.keys.boxes, func(b *box) bool { return b != nil && b.image != nil }) {
			return true
		}
	}
	return false
}
