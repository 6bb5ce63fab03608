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
	Tx       *engine.Tx
	Spoiled  bool  // an op needs a restart, even if its caller drops the error
	Refused  error // why no op may run: the transaction has ended; nil while it runs
	ReadOnly bool  // no op may write
	Full     bool  // memory was used up when it began, so no op may add to it
}

// Do runs the row's op on one key and hands the result to take, which must copy
// what it keeps. It takes the lock unless t is inside a transaction.
func (r *Row[A, R]) Do(ctx context.Context, t Target, key engine.Key, a A, take func(R) error) error {
	if t.Tx != nil {
		return r.within(t.Tx, a, take)
	}
	if err := r.admit(ctx, t.Engine); err != nil {
		return err
	}
	tx, err := r.begin(ctx, t.Engine, key)
	if err != nil {
		return err
	}
	return r.finish(ctx, tx, a, take)
}

// begin starts a transaction on one key. Others may read it at the same time if the op
// only reads and may take long.
func (r *Row[A, R]) begin(ctx context.Context, e *engine.Engine, key engine.Key) (*engine.Tx, error) {
	if r.together {
		return e.ReadKeyCtx(ctx, key)
	}
	return e.BeginKeyCtx(ctx, key)
}

// readsTogether tells whether goroutines that call the command are worth letting in
// together: where many look at one collection they would wait for one another. A string
// is read so fast that the lock which allows it would cost more than it gains.
func (i *Info) readsTogether() bool {
	return i.Flags.Has(ReadOnly) && (i.Group == "hash" || i.Group == "list" || i.Group == "set" || i.Group == "sorted_set")
}

// DoKeys is Do for any number of keys.
func (r *Row[A, R]) DoKeys(ctx context.Context, t Target, keys []engine.Key, a A, take func(R) error) error {
	if t.Tx != nil {
		return r.within(t.Tx, a, take)
	}
	if err := r.admit(ctx, t.Engine); err != nil {
		return err
	}
	tx, err := t.Engine.BeginCtx(ctx, keys, r.Flags.Has(WholeStore), false)
	if err != nil {
		return err
	}
	return r.finish(ctx, tx, a, take)
}

// Value is Do for results that borrow nothing from the engine.
func (r *Row[A, R]) Value(ctx context.Context, t Target, key engine.Key, a A) (v R, err error) {
	err = r.Do(ctx, t, key, a, func(res R) error {
		v = res
		return nil
	})
	return v, err
}

// ValueKeys is DoKeys for results that borrow nothing from the engine.
func (r *Row[A, R]) ValueKeys(ctx context.Context, t Target, keys []engine.Key, a A) (v R, err error) {
	err = r.DoKeys(ctx, t, keys, a, func(res R) error {
		v = res
		return nil
	})
	return v, err
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
	if r.Flags.Has(Write) {
		return e.Admit(ctx)
	}
	return nil
}

// finish runs the op until it needs no restart, and ends the transaction.
func (r *Row[A, R]) finish(ctx context.Context, tx *engine.Tx, a A, take func(R) error) error {
	tx, res, err := r.persist(ctx, tx, a)
	if tx == nil {
		return err
	}
	if err == nil {
		err = take(res)
	}
	return settle(ctx, tx, err)
}

// settle ends a transaction and waits until what it did and saw may be shown.
func settle(ctx context.Context, tx *engine.Tx, err error) error {
	e := tx.Engine()
	if failed := e.Settle(ctx, tx.Commit()); err == nil {
		err = failed
	}
	return err
}

// persist runs the op until it needs no restart. The transaction goes on in the one
// that is returned; nil if it has ended.
func (r *Row[A, R]) persist(ctx context.Context, tx *engine.Tx, a A) (_ *engine.Tx, res R, err error) {
	if r.Flags.Has(DenyOOM) && tx.Crowded() && !tx.Engine().InTx(ctx) {
		if tx, err = tx.MakeRoom(); err != nil {
			return tx, res, err
		}
	}
	res, err = r.run(tx, a)
	for err == engine.ErrRestart {
		if tx, err = tx.RestartCtx(ctx); err != nil {
			return nil, res, err
		}
		res, err = r.run(tx, a)
	}
	return tx, res, err
}

// within runs the op inside a transaction that goes on.
func (r *Row[A, R]) within(s *TxState, a A, take func(R) error) error {
	switch {
	case s.Refused != nil:
		return s.Refused
	case s.Spoiled:
		return engine.ErrRestart
	case s.ReadOnly && r.Flags.Has(Write):
		return engine.ErrReadOnly
	case s.Full && r.Flags.Has(DenyOOM):
		return engine.ErrNoMemory
	}
	res, err := r.run(s.Tx, a)
	if err == engine.ErrRestart {
		s.Spoiled = true
	}
	if err == nil {
		err = take(res)
	}
	s.Tx.Forget()
	return err
}
