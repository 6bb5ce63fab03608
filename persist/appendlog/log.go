package appendlog

import (
	"errors"
	"sync/atomic"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// Options of a log. The zero value is useful.
type Options struct {
	// SegmentSize is from how many bytes on a segment is followed by another, 64 MiB if 0.
	SegmentSize int64
	// Repair makes Replay drop what is behind damage, and set the files aside that it is
	// in, where it fails otherwise.
	Repair bool
}

// Log is a log in the files of a directory. It is a persist.Log.
type Log struct {
	fs   vfs.FS
	opts Options
	size atomic.Int64

	listed   bool
	segments []segment // all there are, in order; the last is written to if file is not nil
	file     vfs.File
	head     header
	last     int64 // the position of the last record
	failed   error // why nothing is to be appended until Begin
	buf      []byte
}

// Open makes a log of a directory's files. It opens none yet.
func Open(fs vfs.FS, o Options) *Log {
	if o.SegmentSize == 0 {
		o.SegmentSize = 64 << 20
	}
	return &Log{fs: fs, opts: o, failed: errNotBegun}
}

// Errors of calls in the wrong order.
var (
	errNotBegun = errors.New("appendlog: Begin was not called")
	errOrder    = errors.New("appendlog: the record does not follow the last one")
)

// list finds out which segments there are.
func (l *Log) list() (err error) {
	if l.listed {
		return nil
	}
	if l.segments, err = listSegments(l.fs); err != nil {
		return err
	}
	for _, s := range l.segments {
		l.size.Add(s.size)
	}
	l.listed = true
	return nil
}

// Begin begins a segment behind a position, and makes durable what the last one has,
// unless that has failed. A segment that has no record yet, and is the same, is kept.
func (l *Log) Begin(history string, position int64) error {
	if l.failed == nil && l.head.history == history && l.head.position == position && l.last == position {
		return nil
	}
	if err := l.list(); err != nil {
		return err
	}
	if err := l.seal(); err != nil {
		return err
	}
	return l.begin(history, position)
}

// seal ends the last segment.
func (l *Log) seal() (err error) {
	if l.file == nil {
		return nil
	}
	if l.failed == nil {
		if err = l.file.Sync(); err != nil {
			l.failed = err
			return err
		}
	}
	_ = l.file.Close() // what it has is synced, or is not needed
	l.file, l.failed = nil, errNotBegun
	return nil
}

// begin makes the file of a segment, so that it and its header are durable.
func (l *Log) begin(history string, position int64) error {
	n := name{1, position}
	if i := len(l.segments); i > 0 {
		n.number = l.segments[i-1].number + 1
	}
	f, err := l.fs.Create(n.String())
	if err != nil {
		return err
	}
	l.segments = append(l.segments, segment{n, int64(headerSize)}) // also if it fails: its name is taken
	l.size.Add(int64(headerSize))
	l.buf, l.head = appendHeader(l.buf[:0], history, position)
	_, err = f.Write(l.buf)
	l.buf = l.buf[:0]
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = l.fs.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.last, l.failed = f, position, nil
	return nil
}

// mostKept is how many bytes of memory are kept from one batch to the next.
const mostKept = 4 << 20

// Append writes records with one call of the system, more only where they do not fit one
// segment.
func (l *Log) Append(records []persist.Record) error {
	if l.failed != nil {
		return l.failed
	}
	l.buf = l.buf[:0]
	for _, r := range records {
		if r.Position != l.last+1 {
			return errors.Join(errOrder, l.write())
		}
		if l.active().size+int64(len(l.buf)) >= l.opts.SegmentSize {
			if err := l.roll(); err != nil {
				return err
			}
		}
		l.buf = appendRecord(l.buf, l.head.seed, r)
		l.last++
	}
	return l.write()
}

// write writes what is in the buffer.
func (l *Log) write() error {
	n, err := l.file.Write(l.buf)
	l.active().size += int64(n)
	l.size.Add(int64(n))
	if cap(l.buf) > mostKept {
		l.buf = nil
	}
	l.buf = l.buf[:0]
	if err != nil {
		l.failed = err
	}
	return err
}

// active is the segment that is written to.
func (l *Log) active() *segment { return &l.segments[len(l.segments)-1] }

// roll writes what is in the buffer and begins the next segment.
func (l *Log) roll() error {
	if err := l.write(); err != nil {
		return err
	}
	if err := l.seal(); err != nil {
		return err
	}
	if err := l.begin(l.head.history, l.last); err != nil {
		l.failed = err
		return err
	}
	return nil
}

// Sync makes all that was appended durable.
func (l *Log) Sync() error {
	if l.failed != nil {
		return l.failed
	}
	l.failed = l.file.Sync()
	return l.failed
}

// Trim removes the segments of which all records are at or before a position.
func (l *Log) Trim(upTo int64) error {
	if err := l.list(); err != nil {
		return err
	}
	n := 0
	for n+1 < len(l.segments) && l.segments[n+1].position <= upTo {
		if err := l.fs.Remove(l.segments[n].String()); err != nil {
			return err
		}
		l.size.Add(-l.segments[n].size)
		n++
	}
	l.segments = append([]segment(nil), l.segments[n:]...)
	if n == 0 {
		return nil
	}
	return l.fs.Sync()
}

// Size is how many bytes the segments have.
func (l *Log) Size() int64 { return l.size.Load() }

// Close ends the use of the log, without Sync.
func (l *Log) Close() error {
	f := l.file
	l.file, l.failed = nil, errNotBegun
	if f == nil {
		return nil
	}
	return f.Close()
}
