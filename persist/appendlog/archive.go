package appendlog

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// archiver hands the segments that are complete to the archive, in order. Its goroutine
// runs while there are some.
type archiver struct {
	log     *Log
	ctx     context.Context
	cancel  context.CancelFunc
	work    sync.WaitGroup
	done    map[fileName]bool // what the archive has; with all below under the log's mu
	running bool
	err     error // of the last attempt
}

// How long it is waited before another attempt: twice as long each time.
const (
	leastPause = time.Second
	mostPause  = time.Minute
)

func (a *archiver) init(l *Log) {
	a.log, a.done = l, map[fileName]bool{}
	a.ctx, a.cancel = context.WithCancel(context.Background())
}

// recall notes what the archive has, by the signs that are there. mu is held.
func (a *archiver) recall(all []string) {
	for _, s := range all {
		if n, suffix, ok := parseName(s); ok && suffix == archivedSuffix {
			a.done[n] = true
		}
	}
}

// forget notes that a segment was removed. mu is held.
func (a *archiver) forget(n fileName) {
	if a.done[n] {
		delete(a.done, n)
		_ = a.log.fs.Remove(n.String() + archivedSuffix) // it is about nothing
	}
}

// has reports whether a segment need not be kept for the archive. mu is held.
func (a *archiver) has(n fileName) bool { return a.log.o.Archive == nil || a.done[n] }

// wake makes sure that somebody works if there is something to do.
func (a *archiver) wake() {
	a.log.mu.Lock()
	defer a.log.mu.Unlock()
	if _, ok := a.next(); ok && !a.running && a.ctx.Err() == nil {
		a.running = true
		a.work.Go(a.run)
	}
}

// next is the first segment that is complete and not in the archive. mu is held.
func (a *archiver) next() (s segment, ok bool) {
	for _, s := range a.log.segments[:max(len(a.log.segments)-1, 0)] {
		if !a.has(s.fileName) {
			return s, true
		}
	}
	return s, false
}

func (a *archiver) run() {
	pause := leastPause
	for s, ok := a.take(); ok; s, ok = a.take() {
		err := a.put(s)
		a.note(s, err)
		switch {
		case err == nil:
			pause = leastPause
		case !a.wait(pause):
			return
		default:
			pause = min(2*pause, mostPause)
		}
	}
}

// take is next; running ends when there is nothing.
func (a *archiver) take() (s segment, ok bool) {
	a.log.mu.Lock()
	defer a.log.mu.Unlock()
	s, ok = a.next()
	a.running = ok
	return s, ok
}

// put hands a segment over.
func (a *archiver) put(s segment) error {
	f, err := a.log.fs.Open(s.String())
	if err != nil {
		return err
	}
	err = a.log.o.Archive.Put(a.ctx, s.String(), io.NewSectionReader(f, 0, s.size))
	return errors.Join(err, f.Close())
}

// note notes what became of an attempt, in a file, too, so that a later process need not
// hand the segment over again.
func (a *archiver) note(s segment, err error) {
	a.log.mu.Lock()
	defer a.log.mu.Unlock()
	if a.err = err; err != nil {
		return
	}
	a.done[s.fileName] = true
	if f, err := a.log.fs.Create(s.String() + archivedSuffix); err == nil {
		_ = f.Close()
	}
	_ = a.log.removeReleased() // what stays is removed by Trim
}

// wait waits for some time; it returns false when the log is closed meanwhile.
func (a *archiver) wait(pause time.Duration) bool {
	over := make(chan struct{})
	stop := a.log.o.AfterFunc(pause, func() { close(over) })
	select {
	case <-over:
		return true
	case <-a.ctx.Done():
		stop()
		return false
	}
}

// close ends the work and waits for its end.
func (a *archiver) close() {
	a.cancel()
	a.work.Wait()
}

// Archived says how many complete segments the archive does not have yet, and why the last
// attempt to hand one over has failed, if it has. It may be called at any time.
func (l *Log) Archived() (waiting int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments[:max(len(l.segments)-1, 0)] {
		if !l.archive.has(s.fileName) {
			waiting++
		}
	}
	return waiting, l.archive.err
}

// ArchiveTo returns an archive that is a directory of the operating system, which is made
// if need be.
func ArchiveTo(path string) (persist.Archive, error) {
	d, err := vfs.OS(path)
	if err != nil {
		return nil, err
	}
	return DirectoryArchive(d), nil
}

// DirectoryArchive returns an archive that is another directory. A piece is there whole or
// not at all.
func DirectoryArchive(d vfs.FS) persist.Archive { return directoryArchive{d} }

type directoryArchive struct{ fs vfs.FS }

func (a directoryArchive) Put(ctx context.Context, name string, content io.Reader) error {
	temp := name + tempSuffix
	if err := a.fs.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := a.fs.Create(temp)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, contentUntil{ctx, content})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, a.fs.Remove(temp))
	}
	return publish(a.fs, temp, name)
}

// contentUntil is content that cannot be read any more when a context is done.
type contentUntil struct {
	ctx context.Context
	io.Reader
}

func (c contentUntil) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(b)
}
