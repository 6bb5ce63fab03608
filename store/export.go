package store

import (
	"context"
	"io"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/rdb"
)

// ExportOptions are for Export. The zero value writes all keys.
type ExportOptions struct {
	Selection
	// Version is that of the format, 9 to 12: if 0 it is 9, which Redis 5 and later load,
	// or 12, of Redis 7.4, if hashes have fields with deadlines; with an older one those
	// are rdb.ErrTooOld.
	Version int
	// Compress packs strings as Redis does: a smaller file, in more time.
	Compress bool
	// Progress is told now and then what was written, and at last of all. It is called by
	// one goroutine at a time.
	Progress func(rdb.Report)
}

// Export writes the content of all databases at one position as a dump file of Redis
// (RDB). Writers go on meanwhile. On an error, or when ctx ends, what was written is no
// whole file. It writes to w alone, without Close. O(size of the content).
func (s *Store) Export(ctx context.Context, w io.Writer, o ExportOptions) (report rdb.Report, err error) {
	to := &exported{to: w, o: rdb.Options{Version: o.Version, Compress: o.Compress}, tell: o.Progress}
	if to.o.Keep, err = o.keep(); err != nil {
		return report, err
	}
	_, err = durable.Export(ctx, s.eng, s.keep.keeperOrNil(), s.from, to)
	if to.w == nil {
		return report, err
	}
	report = to.w.Report()
	if err == nil && o.Progress != nil {
		o.Progress(report)
	}
	return report, err
}

// exported is a place for one file.
type exported struct {
	to   io.Writer
	o    rdb.Options
	w    *rdb.Writer
	tell func(rdb.Report)
}

func (e *exported) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	to := e.to
	if e.tell != nil {
		to = &telling{e.to, e}
	}
	w, err := rdb.NewWriter(to, about, e.o)
	if err != nil {
		return nil, err
	}
	e.w = w
	return exportWriter{w}, nil
}

// telling tells of each write, which comes one at a time.
type telling struct {
	to io.Writer
	e  *exported
}

func (t *telling) Write(b []byte) (int, error) {
	n, err := t.to.Write(b)
	t.e.tell(t.e.w.Report())
	return n, err
}

type exportWriter struct{ *rdb.Writer }

func (w exportWriter) Commit() error { return w.Close() }
func (w exportWriter) Abort() error  { return nil }
