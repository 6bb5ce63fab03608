package store

import (
	"context"
	"io"
	"io/fs"
	"time"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/appendlog"
	"github.com/residedb/reside/persist/snapshot"
)

// Point is a moment in the past of a store. One of its fields is set.
type Point struct {
	// Position asks for what the store was after that transaction.
	Position int64
	// Time asks for what it was before the first transaction that was later, by the
	// store's clock. That can have been set back meanwhile.
	Time time.Time
}

// OpenPast opens, in memory, what a store was at a point of its past. That is made of a
// backup from before, nil for a store that began empty, and the log behind it, which is in
// one or several folders: an archive (see Durability), the store's directory, or both. For
// a folder of the operating system that is os.DirFS. Nothing is changed there. ErrTooLate
// if the backup is of a later point, persist.ErrGap if records are missing. To go on from
// there, Backup the store that is returned, and Restore that in another. O(size of both).
func OpenPast(ctx context.Context, backup io.Reader, p Point, o Options, logs ...fs.FS) (*Store, error) {
	var in persist.SnapshotReader
	if backup != nil {
		r, err := snapshot.NewReader(backup, snapshot.Options{Name: "backup"})
		if err != nil {
			return nil, err
		}
		defer func() { _ = r.Close() }()
		in = r
	}
	to := durable.Point{Position: p.Position}
	if !p.Time.IsZero() {
		to.Time = p.Time.UnixMilli()
	}
	if (to.Position == 0) == (to.Time == 0) || to.Position < 0 {
		return nil, ErrOptions
	}
	e := newEngine(o)
	from, err := durable.OpenPast(ctx, e, in, to, func(history string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
		want := appendlog.Range{History: history, After: after, UpTo: to.Position, Until: to.Time}
		return appendlog.ReplayRange(ctx, want, apply, logs...)
	})
	if err != nil {
		e.Close()
		return nil, err
	}
	s := newStore(e, nil, o.Backlog)
	s.from = &from
	return s, nil
}
