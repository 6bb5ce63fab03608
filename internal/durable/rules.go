package durable

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/residedb/reside/internal/engine"
)

// watch is what the rules wait for.
type watch struct {
	timer engine.Timer // nil for none
	last  int64        // the position when the keeper looked last
}

// What paces the rules.
const (
	lookEvery  = time.Second     // while changes go on and are too few for a rule
	retryAfter = 5 * time.Second // when a snapshot has failed

	never = time.Duration(1<<63 - 1)
)

// look takes a snapshot if a rule asks for one. If not, it sees to it that the keeper
// looks again when the time of a rule has come, after a change, or while changes go on:
// a store that rests has a timer at most.
func (k *Keeper) look() {
	rules := k.Config().Rules
	if k.snaps == nil || len(rules) == 0 {
		return
	}
	position := k.eng.Position()
	var due, moved bool
	var next time.Duration
	k.note(func(s *status) {
		due, next = s.due(rules, position, k.eng.Now())
		moved = position != k.watch.last
		k.watch.last = position
	})
	if due {
		if k.begin(byRule) == nil {
			return // and looks when it has ended
		}
		next = lookEvery
	}
	if moved {
		next = min(next, lookEvery)
	} else {
		k.eng.OnChange(k.look)
	}
	k.lookIn(next)
}

// lookIn makes the keeper look after d, and not when it was going to.
func (k *Keeper) lookIn(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.watch.timer != nil {
		k.watch.timer.Stop()
		k.watch.timer = nil
	}
	if d == never || k.closed {
		return
	}
	k.watch.timer = k.eng.Clock().AfterFunc(d, func() {
		k.background(func(context.Context) { k.look() })
	})
}

// flushed hears what became of records on their way to the log.
func (k *Keeper) flushed(err error) {
	if err != nil {
		k.eng.Refuse(fmt.Errorf("%w: %w", engine.ErrDisk, err))
		k.mendSoon()
		return
	}
	config := k.config.Load()
	if config.GrowthPercent == 0 {
		return
	}
	size := k.log.Size()
	if size < config.GrowthLeast {
		return
	}
	grown := false
	k.note(func(s *status) {
		now := k.eng.Now()
		s.tell(now)
		grown = size >= s.base/100*int64(config.GrowthPercent) && now >= s.failed+retryAfter.Milliseconds()
	})
	if grown {
		_ = k.begin(rewriting) // unless a snapshot is under way
	}
}

// What paces the mending of a log.
const (
	firstMend = 100 * time.Millisecond
	lastMend  = 10 * time.Second
)

// mendSoon sees to it that a log that has failed is mended.
func (k *Keeper) mendSoon() {
	already := false
	k.note(func(*status) { already, k.healer = k.healer, true })
	if k.snaps != nil && !already {
		k.mendIn(firstMend)
	}
}

// mendIn takes a snapshot, from which a log that has failed can go on, after d; and
// again, later and later, until that succeeds.
func (k *Keeper) mendIn(d time.Duration) {
	k.later(d, func(ctx context.Context) {
		if k.journal.failed() && k.tryTurn() {
			_ = k.saveWithTurn(ctx, mendingLog)
		}
		if k.journal.failed() {
			k.mendIn(min(2*d, lastMend))
			return
		}
		k.note(func(*status) { k.healer = false })
		if k.forgive(); k.journal.failed() { // again, while nobody else would look after it
			k.mendSoon()
		}
	})
}

// forgive ends the refusal of writes for what the log has met.
func (k *Keeper) forgive() {
	if err := k.eng.Refusal(); err != nil && !errors.Is(err, engine.ErrUnsaved) {
		k.eng.Refuse(nil)
	}
}
