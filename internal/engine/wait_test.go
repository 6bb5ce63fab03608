package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// park makes a waiter for any element of a list.
func park(e *Engine, keys ...Key) *Waiter {
	w := &Waiter{Keys: keys, Kind: List, Try: func(tx *Tx) error {
		for _, k := range keys {
			if ent, err := tx.Peek(k); err != nil || ent != nil {
				_, err := tx.ListPop(k, false, 1)
				return err
			}
		}
		return ErrEmpty
	}}
	e.Begin(keys, false, false).Park(w)
	return w
}

// TestCancelAfterServing: who was served stays served, whatever comes after.
func TestCancelAfterServing(t *testing.T) {
	e := newEngine(t, Options{})
	a, b := key("a"), key("b")
	served, other := park(e, a, b, a), park(e, b)
	require.EqualValues(t, 2, e.Stats().Waiting)
	change(t, e, func(tx *Tx) error { _, err := tx.ListPush(a, true, []byte("v")); return err })
	<-served.Done()
	require.Zero(t, e.Len(0))
	require.False(t, e.Cancel(served))
	require.True(t, e.Cancel(other))
	require.False(t, e.Cancel(other), "once is enough")
	require.Zero(t, e.Stats().Waiting)
	for i := range e.stripes {
		require.Nil(t, e.stripes[i].interest, "nobody is left")
	}
}

// TestWaitersOfOneTransaction: a transaction that brings several keys something
// serves the waiters of each, after it, and each is a record of its own.
func TestWaitersOfOneTransaction(t *testing.T) {
	e, log := newEngine(t, Options{}), new(tape)
	e.Attach(e.Tap(log.sink))
	a, b := key("a"), key("b")
	first, second := park(e, a, b), park(e, a, b)
	change(t, e, func(tx *Tx) error {
		if _, err := tx.ListPush(b, true, []byte("1")); err != nil {
			return err
		}
		_, err := tx.ListPush(a, true, []byte("2"))
		return err
	})
	<-first.Done()
	<-second.Done()
	require.Zero(t, e.Len(0))
	require.Equal(t, 3, log.len())
	require.Equal(t, e.Dump(), log.replay(t, Options{}).Dump())
	checkAccounts(t, e)
}

// TestRollbackServesNobody: what was undone wakes no waiter.
func TestRollbackServesNobody(t *testing.T) {
	e := newEngine(t, Options{})
	w := park(e, key("a"))
	tx := e.Begin(nil, true, true)
	_, err := tx.ListPush(key("a"), true, []byte("v"))
	require.NoError(t, err)
	tx.Rollback()
	require.True(t, e.Cancel(w))
}
