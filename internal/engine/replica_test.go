package engine

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAnApplierMakesThePrimary of its records, while others read, and tells of the same
// records byte for byte.
func TestAnApplierMakesThePrimary(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	e, log := newEngine(t, Options{Stripes: 8, Databases: 3}), new(tape)
	change(t, e, func(tx *Tx) error { attach(tx, log); return nil })
	w := writer{rand.New(rand.NewPCG(seed, 91)), 0}
	for range 5000 {
		transact(t, e, w)
	}
	e.Close() // time changes nothing more
	f, again := newEngine(t, Options{Stripes: 4, Databases: 3, Replica: true}), new(tape)
	change(t, f, func(tx *Tx) error { attach(tx, again); return nil })
	var readers sync.WaitGroup
	over := make(chan struct{})
	for g := range uint64(2) {
		readers.Go(func() { readPairs(f, writer{rand.New(rand.NewPCG(seed, g)), 0}, over) })
	}
	a := NewApplier(f)
	for _, r := range log.records {
		require.NoError(t, a.Apply(r))
	}
	close(over)
	readers.Wait()
	require.Len(t, again.records, len(log.records))
	for i, r := range log.records {
		require.Equal(t, r, again.records[i])
	}
	require.Equal(t, e.everything(), f.everything())
	require.Equal(t, e.Position(), f.Position())
	require.Equal(t, f.Recount(), f.Memory())
}

// readPairs reads two keys at a time, so that an applier has to give way.
func readPairs(e *Engine, w writer, over <-chan struct{}) {
	for {
		select {
		case <-over:
			return
		default:
			tx := e.Begin([]Key{w.key(), w.key()}, false, false)
			_, _ = tx.Peek(w.key())
			tx.Commit()
		}
	}
}

// TestARecordThatDoesNotFit changes nothing; one that changes nothing has a number still.
func TestARecordThatDoesNotFit(t *testing.T) {
	e, log := newEngine(t, Options{}), new(tape)
	change(t, e, func(tx *Tx) error { attach(tx, log); return nil })
	change(t, e, func(tx *Tx) error { return tx.PutString(key("a"), []byte("1"), 0) })
	change(t, e, func(tx *Tx) error {
		require.NoError(t, tx.PutString(key("a"), []byte("2"), 0))
		return tx.PutString(key("b"), []byte("2"), 0)
	})
	f := newEngine(t, Options{Replica: true})
	a := NewApplier(f)
	require.NoError(t, a.Apply(log.records[0]))
	before := f.everything()
	for n := 1; n < len(log.records[1].Effects); n++ {
		r := log.records[1]
		r.Effects = r.Effects[:n]
		if err := a.Apply(r); err == nil {
			require.Contains(t, string(log.records[1].Effects[n:]), "b", "cut at %d, between the two", n)
			require.NoError(t, a.Apply(log.records[0]))
			continue
		}
		require.Equal(t, before, f.everything(), "cut at %d", n)
	}
	n := f.Position()
	require.NoError(t, a.Apply(Record{Seq: n + 1, Clock: 1}))
	require.Equal(t, n+1, f.Position())
	require.Equal(t, before, f.everything())
}

// TestAFeedBesideTheJournal hears what the journal hears, from a position that is told,
// while both come and go.
func TestAFeedBesideTheJournal(t *testing.T) {
	e := newEngine(t, Options{})
	over := make(chan struct{})
	var writers sync.WaitGroup
	for g := range 3 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
					k := key("%d %d", g, i%10)
					tx := e.BeginKey(k)
					_ = tx.PutString(k, []byte("v"), 0)
					tx.Commit()
					e.Latest()
				}
			}
		})
	}
	heard := 0
	for range 20 {
		f, log := new(feedTape), new(tape)
		change(t, e, func(tx *Tx) error { f.first = tx.Follow(f) + 1; return nil })
		change(t, e, func(tx *Tx) error { attach(tx, log); return nil })
		require.Eventually(t, func() bool { return len(log.seqs()) > 10 }, time.Minute, time.Millisecond)
		require.NoError(t, e.Refill(e.Sibling()))
		change(t, e, func(tx *Tx) error { tx.Attach(nil); return nil })
		put(t, e, "k")
		change(t, e, func(tx *Tx) error { tx.Follow(nil); return nil })
		require.Equal(t, 1, f.replaced)
		heard += f.dense(t)
		f.requireAll(t, log)
	}
	close(over)
	writers.Wait()
	require.Greater(t, heard, 200)
	tx := e.Begin(nil, true, false)
	require.Nil(t, e.journal.attached())
	tx.Commit()
}

// feedTape is a tape that is a feed.
type feedTape struct {
	tape
	first    int64
	replaced int // how often
}

func (f *feedTape) Record(r Record) { f.sink(r) }

func (f *feedTape) Replaced(int64) { f.replaced++ }

// dense holds the records to have no gap, but for what was replaced.
func (f *feedTape) dense(t *testing.T) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	breaks := 0
	for i, r := range f.records {
		if i == 0 {
			require.Equal(t, f.first, r.Seq)
		} else if r.Seq != f.records[i-1].Seq+1 {
			breaks++
		}
	}
	require.LessOrEqual(t, breaks, 1)
	return len(f.records)
}

// requireAll holds the feed to have heard what the journal has.
func (f *feedTape) requireAll(t *testing.T, log *tape) {
	heard := map[int64]bool{}
	for _, n := range f.seqs() {
		heard[n] = true
	}
	for _, n := range log.seqs() {
		require.True(t, heard[n], "record %d", n)
	}
}

func (l *tape) seqs() (list []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.records {
		list = append(list, r.Seq)
	}
	return list
}

// TestPromotion: a replica takes no writes and expires nothing, and then it does.
func TestPromotion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := New(Options{Replica: true})
		defer e.Close()
		require.True(t, e.Replica())
		require.ErrorIs(t, e.Admit(t.Context()), ErrReplica)
		require.NoError(t, e.AdmitRecord(t.Context()))
		putUntil(t, e, "k", e.Now()+1000)
		time.Sleep(time.Hour)
		require.EqualValues(t, 1, e.Len(0))
		change(t, e, func(tx *Tx) error { tx.Promote(); return nil })
		require.NoError(t, e.Admit(t.Context()))
		time.Sleep(time.Second)
		require.Zero(t, e.Len(0))
	})
}
