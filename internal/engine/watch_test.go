package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stale is what EXEC asks.
func stale(t testing.TB, e *Engine, w *Watch) bool {
	t.Helper()
	tx := e.Begin(w.Keys(), false, true)
	is, err := tx.Stale(w)
	tx.Rollback()
	require.NoError(t, err)
	return is
}

func TestWatch(t *testing.T) {
	w2 := func(tx *Tx) error { return tx.PutString(key("other"), nil, 0) }
	for _, c := range []struct {
		name string
		do   func(tx *Tx) error
		want bool
	}{
		{"nothing", func(*Tx) error { return nil }, false},
		{"another key", w2, false},
		{"the same name in another database", func(tx *Tx) error { return tx.PutString(key("k").In(1), nil, 0) }, false},
		{"put", func(tx *Tx) error { return tx.PutString(key("k"), nil, 0) }, true},
		{"delete", func(tx *Tx) error { _, err := tx.Delete(key("k")); return err }, true},
		{"delete of a missing key", func(tx *Tx) error { _, err := tx.Delete(key("missing")); return err }, false},
		{"create", func(tx *Tx) error { _, err := tx.SetAdd(key("missing"), []byte("m")); return err }, true},
		{"deadline", func(tx *Tx) error { _, err := tx.SetDeadline(key("k"), 1<<50); return err }, true},
		{"rename away", func(tx *Tx) error { _, err := tx.Rename(key("k"), key("x")); return err }, true},
		{"rename there", func(tx *Tx) error { _, err := tx.Rename(key("y"), key("k")); return err }, true},
		{"flush", func(tx *Tx) error { _, err := tx.FlushDB(0); return err }, true},
		{"flush of another database", func(tx *Tx) error { _, err := tx.FlushDB(1); return err }, false},
		{"swap", func(tx *Tx) error { return tx.SwapDB(0, 1) }, true},
		{"swap of others", func(tx *Tx) error { return tx.SwapDB(1, 2) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEngine(t, Options{})
			put(t, e, "k", "y")
			var w Watch
			e.Watch(&w, key("k"), key("missing"), key("k"))
			require.Len(t, w.Keys(), 2, "a key is watched once")
			require.False(t, stale(t, e, &w))
			change(t, e, c.do)
			require.Equal(t, c.want, stale(t, e, &w))
			e.Unwatch(&w)
			require.False(t, stale(t, e, &w))
			for i := range e.stripes {
				require.Nil(t, e.stripes[i].interest, "nobody is left")
			}
		})
	}
}

func TestWatchOfFlushedMissingKeys(t *testing.T) {
	e := newEngine(t, Options{})
	put(t, e, "k")
	var w Watch
	e.Watch(&w, key("missing"))
	change(t, e, func(tx *Tx) error { _, err := tx.FlushDB(0); return err })
	require.False(t, stale(t, e, &w))
	change(t, e, func(tx *Tx) error { return tx.PutString(key("missing").In(1), nil, 0) })
	change(t, e, func(tx *Tx) error { return tx.SwapDB(0, 1) })
	require.True(t, stale(t, e, &w), "it is there now")
}

// TestRollbackIsNoChange: what was undone has not happened to a watch either.
func TestRollbackIsNoChange(t *testing.T) {
	e := newEngine(t, Options{})
	var w Watch
	e.Watch(&w, key("k"))
	tx := e.Begin(nil, true, true)
	require.NoError(t, tx.PutString(key("k"), nil, 0))
	tx.Rollback()
	require.False(t, stale(t, e, &w))
}

func TestWatchOfExpiringKeys(t *testing.T) {
	setup := func(t *testing.T) (*Engine, *fakeClock) {
		clock := newFakeClock()
		e := newEngine(t, Options{Clock: clock})
		change(t, e, func(tx *Tx) error { tx.SetActiveExpire(false); return nil })
		putUntil(t, e, "k", clock.ms()+10)
		return e, clock
	}
	second := time.Second
	t.Run("expires meanwhile", func(t *testing.T) {
		e, clock := setup(t)
		var w Watch
		e.Watch(&w, key("k"))
		clock.advance(second)
		require.True(t, stale(t, e, &w), "although nobody has deleted it")
	})
	t.Run("expires and is deleted meanwhile", func(t *testing.T) {
		e, clock := setup(t)
		var w Watch
		e.Watch(&w, key("k"))
		clock.advance(second)
		require.False(t, exists(t, e, key("k")))
		require.True(t, stale(t, e, &w))
	})
	t.Run("is dropped by a transaction that fails", func(t *testing.T) {
		e, clock := setup(t)
		var w Watch
		e.Watch(&w, key("k"))
		clock.advance(second)
		tx := e.BeginKey(key("k"))
		_, err := tx.Peek(key("k"))
		require.NoError(t, err)
		tx.Rollback()
		require.True(t, stale(t, e, &w))
	})
	t.Run("had expired before", func(t *testing.T) {
		e, clock := setup(t)
		clock.advance(second)
		var w Watch
		e.Watch(&w, key("k"))
		require.False(t, stale(t, e, &w))
		require.False(t, exists(t, e, key("k")), "whoever looks deletes it")
		require.False(t, stale(t, e, &w), "to the watch it was not there before")
		put(t, e, "k")
		require.True(t, stale(t, e, &w))
	})
	t.Run("had expired before and is written", func(t *testing.T) {
		e, clock := setup(t)
		clock.advance(second)
		var w Watch
		e.Watch(&w, key("k"))
		put(t, e, "k")
		require.True(t, stale(t, e, &w))
	})
	t.Run("is watched again after it has expired", func(t *testing.T) {
		e, clock := setup(t)
		var w Watch
		e.Watch(&w, key("k"))
		clock.advance(second)
		e.Watch(&w, key("k"))
		require.True(t, stale(t, e, &w), "the watch is as old as it was")
	})
}
