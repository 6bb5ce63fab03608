package command

import (
	"context"

	"github.com/residedb/reside/internal/engine"
)

// Target is where a typed handle works: an engine, or a transaction on it.
type Target struct {
	Engine *engine.Engine
	Tx     *TxState // nil outside a transaction
}

// TxState is a transaction as handles see it. It outlives the engine's, so that a
// handle which is used too late is refused.
type TxState struct {
	Tx      *engine.Tx
	Spoiled bool // an op needs a restart, even if its caller drops the error
	Over    bool // the transaction has ended
}

// Do runs the row's op on one key and hands the result to take, which must copy
// what it keeps. It takes the lock unless t is inside a transaction.
func (r *Row[A, R]) Do(ctx context.Context, t Target, key engine.Key, a A, take func(R) error) error {
	if t.Tx != nil {
		return r.within(t, a, take)
	}
	if err := r.admit(ctx, t.Engine); err != nil {
		return err
	}
	tx, err := t.Engine.BeginKeyCtx(ctx, key)
	if err != nil {
		return err
	}
	return r.finish(tx, a, take)
}

// DoKeys is Do for any number of keys.
func (r *Row[A, R]) DoKeys(ctx context.Context, t Target, keys []engine.Key, a A, take func(R) error) error {
	if t.Tx != nil {
		return r.within(t, a, take)
	}
	if err := r.admit(ctx, t.Engine); err != nil {
		return err
	}
	tx, err := t.Engine.BeginCtx(ctx, keys, r.Flags.Has(WholeStore), false)
	if err != nil {
		return err
	}
	return r.finish(tx, a, take)
}

// admit refuses calls that must not start.
func (r *Row[A, R]) admit(ctx context.Context, e *engine.Engine) error {
	if e.Closed() {
		return engine.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if e.Config().MaxMemory != 0 && !e.InTx(ctx) {
		if err := e.MakeRoom(); err != nil && r.Flags.Has(DenyOOM) {
			return err
		}
	}
	return nil
}

// finish runs the op until it needs no restart, and ends the transaction.
func (r *Row[A, R]) finish(tx *engine.Tx, a A, take func(R) error) error {
	res, err := r.op(tx, a)
	for err == engine.ErrRestart {
		tx = tx.Restart()
		res, err = r.op(tx, a)
	}
	if err == nil {
		err = take(res)
	}
	tx.Commit()
	return err
}

// within runs the op inside a transaction that goes on.
func (r *Row[A, R]) within(t Target, a A, take func(R) error) error {
	switch {
	case t.Tx.Over:
		return engine.ErrTxDone
	case t.Tx.Spoiled:
		return engine.ErrRestart
	}
	res, err := r.op(t.Tx.Tx, a)
	if err == engine.ErrRestart {
		t.Tx.Spoiled = true
	}
	if err == nil {
		err = take(res)
	}
	return err
}

// DoWait is DoKeys for a blocking row: when the op finds nothing it waits until
// somebody brings a key something or ctx ends. Inside a transaction it does
// not wait: engine.ErrEmpty. take may run in the goroutine that brought it.
func (r *Row[A, R]) DoWait(ctx context.Context, t Target, a A, take func(R) error) error {
	if t.Tx != nil {
		return r.within(t, a, take)
	}
	if err := r.admit(ctx, t.Engine); err != nil {
		return err
	}
	how := r.wait(&a)
	all := append(append([]engine.Key(nil), how.Keys...), how.More...)
	tx, err := t.Engine.BeginCtx(ctx, all, false, false)
	if err != nil {
		return err
	}
	res, err := r.op(tx, a)
	if err != engine.ErrEmpty {
		if err == nil {
			err = take(res)
		}
		tx.Commit()
		return err
	}
	return r.park(ctx, tx, how, a, take)
}

func (r *Row[A, R]) park(ctx context.Context, tx *engine.Tx, how *Wait, a A, take func(R) error) error {
	var result error
	w := &engine.Waiter{Keys: how.Keys, More: how.More, Kind: how.Kind, Try: func(tx *engine.Tx) error {
		res, err := r.op(tx, a)
		if err == nil {
			err = take(res)
		}
		result = err
		return err
	}}
	e := tx.Engine()
	tx.Park(w)
	select {
	case <-w.Done():
		return result
	case <-ctx.Done():
		if e.Cancel(w) {
			return ctx.Err()
		}
		return result
	}
}
