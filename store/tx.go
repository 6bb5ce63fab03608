package store

import (
	"context"
	"errors"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// Tx is a running transaction. Handles join it with their In method, and it has
// the operations on keys that a Store has. It ends with the function it was
// handed to; a Tx kept longer is refused with ErrTxDone. One goroutine uses it.
type Tx struct {
	keyspace
	state command.TxState
}

// TxFunc is what runs as a transaction. It uses tx, or handles that joined it,
// and hands its own ctx on.
type TxFunc func(ctx context.Context, tx *Tx) error

// Update runs fn as one transaction: nobody sees it half done, and when fn returns
// an error or panics everything it did is undone. Handles work inside it
// through tx. Keys that are known beforehand should be named, then they are
// locked at once; others are locked when they are touched, for which
// everything may have to be undone and fn run again: it should have no effect
// outside the transaction.
//
// With the inner ctx, a nested Update or a handle that did not join the
// transaction fails with ErrInTx where it would have to wait for this one.
// Blocking calls do not block inside: they fail with ErrEmpty.
//
// Redis: MULTI, EXEC, DISCARD
func (s *Store) Update(ctx context.Context, fn TxFunc, keys ...string) error {
	return s.transact(ctx, fn, keys, false, nil)
}

// View is Update for a function that only reads: a write inside it fails with
// ErrReadOnly.
func (s *Store) View(ctx context.Context, fn TxFunc, keys ...string) error {
	return s.transact(ctx, fn, keys, true, nil)
}

// transact runs fn until it needs no restart. With w it fails with ErrChanged if a
// watched key was changed.
func (s *Store) transact(ctx context.Context, fn TxFunc, names []string, readOnly bool, w *engine.Watch) error {
	full, err := s.admit(ctx)
	if err == nil && !readOnly {
		err = s.eng.Admit(ctx)
	}
	if err != nil {
		return err
	}
	var local [8]engine.Key
	keys := local[:0]
	for _, n := range names {
		keys = append(keys, s.key(n))
	}
	if w != nil {
		keys = append(keys, w.Keys()...)
	}
	etx, err := s.eng.BeginCtx(ctx, keys, false, true)
	if err != nil {
		return err
	}
	if etx.Crowded() && !readOnly && !s.eng.InTx(ctx) {
		etx, err = etx.MakeRoom()
		full = err != nil
	}
	inner := s.eng.WithTx(ctx)
	for {
		tx := newTx(s, etx, readOnly)
		tx.state.Full = full
		err, again := tx.try(ctx, inner, fn, w)
		if !again {
			return err
		}
		if etx, err = etx.RestartCtx(ctx); err != nil {
			return err
		}
	}
}

// admit refuses a transaction that must not start, and makes room for what it may
// add; full is true if there is none.
func (s *Store) admit(ctx context.Context) (full bool, err error) {
	if s.eng.Closed() {
		return false, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if s.eng.Config().MaxMemory != 0 && !s.eng.InTx(ctx) {
		full = s.eng.MakeRoom() != nil
	}
	return full, nil
}

func newTx(s *Store, etx *engine.Tx, readOnly bool) *Tx {
	tx := &Tx{state: command.TxState{Tx: etx, ReadOnly: readOnly}}
	tx.keyspace = keyspace{command.Target{Engine: s.eng, Tx: &tx.state}, s.db}
	return tx
}

// try runs fn once and ends the engine's transaction unless it has to run again.
func (tx *Tx) try(outer, inner context.Context, fn TxFunc, w *engine.Watch) (err error, again bool) {
	etx, ended := tx.state.Tx, false
	e := etx.Engine()
	defer func() {
		tx.state.Refused = ErrTxDone
		if !ended { // fn panics
			etx.Rollback()
		}
	}()
	err = tx.check(w)
	if err == nil {
		err = fn(inner, tx)
	}
	ended = true
	switch {
	case tx.state.Spoiled || errors.Is(err, engine.ErrRestart):
		return nil, true
	case err != nil:
		_ = e.Settle(outer, etx.Rollback())
		return err, false
	}
	return e.Settle(outer, etx.Commit()), false
}

// check fails if a watched key was changed.
func (tx *Tx) check(w *engine.Watch) error {
	if w == nil {
		return nil
	}
	stale, err := tx.state.Tx.Stale(w)
	if stale {
		err = ErrChanged
	}
	return err
}

// Select returns the same transaction seen through another database. It panics if
// there is no such database.
//
// Redis: SELECT
func (tx *Tx) Select(db int) *TxView {
	mustExist(tx.at.Engine, db)
	return &TxView{keyspace{tx.at, db}}
}

// TxView is a transaction seen through another database. It ends with the
// transaction.
type TxView struct{ keyspace }
