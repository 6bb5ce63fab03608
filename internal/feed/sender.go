package feed

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
)

// sender is one stream to a follower.
type sender struct {
	feed     *Feed
	to       replicate.Follower
	patience time.Duration
	cancel   context.CancelCauseFunc
	wake     chan struct{} // has a token when there is something new
	list     []persist.Record

	next    int64  // the position that it reads next
	history string // what the follower takes the line for
	lost    bool   // the stream cannot go on
}

// patience of a stream without other wishes.
const patience = time.Minute

// Replicate tells a follower of what the engine has and of every record from then on,
// until ctx ends, which is what it returns then, or the follower fails or is too slow.
func (f *Feed) Replicate(ctx context.Context, to replicate.Follower, o replicate.Options) error {
	if err := f.enter(); err != nil {
		return err
	}
	defer f.leave()
	for {
		err := f.stream(ctx, to, cmp.Or(o.Patience, patience))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != errReplaced && (err != replicate.ErrTooSlow || !o.Again) {
			return err
		}
	}
}

// stream is Replicate until it has to begin again.
func (f *Feed) stream(ctx context.Context, to replicate.Follower, patience time.Duration) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &sender{feed: f, to: to, patience: patience, cancel: cancel, wake: make(chan struct{}, 1)}
	defer f.remove(s)
	defer f.untilClosed(cancel)()
	err := s.run(ctx)
	if cause := context.Cause(ctx); cause != nil {
		return cause // of which the follower's error is a consequence
	}
	return err
}

// untilClosed cancels when the engine is closed, unless stop is called before.
func (f *Feed) untilClosed(cancel context.CancelCauseFunc) (stop func()) {
	over := make(chan struct{})
	go func() {
		select {
		case <-f.eng.Done():
			cancel(engine.ErrClosed)
		case <-over:
		}
	}()
	return func() { close(over) }
}

// add makes a sender one that the backlog waits for. mu is held.
func (f *Feed) add(s *sender, next int64) {
	s.next, s.history = next, f.history
	f.senders = append(f.senders, s)
}

func (f *Feed) remove(s *sender) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.senders, s); i >= 0 {
		f.senders = slices.Delete(f.senders, i, i+1)
		f.trim()
	}
}

// lose ends the stream. The feed's mu is held, and a lock of the engine may be.
func (s *sender) lose(why error) {
	if !s.lost {
		s.lost = true
		go s.cancel(why) // which tells others, who may do anything
	}
}

// rouse wakes the sender if it waits.
func (s *sender) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *sender) run(ctx context.Context) error {
	var state replicate.State
	err := s.call(func() (err error) {
		state, err = s.to.State(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if s.resume(state) {
		err = s.goOn(ctx, state.Position)
	} else {
		_, err = durable.Copy(ctx, s.feed.eng, s.begin, place{s})
	}
	for err == nil {
		err = s.step(ctx)
	}
	return err
}

// call calls the follower, which must not take too long for it.
func (s *sender) call(f func() error) error {
	timer := s.feed.eng.Clock().AfterFunc(s.patience, func() { s.cancel(replicate.ErrTooSlow) })
	defer timer.Stop()
	return f()
}

// resume reports whether all records behind a follower's state are there. If so the
// sender is at the first of them.
func (s *sender) resume(at replicate.State) bool {
	f := s.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	known := at.History == f.history || at.History == f.was && f.was != "" && at.Position <= f.named
	if !known || at.Position+1 < f.log.first() || at.Position >= f.log.next {
		return false
	}
	f.add(s, at.Position+1)
	return true
}

// begin makes the sender one at the position of a cut that is being made.
func (s *sender) begin(tx *engine.Tx) (history string) {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.add(s, tx.Position()+1)
	return s.history
}

// goOn tells the follower what the line is called that goes on from its position.
func (s *sender) goOn(ctx context.Context, position int64) error {
	return s.call(func() error { return s.to.Continue(ctx, replicate.State{History: s.history, Position: position}) })
}

// step hands some records to the follower, or waits for one.
func (s *sender) step(ctx context.Context) error {
	v, renamed, ok := s.read()
	switch {
	case renamed:
		return s.goOn(ctx, v.first-1)
	case ok:
		return s.append(ctx, v)
	}
	select {
	case <-s.wake:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// read is what comes next: some records, or a new name of the line.
func (s *sender) read() (v view, renamed, ok bool) {
	f := s.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	upTo := f.log.next - 1
	switch {
	case s.lost || !f.on:
		return v, false, false
	case s.history != f.history && s.next > f.named:
		s.history = f.history
		return view{first: s.next}, true, true
	case s.history != f.history:
		upTo = f.named
	}
	if s.next > upTo {
		return v, false, false
	}
	v = f.log.at(s.next, upTo)
	s.next = v.last() + 1
	return v, false, true
}

// append hands records to the follower, once they may be shown.
func (s *sender) append(ctx context.Context, v view) error {
	if err := s.feed.eng.Settle(ctx, engine.Mark{Position: v.last()}); err != nil {
		return err
	}
	s.list = v.appendTo(s.list[:0])
	err := s.call(func() error { return s.to.Append(ctx, s.list) })
	clear(s.list)
	return err
}

// place is where a cut is written for a follower.
type place struct{ *sender }

// Create begins a snapshot, once what it shows may be shown.
func (p place) Create(ctx context.Context, about persist.Snapshot) (w persist.SnapshotWriter, err error) {
	if err := p.feed.eng.Settle(ctx, engine.Mark{Position: about.Position}); err != nil {
		return nil, err
	}
	err = p.call(func() (err error) {
		w, err = p.to.Create(ctx, about)
		return err
	})
	return &writer{ctx, p.sender, w}, err
}

// writer is a snapshot that a follower takes.
type writer struct {
	ctx context.Context
	*sender
	to persist.SnapshotWriter
}

func (w *writer) Write(c persist.Chunk) error {
	return w.call(func() error { return w.to.Write(c) })
}

// Commit does not commit what has become too old.
func (w *writer) Commit() error {
	if err := w.ctx.Err(); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.call(w.to.Commit)
}

func (w *writer) Abort() error { return w.call(w.to.Abort) }
