package command

import (
	"context"

	"github.com/residedb/reside/internal/engine"
)

// DoWait is DoKeys for a blocking row: when the op finds nothing it waits until
// somebody brings a key something, ctx ends or the engine is closed. Inside a
// transaction it does not wait: engine.ErrEmpty. take may run in the goroutine
// that brought the key something, so it must not block.
func (r *Row[A, R]) DoWait(ctx context.Context, t Target, a A, take func(R) error) error {
	if t.Tx != nil {
		return r.within(t.Tx, a, take)
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
	tx, res, err := r.persist(ctx, tx, a)
	if tx == nil {
		return err
	}
	if err == nil {
		err = take(res)
	}
	if err != engine.ErrEmpty {
		return settle(ctx, tx, err)
	}
	return r.park(ctx, tx, how, a, take)
}

// park waits, unless the caller holds another transaction: nobody could serve it.
func (r *Row[A, R]) park(ctx context.Context, tx *engine.Tx, how *Wait, a A, take func(R) error) error {
	e := tx.Engine()
	if e.InTx(ctx) {
		tx.Commit()
		return engine.ErrInTx
	}
	var result error
	w := &engine.Waiter{Keys: how.Keys, More: how.More, Kind: how.Kind, Try: func(tx *engine.Tx) error {
		result = r.served(tx, a, take)
		return result
	}}
	tx.Park(w)
	why := engine.ErrClosed
	select {
	case <-w.Done():
	case <-ctx.Done():
		why = ctx.Err()
	case <-e.Done():
	}
	if e.Cancel(w) {
		return why
	}
	if failed := e.Settle(ctx, w.Mark()); result == nil {
		result = failed
	}
	return result
}

// served is the attempt of a caller that waited. Memory may be used up by now.
func (r *Row[A, R]) served(tx *engine.Tx, a A, take func(R) error) error {
	if r.Flags.Has(DenyOOM) && tx.Engine().Full() {
		return engine.ErrNoMemory
	}
	res, err := r.run(tx, a)
	if err == nil {
		err = take(res)
	}
	return err
}
