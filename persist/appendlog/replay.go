package appendlog

import (
	"context"
	"errors"
	"fmt"

	"github.com/residedb/reside/persist"
)

// Replay hands on the records behind a position, while it reads those that come next: see
// persist.Log. It reads the segments that have such records alone. O(their bytes); it
// needs 1 MiB of memory, or four times as much as the largest record.
func (l *Log) Replay(ctx context.Context, history string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
	found := persist.Recovery{Position: after}
	if l.used {
		return found, ErrUsed
	}
	if err := l.list(); err != nil {
		return found, err
	}
	chain, err := l.choose(history, after)
	if errors.Is(err, persist.ErrGap) && l.o.Repair {
		found.Repaired, err = l.dropAll(after)
	}
	if err != nil {
		return found, err
	}
	if len(chain) == 0 {
		l.known = position{history, after}
		return found, nil
	}
	found.History = chain[0].history
	end, err := readChain(ctx, directory{l.fs}, chain, after, func(r persist.Record) error {
		if err := apply(r); err != nil {
			return err
		}
		found.Position, found.Records = r.Position, found.Records+1
		return nil
	})
	if err == nil {
		err = l.mend(chain, end, &found)
	}
	if err == nil {
		l.remember(chain, end, found)
	}
	return found, err
}

// choose is the chain that Replay reads.
func (l *Log) choose(history string, after int64) ([]link, error) {
	if len(l.segments) == 0 {
		return nil, nil
	}
	last := l.segments[len(l.segments)-1]
	if history != "" && last.history != history {
		return nil, fmt.Errorf("%w: the log is of %s, and what it follows of %s", persist.ErrHistory, last.history, history)
	}
	names := make([]fileName, len(l.segments))
	for i, s := range l.segments {
		names[i] = s.fileName
	}
	return chainOf(names, last.history, after)
}

// mend makes the end of the log one from which it can go on.
func (l *Log) mend(chain []link, end ending, found *persist.Recovery) (err error) {
	switch {
	case end.damage != nil && !l.o.Repair:
		return end.damage
	case end.damage != nil:
		found.Repaired, err = l.drop(chain, end)
		return err
	case end.torn > 0:
		found.Torn, found.Lost = end.torn, end.last+1
		return l.cut(chain[end.at].fileName, end.offset)
	}
	return nil
}

// cut drops the end of a segment, durably.
func (l *Log) cut(n fileName, offset int64) error {
	f, err := l.fs.Open(n.String())
	if err != nil {
		return err
	}
	if err = f.Truncate(offset); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("appendlog: the torn end of %s cannot be cut off: %w", n, err)
	}
	return l.listAgain()
}

// listAgain finds out anew which segments there are.
func (l *Log) listAgain() error {
	l.listed = false
	return l.list()
}

// remember notes how far the log is, and which records Begin has to write again.
func (l *Log) remember(chain []link, end ending, found persist.Recovery) {
	l.known = position{found.History, found.Position}
	l.tail = nil
	if end.durable < end.last {
		l.tail = &tail{l, chain[end.at].fileName, position{found.History, end.last}, end.durable}
	}
}

// tail is what Replay found behind the last record that is known to be durable. What the
// system shows of it may not be on the disk, and may never get there: the process that
// wrote it may have met an error.
type tail struct {
	log      *Log
	name     fileName
	position position // of its last record
	durable  int64
}

// copy writes the records to another segment.
func (t *tail) copy(w *writer) error {
	chain := []link{{t.name, t.position.at}}
	_, err := readChain(context.Background(), directory{t.log.fs}, chain, t.durable, w.add)
	if err == nil {
		err = w.flush()
	}
	if err == nil && w.last != t.position.at {
		err = &persist.DamageError{File: t.name.String(), Reason: fmt.Sprintf("it had records up to %d, and now has them up to %d", t.position.at, w.last)}
	}
	return err
}
