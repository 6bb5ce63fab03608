package durable

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// Point is a moment in the past of a store: what it was after the transaction of a
// position, or before the first one whose clock was later than a time.
type Point struct {
	Position int64 // 0 for none
	Time     int64 // unix ms, 0 for none
}

// Records calls apply with the records of a history behind a position, in order, as far
// as they are wanted. History is "" if that is not known.
type Records func(history string, after int64, apply func(persist.Record) error) (persist.Recovery, error)

// OpenPast fills an empty engine, which nobody uses yet, with what a store was at a point:
// a snapshot from before, nil for a store that began empty, and the records behind it. On
// error the engine is to be thrown away.
func OpenPast(ctx context.Context, e *engine.Engine, in persist.SnapshotReader, p Point, records Records) (Origin, error) {
	r := e.Recover()
	from, err := fillPast(ctx, e, r, in, p, records)
	return from, errors.Join(err, r.End(nil))
}

func fillPast(ctx context.Context, e *engine.Engine, r *engine.Recovery, in persist.SnapshotReader, p Point, records Records) (from Origin, err error) {
	var about persist.Snapshot
	if in != nil {
		about = in.About()
		if p.Position != 0 && about.Position > p.Position || p.Time != 0 && about.Clock > p.Time {
			return from, fmt.Errorf("%w: it is of position %d", ErrTooLate, about.Position)
		}
		if err := load(ctx, e, r, in, func(Progress) {}); err != nil {
			return from, err
		}
		e.SetPosition(about.Position)
	}
	found, err := records(about.History, about.Position, func(rec persist.Record) error {
		return r.Replay(engine.Record{Seq: rec.Position, Clock: rec.Clock, Effects: rec.Effects})
	})
	return Origin{cmp.Or(about.History, found.History), found.Position}, err
}
