package durable

import (
	"context"
	"errors"
	"fmt"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// Restore puts the content of a snapshot in the place of all that an engine has, in one
// moment, when all of it is read. If k keeps the engine, Restore returns when the new
// content is durable. On error the old one is there still, but for ErrNotDurable: the new
// one stands, and is made durable when the disk is well.
func Restore(ctx context.Context, e *engine.Engine, k *Keeper, in persist.SnapshotReader) error {
	other, err := ReadAside(ctx, e, in, nil)
	if err != nil {
		return err
	}
	return Replace(ctx, e, k, other)
}

// Replace is Restore of a content that an engine made by ReadAside or Sibling has. That
// one is closed, on error too.
func Replace(ctx context.Context, e *engine.Engine, k *Keeper, other *engine.Engine) error {
	if k != nil {
		return k.refill(ctx, other)
	}
	return e.RefillAt(other, func(tx *engine.Tx) (int64, error) { return tx.Position() + 1, nil })
}

// ReadAside reads a snapshot into an engine of its own, whose keys do not expire before
// Replace. It tells of the progress, unless tell is nil.
func ReadAside(ctx context.Context, e *engine.Engine, in persist.SnapshotReader, tell func(Progress)) (*engine.Engine, error) {
	if tell == nil {
		tell = func(Progress) {}
	}
	other := e.Sibling()
	r := other.Recover()
	err := load(ctx, other, r, in, tell)
	if err = errors.Join(err, r.End(nil)); err != nil {
		other.Close()
		return nil, err
	}
	return other, nil
}

// refill takes over the content of another engine. Writers wait until it is durable.
func (k *Keeper) refill(ctx context.Context, other *engine.Engine) error {
	if err := k.awaitTurn(ctx); err != nil {
		other.Close()
		return err
	}
	defer k.giveTurn()
	release := k.eng.Hold()
	defer release()
	err := errNotYet
	for err == errNotYet && ctx.Err() == nil {
		k.journal.flushIf(func() bool { return true }, true)
		err = k.eng.RefillAt(other, k.rebase)
	}
	if err != nil {
		other.Close()
		return err
	}
	return k.saveAnew(ctx)
}

// saveAnew makes durable what has replaced all there was. If that fails the keeper goes
// on trying.
func (k *Keeper) saveAnew(ctx context.Context) error {
	if k.snaps == nil {
		return nil
	}
	err := k.save(ctx, hurried, byHand)
	if k.journal.failed() {
		k.mendSoon()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotDurable, err)
	}
	return nil
}

// errNotYet: records are on their way to the log.
var errNotYet = errors.New("durable: records wait for the log")

// rebase gives the content that the engine is about to have its position.
func (k *Keeper) rebase(tx *engine.Tx) (position int64, err error) {
	position = tx.Position() + 1
	if !k.journal.rebase(k.History(), position) {
		return 0, errNotYet
	}
	return position, nil
}

// Reload takes a snapshot, reads it back, and puts what was read in the place of all that
// there is, which it should be equal to. Writers wait meanwhile. (DEBUG RELOAD)
func (k *Keeper) Reload(ctx context.Context) error {
	if k.snaps == nil {
		return ErrNoPlace
	}
	release := k.eng.Hold()
	defer release()
	for {
		if err := k.Save(ctx); err != nil {
			return err
		}
		in, err := k.snaps.Open(ctx)
		if err != nil {
			return err
		}
		other, err := ReadAside(ctx, k.eng, in, nil)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
		err = k.eng.RefillAt(other, sameAs(in.About().Position))
		if err == nil {
			return nil
		}
		other.Close()
		if err != errNotYet {
			return err
		}
	}
}

// sameAs accepts a content that is the engine's own of a position, if that is the
// engine's still: something may have expired meanwhile.
func sameAs(position int64) func(tx *engine.Tx) (int64, error) {
	return func(tx *engine.Tx) (int64, error) {
		if tx.Position() != position {
			return 0, errNotYet
		}
		return position, nil
	}
}
