package durable

import "context"

// LogOn reports whether records are written to the log.
func (k *Keeper) LogOn() bool {
	k.journal.mu.Lock()
	defer k.journal.mu.Unlock()
	return k.journal.state != off
}

// SetLog switches the log on or off, on when the snapshot under way has ended. On it is, for all that was changed since, once a
// snapshot is durable that it goes on from; until then a write is not waited for. Off it
// keeps what it has; an error says that this is not all, as the disk has failed. It is off
// all the same, and writes are no longer refused for it.
func (k *Keeper) SetLog(ctx context.Context, on bool) error {
	switch {
	case k.log == nil || k.snaps == nil:
		return ErrNoPlace
	case on == k.LogOn():
		return nil
	case !on:
		k.eng.Attach(nil)
		_, err := k.journal.stop()
		k.forgive()
		return err
	}
	if err := k.awaitTurn(ctx); err != nil {
		return err
	}
	defer k.giveTurn()
	if k.LogOn() {
		return nil // somebody was quicker
	}
	return k.save(ctx, hurried, openingLog)
}
