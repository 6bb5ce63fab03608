package durable

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// Point is a moment in the past of a store: what it was after the transaction of a
// position, or before the first one whose clock was later than a time.
type Point struct {
	Position int64 // 0 for none
	Time     int64 // unix ms, 0 for none
}

// before reports whether a record belongs to what was there at the point.
func (p Point) before(r persist.Record) bool {
	return (p.Position == 0 || r.Position <= p.Position) && (p.Time == 0 || r.Clock <= p.Time)
}

// OpenPast fills an empty engine, which nobody uses yet, with what a store was at a point:
// a snapshot from before, nil for a store that began empty, and the records behind it,
// which are read up to there. It fails with persist.ErrGap if records are missing. On
// error the engine is to be thrown away.
func OpenPast(ctx context.Context, e *engine.Engine, in persist.SnapshotReader, records iter.Seq2[persist.Record, error], p Point) error {
	r := e.Recover()
	err := fillPast(ctx, e, r, in, records, p)
	return errors.Join(err, r.End(nil))
}

func fillPast(ctx context.Context, e *engine.Engine, r *engine.Recovery, in persist.SnapshotReader, records iter.Seq2[persist.Record, error], p Point) error {
	position := int64(0)
	if in != nil {
		about := in.About()
		if position = about.Position; p.Position != 0 && position > p.Position || p.Time != 0 && about.Clock > p.Time {
			return fmt.Errorf("reside: the snapshot is of position %d: %w", position, ErrTooLate)
		}
		if err := load(ctx, e, r, in, func(Progress) {}); err != nil {
			return err
		}
		e.SetPosition(position)
	}
	for rec, err := range records {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case rec.Position <= position:
			continue
		case rec.Position != position+1:
			return fmt.Errorf("reside: record %d follows %d: %w", rec.Position, position, persist.ErrGap)
		case !p.before(rec):
			return nil
		}
		if err := r.Replay(engine.Record{Seq: rec.Position, Clock: rec.Clock, Effects: rec.Effects}); err != nil {
			return err
		}
		position++
	}
	if position < p.Position {
		return fmt.Errorf("reside: the last record is %d: %w", position, persist.ErrGap)
	}
	return nil
}
