package store

import (
	"context"
	"errors"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// Tx is a running transaction. Handles join it with their In method. It ends
// with the function it was handed to; a Tx kept longer is refused.
type Tx struct {
	state command.TxState
	eng   *engine.Engine
	db    int
}

func (tx *Tx) target() (command.Target, int) {
	return command.Target{Engine: tx.eng, Tx: &tx.state}, tx.db
}

// Update runs fn as one transaction on the store. Handles work inside it through
// tx; keys that are known beforehand should be named, then they are locked at
// once. Others are taken along when they are touched, for which fn may have to
// run more than once: it should have no effect outside the transaction.
//
// When fn returns an error or panics, everything it did is undone. With the
// inner ctx, a nested Update or a handle that did not join fails with ErrInTx.
func (s *Store) Update(ctx context.Context, fn func(ctx context.Context, tx *Tx) error, keys ...string) error {
	if s.eng.Closed() {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var local [8]engine.Key
	set := local[:0]
	for _, k := range keys {
		set = append(set, KeyOf(k))
	}
	etx, err := s.eng.BeginCtx(ctx, set, false, true)
	if err != nil {
		return err
	}
	inner := s.eng.WithTx(ctx)
	for {
		err, again := s.try(inner, etx, fn)
		if !again {
			return err
		}
		etx = etx.Restart()
	}
}

// try runs fn once and ends the transaction unless it has to run again.
func (s *Store) try(ctx context.Context, etx *engine.Tx, fn func(context.Context, *Tx) error) (err error, again bool) {
	tx := &Tx{eng: s.eng, db: s.db, state: command.TxState{Tx: etx}}
	ended := false
	defer func() {
		tx.state.Refused = ErrTxDone
		if !ended { // a panic
			etx.Rollback()
		}
	}()
	err = fn(ctx, tx)
	ended = true
	switch {
	case tx.state.Spoiled || errors.Is(err, engine.ErrRestart):
		return nil, true
	case err != nil:
		etx.Rollback()
	default:
		etx.Commit()
	}
	return err, false
}
