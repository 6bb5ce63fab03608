package engine

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNumbersAreDense attaches and detaches sinks while writers run. Every record
// has the number behind the one before, whoever counts.
func TestNumbersAreDense(t *testing.T) {
	e := newEngine(t, Options{})
	const writers, each = 4, 2000
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				k := key("w%d k%d", w, i%50)
				tx := e.BeginKey(k)
				_ = tx.PutString(k, k.B, 0)
				tx.Commit()
			}
		})
	}
	var last, seen int64 // guarded by the journal's mutex
	for range 20 {
		log := new(tape)
		from := e.Attach(e.Tap(log.sink))
		for log.len() < 10 && e.Position() < writers*each {
		}
		to := e.Attach(nil)
		require.EqualValues(t, to-from, log.len(), "the sink got all that was committed meanwhile")
		for i, r := range log.records {
			require.EqualValues(t, from+int64(i)+1, r.Seq)
		}
		require.GreaterOrEqual(t, from, last)
		last, seen = to, seen+int64(log.len())
	}
	all.Wait()
	require.EqualValues(t, writers*each, e.Position())
	require.Positive(t, seen)
}

func (l *tape) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.records)
}

// TestPositionCountsChanges: a transaction without a change has no number, one with
// many has one.
func TestPositionCountsChanges(t *testing.T) {
	for _, attached := range []bool{false, true} {
		clock := newFakeClock()
		e := newEngine(t, Options{Clock: clock})
		if attached {
			e.Attach(e.Tap(func(Record) {}))
		}
		put(t, e, "a", "b")
		require.True(t, exists(t, e, key("a")))
		require.EqualValues(t, 2, e.Position())
		change(t, e, func(tx *Tx) error {
			require.NoError(t, tx.PutString(key("c"), nil, clock.ms()+5))
			_, err := tx.Delete(key("a"))
			return err
		})
		require.EqualValues(t, 3, e.Position())
		tx := e.Begin(nil, true, true)
		_, err := tx.Delete(key("b"))
		require.NoError(t, err)
		tx.Rollback()
		require.EqualValues(t, 3, e.Position(), "a rollback has no number")
		clock.advance(1e9)
		require.EqualValues(t, 4, e.Position(), "the deletion of an expired key has one")
	}
}
