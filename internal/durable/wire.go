package durable

import (
	"context"
	"errors"
	"fmt"
)

// What a server asks of a keeper, of which some is asked inside a transaction.

// Saving reports whether a snapshot is under way, whatever for.
func (k *Keeper) Saving() (is bool) {
	k.note(func(s *status) { is = s.underWay })
	return is
}

// Rewriting reports whether the log is being rewritten.
func (k *Keeper) Rewriting() (is bool) {
	k.note(func(s *status) { is = s.underWay && s.why == rewriting })
	return is
}

// LastSave is when the last snapshot was taken that is durable, or the keeper was opened;
// in unix milliseconds.
func (k *Keeper) LastSave() (at int64) {
	k.note(func(s *status) { at = s.lastSave })
	return at
}

// SaveNext takes a snapshot in the background when the one under way has ended.
func (k *Keeper) SaveNext() { k.next(byHand) }

// RewriteNext rewrites the log in the background when the snapshot under way has ended.
func (k *Keeper) RewriteNext() { k.next(rewriting) }

func (k *Keeper) next(why reason) {
	already := false
	k.note(func(s *status) { already, s.scheduled[why] = s.scheduled[why], true })
	if already {
		return
	}
	k.background(func(ctx context.Context) {
		err := k.awaitTurn(ctx)
		k.note(func(s *status) { s.scheduled[why] = false })
		if err == nil {
			_ = k.saveWithTurn(ctx, why) // Status tells
		}
	})
}

// Scheduled reports whether a snapshot, and whether a rewriting of the log, will begin
// when the snapshot under way has ended.
func (k *Keeper) Scheduled() (saving, rewritten bool) {
	k.note(func(s *status) { saving, rewritten = s.scheduled[byHand], s.scheduled[rewriting] })
	return saving, rewritten
}

// IsDurable reports whether a position is on disk.
func (k *Keeper) IsDurable(position int64) bool { return k.journal.durable.Load() >= position }

// LastSave says whether there is a snapshot at the end.
type LastSave uint8

// Whether there is a snapshot at the end.
const (
	SaveByRules LastSave = iota // if there are rules for snapshots
	SaveLast
	SaveNever
)

// Finish makes durable what is to be kept: it saves if that is wanted, and syncs the log.
// Close takes a further snapshot only if something has changed since, as a write that was
// let in before and was late. No write is let in from now on, until Close,
// as it would be acknowledged and not kept; unless Finish fails, and force is not set.
// (SHUTDOWN)
func (k *Keeper) Finish(ctx context.Context, last LastSave, force bool) error {
	release := k.eng.Hold()
	err := k.finish(ctx, last)
	if err != nil && !force {
		release()
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.release = release
	return nil
}

func (k *Keeper) finish(ctx context.Context, last LastSave) error {
	var err error
	if last == SaveLast || last == SaveByRules && k.snaps != nil && len(k.Config().Rules) > 0 {
		err = k.SaveInTurn(ctx)
	}
	k.unsaved.Store(last == SaveNever)
	if k.LogOn() {
		err = errors.Join(err, k.journal.await(ctx, k.eng.Position(), asked))
	}
	return err
}

// SaveInTurn is Save that waits for the snapshot under way.
func (k *Keeper) SaveInTurn(ctx context.Context) error {
	if k.snaps == nil {
		return ErrNoPlace
	}
	if err := k.awaitTurn(ctx); err != nil {
		return err
	}
	defer k.giveTurn()
	return k.save(ctx, hurried, waitedFor)
}

// CanSave fails if there is no place for snapshots.
func (k *Keeper) CanSave() error {
	if k.snaps == nil {
		return ErrNoPlace
	}
	return nil
}

// CanLog fails if there is no place for a log and snapshots.
func (k *Keeper) CanLog() error {
	if k.log == nil || k.snaps == nil {
		return ErrNoPlace
	}
	return nil
}

// SwitchLog is SetLog that does not wait, for a caller in a transaction.
func (k *Keeper) SwitchLog(on bool) {
	k.background(func(ctx context.Context) { _ = k.SetLog(ctx, on) }) // Status tells
}

// String is the policy's name in Redis.
func (p Policy) String() string {
	if int(p) < len(policyNames) {
		return policyNames[p]
	}
	return fmt.Sprintf("Policy(%d)", p)
}

var policyNames = [...]string{EverySecond: "everysec", Always: "always", Never: "no"}

// ParsePolicy finds a policy by its name in Redis.
func ParsePolicy(name string) (Policy, bool) {
	for p, n := range policyNames {
		if n == name {
			return Policy(p), true
		}
	}
	return 0, false
}

// MarshalText gives the policy's name in Redis.
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText takes such a name.
func (p *Policy) UnmarshalText(name []byte) error {
	found, ok := ParsePolicy(string(name))
	if !ok {
		return fmt.Errorf("reside: no such policy: %q (there are everysec, always and no)", name)
	}
	*p = found
	return nil
}
