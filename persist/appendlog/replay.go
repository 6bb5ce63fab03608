package appendlog

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// replaying is one call of Replay.
type replaying struct {
	*Log
	ctx   context.Context
	apply func(persist.Record) error
	found persist.Recovery
}

// Replay hands on the records behind a position. See persist.Log.
func (l *Log) Replay(ctx context.Context, history string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
	if err := l.list(); err != nil {
		return persist.Recovery{}, err
	}
	r := replaying{l, ctx, apply, persist.Recovery{History: history, Position: after}}
	if err := r.dropUnbegun(); err != nil {
		return r.found, err
	}
	first := 0
	for i, s := range l.segments {
		if s.position <= after {
			first = i
		}
	}
	for i := first; i < len(l.segments); i++ {
		if err := r.segment(i, i == first); err != nil {
			return r.found, err
		}
	}
	return r.found, nil
}

// dropUnbegun removes the last segment if its header is not whole and nothing is behind
// that: it was being made when everything ended.
func (r *replaying) dropUnbegun() error {
	n := len(r.segments) - 1
	if n < 0 || r.segments[n].size > int64(headerSize) {
		return nil
	}
	s := r.segments[n]
	f, err := r.fs.Open(s.String())
	if err != nil {
		return err
	}
	_, err = readHeader(f)
	err = errors.Join(err, f.Close())
	if err == nil || !errors.Is(err, errNoHeader) {
		return err
	}
	r.segments = r.segments[:n]
	r.size.Add(-s.size)
	r.found.Torn += s.size
	if err := r.fs.Remove(s.String()); err != nil {
		return err
	}
	return r.fs.Sync()
}

// segment replays one segment.
func (r *replaying) segment(i int, first bool) (err error) {
	s := r.segments[i]
	f, err := r.fs.Open(s.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h, err := readHeader(f)
	switch {
	case errors.Is(err, errNoHeader):
		return r.damaged(i, 0, err.Error())
	case err != nil:
		return fmt.Errorf("%s: %w", s, err)
	case h.position != s.position:
		return r.damaged(i, 0, "the header is of another file")
	case r.found.History != "" && h.history != r.found.History:
		return fmt.Errorf("%s: %w", s, persist.ErrHistory)
	case h.position > r.found.Position:
		return fmt.Errorf("%s begins behind %d, and what is before it ends at %d: %w", s, h.position, r.found.Position, persist.ErrGap)
	case h.position < r.found.Position && !first:
		return r.damaged(i, 0, fmt.Sprintf("it begins behind %d, and what is before it ends at %d", h.position, r.found.Position))
	}
	r.found.History = h.history
	in := &scanner{from: f, size: s.size, seed: h.seed, last: h.position, offset: int64(headerSize)}
	if err = r.records(in); err == nil || !errors.Is(err, errBad) {
		return err
	}
	return r.bad(i, f, in)
}

// records applies the records of a segment, of which others are read ahead.
func (r *replaying) records(in *scanner) error {
	ahead := readAhead(r.ctx, in)
	defer ahead.close()
	for {
		batch, err := ahead.next()
		for _, rec := range batch {
			if rec.Position <= r.found.Position {
				continue
			}
			if err := r.apply(rec); err != nil {
				return err
			}
			r.found.Position = rec.Position
			r.found.Records++
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// bad decides what it means that a segment has something that is no record.
func (r *replaying) bad(i int, f vfs.File, in *scanner) error {
	if i+1 < len(r.segments) {
		if r.segments[i+1].position == in.last {
			return nil // a write has failed there, and the next segment goes on from before it
		}
		return r.damaged(i, in.offset, fmt.Sprintf("a record is not whole, and the next segment begins behind %d", r.segments[i+1].position))
	}
	whole, err := wholeAfter(f, in.offset+1, in.size, in.last, in.seed)
	if err != nil {
		return err
	}
	if whole {
		return r.damaged(i, in.offset, "a record is not whole, and others follow it")
	}
	r.found.Torn += in.size - in.offset
	r.found.Lost = in.last + 1
	return r.cut(i, f, in.offset)
}

// cut drops the end of the last segment.
func (r *replaying) cut(i int, f vfs.File, offset int64) error {
	s := &r.segments[i]
	r.size.Add(offset - s.size)
	s.size = offset
	if err := f.Truncate(offset); err != nil {
		return err
	}
	return f.Sync()
}

// damaged is the error of a damaged segment, or with Repair the end of the log there.
func (r *replaying) damaged(i int, offset int64, reason string) error {
	return &persist.DamageError{File: r.segments[i].String(), Offset: offset, Reason: reason}
}
