package engine

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestEachCutIsTheSerialState takes hundreds of cuts, with -long thousands, while transactions on several keys
// go on. Each is exported and loaded, and is equal to an engine that has replayed the
// journal one record after another up to the cut's position.
func TestEachCutIsTheSerialState(t *testing.T) {
	cuts, seed := 300, uint64(time.Now().UnixNano())
	if *longFlag {
		cuts = 5000
	}
	t.Logf("seed %d", seed)
	options := Options{Stripes: 8, Databases: 3, Seed: 1}
	e, log := newEngine(t, options), new(tape)
	e.Configure(func(c *Config) { c.Limits = smallLimits })
	change(t, e, func(tx *Tx) error { attach(tx, log); return nil })
	var over atomic.Bool
	var comparing sync.RWMutex // holds the writers up
	var writers sync.WaitGroup
	for g := range uint64(2) {
		writers.Go(func() {
			w := writer{rand.New(rand.NewPCG(seed+g, 81)), 0}
			for !over.Load() {
				comparing.RLock()
				transact(t, e, w)
				comparing.RUnlock()
			}
		})
	}
	defer writers.Wait()
	defer over.Store(true)

	options.Replica = true // time is the journal's
	f := newEngine(t, options)
	f.Configure(func(c *Config) { c.Limits = smallLimits })
	last, different := int64(0), 0
	for range cuts {
		c, err := e.Cut()
		require.NoError(t, err)
		parts := exportCut(t, c)
		c.Close()
		func() {
			comparing.Lock()
			defer comparing.Unlock()
			requireSerial(t, f, log.take(c.Position), parts)
		}()
		require.Equal(t, c.Position, f.Position())
		if c.Position != last {
			different++
		}
		last = c.Position
	}
	require.Greater(t, different, cuts/2, "cuts at different positions")
}

// requireSerial replays records in f, which has the content that parts load then.
func requireSerial(t *testing.T, f *Engine, records []Record, parts [][][]byte) {
	serial := f.Recover()
	for _, rec := range records {
		require.NoError(t, serial.Replay(rec))
	}
	require.NoError(t, serial.End(nil))
	n := New(Options{Stripes: 4, Databases: 3, Replica: true})
	defer n.Close()
	r := n.Recover()
	for _, chunks := range parts {
		for _, chunk := range chunks {
			require.NoError(t, r.Load(chunk))
		}
	}
	require.NoError(t, r.End(nil))
	if digest(t, f) != digest(t, n) {
		require.Equal(t, f.everything(), n.everything(), "at %d", f.Position())
		require.Fail(t, "digests differ, but the content does not")
	}
}

// take hands over the records up to a position.
func (l *tape) take(position int64) (records []Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for n < len(l.records) && l.records[n].Seq <= position {
		n++
	}
	records = l.records[:n:n]
	l.records = l.records[n:]
	return records
}

// transact runs a transaction on several keys, which is undone now and then.
func transact(t *testing.T, e *Engine, w writer) {
	w.now = e.Now()
	tx := e.Begin([]Key{w.key(), w.key(), w.key()}, false, true)
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
}
