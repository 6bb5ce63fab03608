package feed

import (
	"context"
	"fmt"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
)

// Sink is the end at which a store takes what its primary has. It is idle in a store that
// is no follower.
type Sink struct {
	eng   *engine.Engine
	keep  *durable.Keeper // nil for a store in memory only
	feed  *Feed
	apply *engine.Applier

	turn     chan struct{} // holds a token while the fields below are used
	stream   int           // the number of the stream that may use the sink
	known    bool          // the feed's history is one that a primary has told of
	position int64
}

// NewSink makes the sink of an engine. If known is set, what the engine has is of the
// feed's history.
func NewSink(e *engine.Engine, k *durable.Keeper, f *Feed, known bool) *Sink {
	return &Sink{eng: e, keep: k, feed: f, apply: engine.NewApplier(e), turn: make(chan struct{}, 1), known: known, position: e.Position()}
}

// enter waits for the turn.
func (s *Sink) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Sink) leave() { <-s.turn }

// state is what the engine has.
func (s *Sink) state() replicate.State {
	if !s.known {
		return replicate.State{}
	}
	return replicate.State{History: s.feed.Status().History, Position: s.position}
}

// Promote makes the follower a primary: no stream changes it any more, and calls may
// write to it. It keeps its content and position, and has a new history. With a place on
// disk it returns when that is durable. Of a store that is no follower it is
// replicate.ErrNotFollower.
func (s *Sink) Promote(ctx context.Context) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if !s.eng.Replica() {
		return replicate.ErrNotFollower
	}
	s.stream++
	if s.keep != nil {
		if err := Own(ctx, s.eng, s.keep); err != nil {
			return err
		}
	}
	tx := s.eng.Begin(nil, true, false)
	defer tx.Commit()
	s.feed.Rename(replicate.NewHistory(), tx.Position())
	tx.Promote()
	return nil
}

// Own gives the line that a keeper is on a name of its own, if it has one that a primary
// has told of.
func Own(ctx context.Context, e *engine.Engine, k *durable.Keeper) error {
	if !replicate.IsHistory(k.History()) {
		return nil
	}
	to := durable.Line{History: durable.NewPromoted(), Position: e.Position()}
	return durable.Adopt(ctx, e, k, nil, to, func(*engine.Tx) {})
}

// Follower is for one stream after another.
func (s *Sink) Follower() replicate.Follower { return &inlet{sink: s} }

// inlet is a Sink as the follower of a stream.
type inlet struct {
	sink   *Sink
	stream int // its number
}

// State begins a stream; the one that used the sink before can do so no more.
func (i *inlet) State(ctx context.Context) (at replicate.State, err error) {
	s := i.sink
	if err := s.enter(ctx); err != nil {
		return at, err
	}
	defer s.leave()
	if !s.eng.Replica() {
		return at, replicate.ErrNotFollower
	}
	s.stream++
	i.stream = s.stream
	return s.state(), nil
}

// enter waits for the turn, unless the stream may not use the sink any more.
func (i *inlet) enter(ctx context.Context) error {
	if err := i.sink.enter(ctx); err != nil {
		return err
	}
	err := i.allowed()
	if err != nil {
		i.sink.leave()
	}
	return err
}

func (i *inlet) allowed() error {
	switch {
	case i.sink.eng.Closed():
		return engine.ErrClosed
	case !i.sink.eng.Replica():
		return replicate.ErrNotFollower
	case i.stream != i.sink.stream:
		return replicate.ErrSuperseded
	}
	return nil
}

// Continue takes over the name of the line.
func (i *inlet) Continue(ctx context.Context, at replicate.State) error {
	if err := i.enter(ctx); err != nil {
		return err
	}
	defer i.sink.leave()
	return i.sink.rename(ctx, at)
}

func (s *Sink) rename(ctx context.Context, at replicate.State) error {
	now := s.state()
	switch {
	case !s.known || at.Position != now.Position:
		return fmt.Errorf("%w: to go on from %d, and it is at %d", replicate.ErrGap, at.Position, now.Position)
	case !replicate.IsHistory(at.History):
		return fmt.Errorf("%w: %q is none that followers have", persist.ErrHistory, at.History)
	case at == now:
		return nil
	}
	return durable.Adopt(ctx, s.eng, s.keep, nil, durable.Line(at), func(tx *engine.Tx) { s.feed.Rename(at.History, at.Position) })
}

// Append applies records.
func (i *inlet) Append(ctx context.Context, records []persist.Record) error {
	if err := i.enter(ctx); err != nil {
		return err
	}
	defer i.sink.leave()
	return i.sink.append(ctx, records)
}

func (s *Sink) append(ctx context.Context, records []persist.Record) error {
	if !s.known || len(records) > 0 && records[0].Position != s.position+1 {
		return fmt.Errorf("%w: record %d, and it is at %d", replicate.ErrGap, firstOf(records), s.position)
	}
	if err := s.eng.AdmitRecord(ctx); err != nil {
		return err
	}
	for _, r := range records {
		if r.Position != s.position+1 {
			return fmt.Errorf("%w: record %d behind %d", replicate.ErrGap, r.Position, s.position)
		}
		if err := s.apply.Apply(engine.Record{Seq: r.Position, Clock: r.Clock, Effects: r.Effects}); err != nil {
			return err
		}
		s.position++
	}
	return s.eng.Settle(ctx, engine.Mark{Position: s.position, Wrote: true})
}

func firstOf(records []persist.Record) int64 {
	if len(records) == 0 {
		return 0
	}
	return records[0].Position
}
