package redistest

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// TestEndClosesWhatIsOpen leaves clients, waits and a port to the end of the test.
func TestEndClosesWhatIsOpen(t *testing.T) {
	rec := &recorder{TB: t}
	var s *Server
	waited := make(chan error, 1)
	failed := rec.run(func() {
		s = New(rec, Options{})
		_ = s.Addr()
		p := dial(t, s)
		p.do("SET k v EX 100", "+OK\r\n")
		p.send("BLPOP list 0\r\n")
		go func() {
			_, err := types.NewList[string](s.Store(), "other").WaitPopFront(context.Background())
			waited <- err
		}()
		require.True(t, eventually(func() bool { return s.Store().Stats().Waiting == 2 }))
		require.NotEmpty(t, s.goroutines())
	})
	require.Empty(t, failed)
	require.ErrorIs(t, <-waited, store.ErrClosed)
	require.Empty(t, s.goroutines())
}

// TestLeftGoroutineIsReported starts one as the fake's own.
func TestLeftGoroutineIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // its patience is virtual
		rec, end := &recorder{TB: t}, make(chan struct{})
		failed := rec.run(func() {
			s, other := New(rec, Options{}), New(rec, Options{})
			s.own(func() { go leftBehind(end) })
			require.Empty(t, other.goroutines())
		})
		close(end)
		require.Contains(t, failed, "redistest: goroutines are left:\n1 @ ")
		require.Contains(t, failed, "redistest.leftBehind")
	})
}

func leftBehind(end chan struct{}) { <-end }

// TestLeftWaiterIsReported parks a caller that does not hear of the store's end.
func TestLeftWaiterIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := &recorder{TB: t}
		failed := rec.run(func() {
			e := store.Engine(New(rec, Options{}).Store())
			k := engine.KeyOf([]byte("k"))
			e.BeginKey(k).Park(&engine.Waiter{Keys: []engine.Key{k}, Kind: engine.List})
		})
		require.Equal(t, "redistest: 1 callers still wait for a key\n", failed)
	})
}

// TestMiscountIsReported changes a value behind the engine's back.
func TestMiscountIsReported(t *testing.T) {
	rec := &recorder{TB: t}
	failed := rec.run(func() {
		s := New(rec, Options{})
		dial(t, s).do("SADD s 1 2 3", ":3\r\n")
		e, k := store.Engine(s.Store()), engine.KeyOf([]byte("s"))
		tx := e.BeginKey(k)
		entry, err := tx.Peek(k)
		require.NoError(t, err)
		entry.Object().Restore("hashtable")
		tx.Commit()
	})
	require.Regexp(t, `^redistest: the keys add up to \d+ bytes, but \d+ are accounted for\n$`, failed)
}
