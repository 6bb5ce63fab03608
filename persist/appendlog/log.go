package appendlog

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// Log is a log in the files of a directory: it is a persist.Log. Only one Log of a place
// may be in use.
type Log struct {
	fs   vfs.FS
	o    Options
	size atomic.Int64

	mu       sync.Mutex // of segments: the archive looks at them, too
	segments []segment  // all there are, by number; the last is written to if active is not nil
	number   int64      // the greatest that a file has had
	listed   bool

	active *writer // nil if nothing can be written to
	begun  bool    // and no call has failed since
	used   bool    // Begin was called
	closed bool
	memory []byte   // of the last writer, for the next
	known  position // how far the log is, if that is known
	tail   *tail    // what Replay found that may not be durable

	archive archiver
}

// segment is a file of the log.
type segment struct {
	fileName
	size     int64
	released bool // by Trim: it is kept for the archive alone, and does not count
}

// position is a place in a history.
type position struct {
	history string
	at      int64
}

// Open returns the log of a directory, which is not looked at yet.
func Open(d vfs.FS, o Options) *Log {
	l := &Log{fs: d, o: o.withDefaults()}
	l.archive.init(l)
	return l
}

// list finds out which segments there are, and removes what was being made when an
// earlier process ended.
func (l *Log) list() error {
	if l.closed {
		return fs.ErrClosed
	}
	if l.listed {
		return nil
	}
	all, err := l.fs.List()
	if err != nil {
		return err
	}
	var found []segment
	var total int64
	for _, n := range segments(all) {
		size, err := sizeOf(directory{l.fs}, n.String())
		if err != nil {
			return err
		}
		found = append(found, segment{n, size, false})
		total += size
	}
	l.sweep(all)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.segments, l.number, l.listed = found, greatest(all), true
	l.archive.recall(all)
	l.size.Store(total)
	return nil
}

// sweep removes what was not finished. What cannot be removed, as when all can only be
// read, is no hindrance.
func (l *Log) sweep(all []string) {
	for _, s := range all {
		if _, suffix, ok := parseName(s); ok && suffix == tempSuffix {
			_ = l.fs.Remove(s)
		}
	}
}

func sizeOf(from files, name string) (int64, error) {
	f, err := from.open(name)
	if err != nil {
		return 0, err
	}
	size, err := f.Size()
	return size, errors.Join(err, f.Close())
}

// Begin begins a segment behind a position: see persist.Log. It syncs the last one and the
// new one, and the directory. A position of the same history before what is known to be
// there is ErrInvalid, and so is a history that has not 32 hexadecimal digits, in lower
// case.
func (l *Log) Begin(history string, at int64) error {
	if !isHistory(history) || at < 0 {
		return fmt.Errorf("%w: %d of history %q", ErrInvalid, at, history)
	}
	if err := l.list(); err != nil {
		return err
	}
	if l.known.history == history && at < l.known.at {
		return fmt.Errorf("%w: to begin behind %d when there are records up to %d", ErrInvalid, at, l.known.at)
	}
	if w := l.active; w != nil && w.head.history == history && w.last == at && w.head.position == at {
		l.begun = true // it has begun already
		return nil
	}
	if err := l.seal(); err != nil {
		return err
	}
	if err := l.begin(position{history, at}); err != nil {
		return err
	}
	l.archive.wake()
	return nil
}

// seal ends the active segment.
func (l *Log) seal() error {
	l.begun = false
	if l.active == nil {
		return nil
	}
	if err := l.active.sync(); err != nil {
		l.abandon()
		return err
	}
	err := l.active.file.Close()
	l.release()
	return err
}

// abandon ends the use of the active segment after an error.
func (l *Log) abandon() {
	l.begun = false
	_ = l.active.file.Close() // nothing in it is believed to be durable that was not before
	l.release()
}

func (l *Log) release() {
	l.memory = l.active.buf
	l.active = nil
}

// begin makes the segment that comes next, and makes it the active one.
func (l *Log) begin(p position) error {
	h := header{history: p.history, position: p.at, durable: p.at, number: l.take(p.at)}
	fill := func(*writer) error { return nil }
	if l.tail != nil && l.tail.position == p {
		h.position, fill = l.tail.durable, l.tail.copy
	}
	w, err := makeSegment(l.fs, h, l.memory, fill)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known.history == p.history { // or nobody knows what the last segments have
		l.removeSuperseded(h)
	}
	l.active, l.tail, l.begun, l.known, l.used = w, nil, true, p, true
	l.segments = append(l.segments, segment{h.name(), w.size, false})
	l.size.Add(w.size)
	return nil
}

// take takes a number that no file has had.
func (l *Log) take(at int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number = max(l.number, at) + 1
	return l.number
}

// removeSuperseded removes segments at the end of which no record counts any more, now
// that there is another one. mu is held.
func (l *Log) removeSuperseded(h header) {
	for n := len(l.segments); n > 0 && l.segments[n-1].history == h.history && l.segments[n-1].position >= h.position; n-- {
		if l.remove(n-1) != nil {
			return // it does no harm
		}
		l.segments = l.segments[:n-1]
	}
}

// remove removes the file of a segment, and the sign that it is in the archive.
func (l *Log) remove(i int) error {
	s := l.segments[i]
	if err := l.fs.Remove(s.String()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !s.released {
		l.size.Add(-s.size)
	}
	l.archive.forget(s.fileName)
	return nil
}

// Append writes records, with one call of the system: see persist.Log. O(bytes); no
// allocation but for a larger buffer.
func (l *Log) Append(records []persist.Record) error {
	if !l.begun {
		return l.notBegun()
	}
	if len(records) == 0 {
		return nil
	}
	most, err := l.check(records)
	if err == nil && l.active.size+most > l.o.SegmentSize && l.active.last > l.active.head.position {
		err = l.roll()
	}
	if err != nil {
		l.begun = false
		return err
	}
	err = l.active.write(records)
	l.grown()
	if err != nil {
		l.abandon()
		return err
	}
	l.known.at = l.active.last
	return nil
}

func (l *Log) notBegun() error {
	if l.closed {
		return fs.ErrClosed
	}
	return ErrBegin
}

// check checks records, and says how many bytes they take at most.
func (l *Log) check(records []persist.Record) (most int64, err error) {
	next := l.active.last
	for i := range records {
		r := &records[i]
		if next++; r.Position != next {
			return 0, fmt.Errorf("%w: record %d where %d belongs", ErrInvalid, r.Position, next)
		}
		if len(r.Effects) > MaxRecord {
			return 0, fmt.Errorf("%w: record %d has %d bytes", ErrTooLarge, r.Position, len(r.Effects))
		}
		most += int64(len(r.Effects)) + maxHead
	}
	return most, nil
}

// roll goes on to the next segment.
func (l *Log) roll() error {
	p := position{l.active.head.history, l.active.last}
	if err := l.seal(); err != nil {
		return err
	}
	if err := l.begin(p); err != nil {
		return err
	}
	l.archive.wake()
	return nil
}

// grown notes the size of the active segment.
func (l *Log) grown() {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.segments[len(l.segments)-1]
	l.size.Add(l.active.size - s.size)
	s.size = l.active.size
}

// Sync makes durable all that was appended: see persist.Log. One fsync, none if there is
// nothing to do.
func (l *Log) Sync() error {
	if !l.begun {
		return l.notBegun()
	}
	if err := l.active.sync(); err != nil {
		l.abandon()
		return err
	}
	return nil
}

// Trim removes segments that have no record behind a position: see persist.Log. Those that
// the archive does not have yet are kept until it has them. O(segments).
func (l *Log) Trim(upTo int64) error {
	if err := l.list(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.segments {
		if !l.later(i, upTo) {
			break
		}
		if s := &l.segments[i]; !s.released {
			s.released = true
			l.size.Add(-s.size)
		}
	}
	return l.removeReleased()
}

// later reports whether a segment behind the i-th one begins at or before a position. mu
// is held.
func (l *Log) later(i int, position int64) bool {
	return slices.ContainsFunc(l.segments[i+1:], func(s segment) bool { return s.position <= position })
}

// removeReleased removes the segments that nobody needs any more, the oldest first. mu is
// held.
func (l *Log) removeReleased() error {
	for len(l.segments) > 0 && l.segments[0].released && l.archive.has(l.segments[0].fileName) {
		if err := l.remove(0); err != nil {
			return err
		}
		l.segments = l.segments[1:]
	}
	return nil
}

// Size is how many bytes the segments have, but for those that are kept for the archive
// alone. It is 0 before the first other call.
func (l *Log) Size() int64 { return l.size.Load() }

// Close ends the use of the log, without Sync, and waits for what works on the archive. If
// all was synced before, damage can be told from a torn tail everywhere from now on.
// Later calls are fs.ErrClosed.
func (l *Log) Close() error {
	if l.closed {
		return nil
	}
	l.closed, l.begun = true, false
	l.archive.close()
	if l.active == nil {
		return nil
	}
	err := l.active.end()
	l.grown()
	l.release()
	return err
}
