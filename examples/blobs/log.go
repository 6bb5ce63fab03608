package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/residedb/reside/persist"
)

// Log keeps a store's log in a bucket, an object for each Append. It is a persist.Log. A
// bucket knows no half objects, so there is no torn tail; one that keeps what it was given
// needs no checksums either.
type Log struct {
	Bucket Bucket

	history string
	last    int64 // the position of the last record
	begun   bool
	number  int64 // of the last object
	size    atomic.Int64
	parts   []part
}

// part is an object of the log. Its name has all of this.
type part struct {
	number, first, last int64
	history             string
}

const logPrefix = "log/"

func (p part) name() string {
	return fmt.Sprintf(logPrefix+"%012d-%020d-%020d-%s", p.number, p.first, p.last, p.history)
}

// list reads which objects there are.
func (l *Log) list(ctx context.Context) error {
	names, err := l.Bucket.List(ctx, logPrefix)
	if err != nil {
		return err
	}
	l.parts = nil
	for _, name := range names {
		var p part
		if _, err := fmt.Sscanf(name, logPrefix+"%d-%d-%d-%s", &p.number, &p.first, &p.last, &p.history); err != nil {
			return err
		}
		l.parts = append(l.parts, p)
		l.number = p.number
	}
	return nil
}

// Replay hands on the records behind a position.
func (l *Log) Replay(ctx context.Context, history string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
	found := persist.Recovery{History: history, Position: after}
	if err := l.list(ctx); err != nil {
		return found, err
	}
	for _, p := range l.parts {
		if p.last <= found.Position {
			continue
		}
		if found.History != "" && p.history != found.History {
			return found, persist.ErrHistory
		}
		if p.first > found.Position+1 {
			return found, persist.ErrGap
		}
		found.History = p.history
		if err := l.replayPart(ctx, p, &found, apply); err != nil {
			return found, err
		}
	}
	return found, ctx.Err()
}

func (l *Log) replayPart(ctx context.Context, p part, found *persist.Recovery, apply func(persist.Record) error) (err error) {
	object, err := l.Bucket.Open(ctx, p.name())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, object.Close()) }()
	in := bufio.NewReader(object)
	for position := p.first; position <= p.last; position++ {
		r := persist.Record{Position: position}
		if r.Clock, err = binary.ReadVarint(in); err != nil {
			return err
		}
		n, err := binary.ReadUvarint(in)
		if err != nil {
			return err
		}
		r.Effects = make([]byte, n)
		if _, err := io.ReadFull(in, r.Effects); err != nil {
			return err
		}
		if position <= found.Position {
			continue
		}
		if err := apply(r); err != nil {
			return err
		}
		found.Position = position
		found.Records++
	}
	return nil
}

// Begin says where the next record belongs.
func (l *Log) Begin(history string, position int64) error {
	if !l.begun {
		if err := l.list(context.Background()); err != nil {
			return err
		}
	}
	l.history, l.last, l.begun = history, position, true
	return nil
}

// errNotBegun: nothing may be appended.
var errNotBegun = errors.New("blobs: the log has not begun")

// Append writes an object. After an error the log has to begin again.
func (l *Log) Append(records []persist.Record) error {
	if !l.begun {
		return errNotBegun
	}
	if len(records) == 0 {
		return nil
	}
	var b []byte
	for _, r := range records {
		b = binary.AppendVarint(b, r.Clock)
		b = binary.AppendUvarint(b, uint64(len(r.Effects)))
		b = append(b, r.Effects...)
	}
	l.begun = false
	p := part{l.number + 1, records[0].Position, records[len(records)-1].Position, l.history}
	l.number++ // its name is not used again, even if it was not written
	if err := l.put(p.name(), b); err != nil {
		return err
	}
	l.parts = append(l.parts, p)
	l.size.Add(int64(len(b)))
	l.last, l.begun = p.last, true
	return nil
}

func (l *Log) put(name string, b []byte) error {
	object, err := l.Bucket.Create(context.Background(), name)
	if err != nil {
		return err
	}
	if _, err := object.Write(b); err != nil {
		object.Cancel()
		return err
	}
	return object.Close()
}

// Sync has nothing to do: an object that is there is durable.
func (l *Log) Sync() error {
	if !l.begun {
		return errNotBegun
	}
	return nil
}

// Trim deletes the objects of which all records are at or before a position.
func (l *Log) Trim(upTo int64) error {
	for len(l.parts) > 0 && l.parts[0].last <= upTo {
		if err := l.Bucket.Delete(context.Background(), l.parts[0].name()); err != nil {
			return err
		}
		l.parts = l.parts[1:]
	}
	return nil
}

// Size is how many bytes were appended since the log was opened.
func (l *Log) Size() int64 { return l.size.Load() }

// Close ends the use of the log.
func (l *Log) Close() error {
	l.begun = false
	return nil
}
