package durable

import (
	"context"
	"errors"
	"fmt"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// reason is why a snapshot is taken.
type reason uint8

const (
	byHand     reason = iota // in the background
	waitedFor                // by a caller, who is told himself if it fails
	byRule                   // see look
	rewriting                // to make the log shorter
	mendingLog               // the log has failed
	openingLog               // the log is switched on
	reasons
)

// Save takes a snapshot, with all processors, and returns when it is durable: ErrSaving
// if one is under way.
func (k *Keeper) Save(ctx context.Context) error {
	if k.snaps == nil {
		return ErrNoPlace
	}
	if !k.tryTurn() {
		return ErrSaving
	}
	defer k.giveTurn()
	return k.save(ctx, hurried, waitedFor)
}

// SaveInBackground begins a snapshot. Status tells what becomes of it.
func (k *Keeper) SaveInBackground() error { return k.begin(byHand) }

// Rewrite begins a snapshot from which the log goes on, and drops what the log had
// before. Status tells what becomes of it.
func (k *Keeper) Rewrite() error { return k.begin(rewriting) }

func (k *Keeper) tryTurn() bool {
	select {
	case k.turn <- struct{}{}:
		return true
	default:
		return false
	}
}

// awaitTurn waits for the turn, which the caller has then to give back.
func (k *Keeper) awaitTurn(ctx context.Context) error {
	select {
	case k.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (k *Keeper) giveTurn() { <-k.turn }

// begin begins a snapshot in the background.
func (k *Keeper) begin(why reason) error {
	if k.snaps == nil {
		return ErrNoPlace
	}
	if !k.tryTurn() {
		return ErrSaving
	}
	k.note(func(s *status) { s.begin(why, k.eng.Now()) })
	if !k.background(func(ctx context.Context) { _ = k.saveWithTurn(ctx, why) }) {
		k.giveTurn()
		return engine.ErrClosed
	}
	return nil
}

// saveWithTurn takes a snapshot in the background and gives the turn back.
func (k *Keeper) saveWithTurn(ctx context.Context, why reason) error {
	defer k.giveTurn()
	return k.save(ctx, gently, why)
}

// note changes the status.
func (k *Keeper) note(change func(*status)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change(&k.status)
}

// save takes a snapshot to the keeper's own place. A segment of the log begins there, and
// what came before is dropped; a log that has failed is mended by it. The caller has the
// turn.
func (k *Keeper) save(ctx context.Context, how pace, why reason) error {
	k.note(func(s *status) { s.begin(why, k.eng.Now()) })
	t := taking{eng: k.eng, how: how, counts: &k.status.counts, at: func(tx *engine.Tx) string {
		k.atCut(tx, why)
		return k.History()
	}}
	about, err := t.to(ctx, k.snaps)
	if err == nil {
		err = k.advance(about.Position)
	}
	if err != nil && k.journal.giveUp(err) {
		k.eng.Attach(nil)
	}
	k.note(func(s *status) { s.end(about.Position, k.eng.Now(), err) })
	if err == nil || why != waitedFor {
		k.judge(err)
	}
	k.look()
	return err
}

// atCut runs while the cut is made.
func (k *Keeper) atCut(tx *engine.Tx, why reason) {
	if why == openingLog {
		tx.Attach(k.journal)
		k.journal.open(k.log, k.History(), tx.Position())
		return
	}
	k.journal.atCut(tx.Position())
}

// advance lets the log go on from a snapshot that is durable.
func (k *Keeper) advance(position int64) error {
	if !k.LogOn() {
		return nil
	}
	mended, err := k.journal.mend(position)
	if err != nil {
		return err
	}
	k.journal.flushIf(func() bool { return mended && k.journal.waits() || len(k.journal.begins) > 0 }, mended)
	// What cannot be removed is no failure of the snapshot, and the next one tries again.
	_ = k.journal.withLog(func(log persist.Log) error { return log.Trim(position) })
	return nil
}

// judge makes writes be refused after a snapshot has failed, if there are rules for
// them, and no more after one has succeeded.
func (k *Keeper) judge(err error) {
	config := k.Config()
	switch {
	case err == nil:
		k.eng.Refuse(nil)
	case len(config.Rules) > 0 && !config.GoOn && !errors.Is(err, context.Canceled):
		k.eng.Refuse(fmt.Errorf("%w: %w: %w", engine.ErrDisk, engine.ErrUnsaved, err))
	}
}
