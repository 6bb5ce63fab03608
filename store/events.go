package store

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/glob"
)

// EventOptions choose what EventsWith delivers, and how much waits for its reader.
// The zero value is what Events does.
type EventOptions struct {
	// Names are the events that are wanted; every one but EventNew if empty.
	Names []EventName
	// AllDatabases hears of every database, not only of the store's own.
	AllDatabases bool
	// Buffer is how many events wait for a slow reader, 1024 if 0.
	Buffer int
	// OldBytes is how many bytes of old values (as Stats.Memory counts them) the
	// events that wait may hold, 16 MiB if 0. One value may be larger.
	OldBytes int64
}

// Events is a stream of what happens to keys. It ends with Close, with the context
// that it was made with, or with the store. Goroutines that read it at the same
// time share the events out among them.
type Events struct {
	ctx    context.Context
	s      *Store
	queue  *eventQueue
	stop   func()      // listens no more
	unhook func() bool // does not wait for the context's end any more
	over   sync.Once
	done   chan struct{} // closed by Close
}

// Events begins to listen to what happens to the keys that match a pattern (see
// Keys): whatever is committed after it has returned is in the stream. Events of
// a key come in the order of the transactions, those of one transaction stand
// together, and one that is rolled back has none. FLUSHDB, FLUSHALL and SWAPDB
// have none, as in Redis. Deadlines are kept by the store itself, so a key that
// nobody looks at is told of when its time comes.
//
//	events, err := s.Events(ctx, "session:*")
//	if err != nil { ... }
//	defer events.Close()
//	for e, err := range events.All() { ... }
//
// A reader that is too slow loses events and learns it from a GapError at the place
// of the loss; writers never wait for it. Whoever has nobody listening pays
// nothing. ErrInTx inside a transaction. It waits for transactions under way.
//
// Redis: PSUBSCRIBE __keyevent@0__:*, CONFIG SET notify-keyspace-events
func (s *Store) Events(ctx context.Context, pattern string) (*Events, error) {
	return s.EventsWith(ctx, pattern, EventOptions{})
}

// EventsWith is Events with options.
func (s *Store) EventsWith(ctx context.Context, pattern string, o EventOptions) (*Events, error) {
	switch {
	case s.eng.Closed():
		return nil, ErrClosed
	case s.eng.InTx(ctx):
		return nil, ErrInTx
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case o.Buffer < 0 || o.OldBytes < 0:
		return nil, ErrOptions
	}
	if o.Buffer == 0 {
		o.Buffer = 1024
	}
	if o.OldBytes == 0 {
		o.OldBytes = 16 << 20
	}
	e := &Events{ctx: ctx, s: s, queue: newEventQueue(o.Buffer, o.OldBytes), done: make(chan struct{})}
	wants := o.filter(s.db, []byte(pattern))
	e.stop = s.eng.Listen(func(list []engine.Event) { e.queue.put(list, wants) })
	e.unhook = context.AfterFunc(ctx, e.leave)
	return e, nil
}

// filter tells which events are wanted. It runs under the engine's locks.
func (o *EventOptions) filter(db int, pattern []byte) func(*engine.Event) bool {
	var named [256]bool
	for n := range named {
		named[n] = len(o.Names) == 0 && EventName(n) != EventNew || slices.Contains(o.Names, EventName(n))
	}
	every, all := glob.All(pattern), o.AllDatabases
	return func(e *engine.Event) bool {
		return named[e.Name] && (all || e.DB == db) && (every || glob.Match(pattern, []byte(e.Key)))
	}
}

// Next waits for the next event. Where some were lost it returns a GapError instead,
// once. Its other errors are that of one of the contexts, and ErrClosed after
// Close or, when all is read, after the store's end.
func (e *Events) Next(ctx context.Context) (Event, error) {
	for {
		if err := e.ended(); err != nil {
			return Event{}, err
		}
		if e.queue.some() { // which show what was written
			if err := e.s.eng.Settle(ctx, e.s.eng.Latest()); err != nil {
				return Event{}, err
			}
		}
		if ev, err, ok := e.queue.take(); ok {
			return ev, err
		}
		select {
		case <-e.queue.wake:
		case <-e.done:
		case <-e.ctx.Done():
		case <-ctx.Done():
			return Event{}, ctx.Err()
		case <-e.s.eng.Done():
			if ev, err, ok := e.queue.take(); ok {
				return ev, err
			}
			return Event{}, ErrClosed
		}
	}
}

// ended is why nothing is read any more.
func (e *Events) ended() error {
	select {
	case <-e.ctx.Done():
		return e.ctx.Err()
	case <-e.done:
		return ErrClosed
	default:
		return nil
	}
}

// All yields the events, and waits for more. A GapError is yielded with no event, and
// the stream goes on. After Close the loop ends without an error; else its last
// error is that of the context, or ErrClosed after the store's end. Breaking the
// loop does not end the stream: another loop goes on from there. No lock is
// held while the loop's body runs.
func (e *Events) All() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			ev, err := e.Next(e.ctx)
			last := err != nil && !errors.Is(err, ErrGap)
			if last && e.isClosed() || !yield(ev, err) || last {
				return
			}
		}
	}
}

// Close ends the stream and forgets what was not read. It never waits. Closing twice
// is fine.
func (e *Events) Close() {
	e.over.Do(func() { close(e.done) })
	e.unhook()
	e.leave()
}

func (e *Events) leave() {
	e.stop()
	e.queue.end()
}

func (e *Events) isClosed() bool {
	select {
	case <-e.done:
		return e.ctx.Err() == nil
	default:
		return false
	}
}
