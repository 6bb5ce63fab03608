package snapshot

import (
	"context"
	"errors"
	"io/fs"
	"sync"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// Directory keeps snapshots as files: it is a persist.Snapshotter. Its methods may be
// called from many goroutines. Only one Directory of a place may be in use: it takes
// unfinished files that it does not know for leftovers, and removes them.
type Directory struct {
	fs vfs.FS
	o  Options

	mu      sync.Mutex // held while names are looked at and changed
	writing map[string]bool
	refused map[string]bool // whole, but Commit has failed, and they could not be removed
	last    int64           // the highest number that was used, refused ones included
}

// At returns the snapshots of a directory of the operating system, which is made if need
// be. It takes no lock: what a store has open can be listed, read and verified beside it
// (List, OpenFile, Verify), but Create and Open are for one user at a time.
func At(path string, o Options) (*Directory, error) {
	d, err := vfs.OS(path)
	if err != nil {
		return nil, err
	}
	return Dir(d, o), nil
}

// Dir returns the snapshots of a directory, which is not looked at yet.
func Dir(d vfs.FS, o Options) *Directory {
	return &Directory{fs: d, o: o, writing: map[string]bool{}, refused: map[string]bool{}}
}

// File is a snapshot of a directory, by what its name says.
type File struct {
	Name       string
	Number     int64 // snapshots are numbered as they are made
	Position   int64
	Size       int64 // in bytes
	Unfinished bool  // it is being written, or was left over
}

// Create begins a snapshot: it returns a *FileWriter. The context is that of the whole
// snapshot.
func (d *Directory) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	names, err := d.names()
	if err != nil {
		return nil, err
	}
	d.sweep(names)
	temp := fileName{d.next(names), max(about.Position, 0), true}.String()
	f, err := d.fs.Create(temp)
	if err != nil {
		return nil, err
	}
	early := &vfs.EarlySync{File: f}
	w, err := NewWriter(early, about, d.o)
	if err != nil {
		return nil, errors.Join(err, f.Close(), d.fs.Remove(temp))
	}
	d.writing[temp] = true
	return &FileWriter{ctx: ctx, dir: d, file: f, early: early, temp: temp, stream: w}, nil
}

// Open opens the newest snapshot: it returns a *FileReader. The context is that of the
// whole reading.
func (d *Directory) Open(ctx context.Context) (persist.SnapshotReader, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	names, err := d.names()
	if err != nil {
		return nil, err
	}
	d.sweep(names)
	names = d.committed(names)
	if len(names) == 0 {
		return nil, persist.ErrNoSnapshot
	}
	return d.open(ctx, names[len(names)-1].String())
}

// OpenFile opens a snapshot that List has.
func (d *Directory) OpenFile(ctx context.Context, name string) (*FileReader, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open(ctx, name)
}

// List returns all snapshots, the newest one last, and those that are not finished. It
// changes nothing, so that it can be used beside a store that is open.
func (d *Directory) List() (files []File, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	names, err := d.names()
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		size, err := d.size(n.String())
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // a store has removed it meanwhile
		case err != nil:
			return nil, err
		}
		files = append(files, File{n.String(), n.number, n.position, size, n.unfinished})
	}
	return files, nil
}

// Verify checks a snapshot that List has, as the function Verify does. It changes
// nothing.
func (d *Directory) Verify(ctx context.Context, name string) (report Report, err error) {
	r, err := d.OpenFile(ctx, name)
	if err != nil {
		return report, err
	}
	err = r.drain(ctx)
	return Report{r.About(), r.Creator(), r.Counts()}, errors.Join(err, r.Close())
}

// names are those of snapshots, in order.
func (d *Directory) names() (names []fileName, err error) {
	all, err := d.fs.List()
	for _, s := range all {
		if n, ok := parseName(s); ok {
			names = append(names, n)
		}
	}
	return names, err
}

func (d *Directory) size(name string) (int64, error) {
	f, err := d.fs.Open(name)
	if err != nil {
		return 0, err
	}
	size, err := f.Size()
	return size, errors.Join(err, f.Close())
}

// next is a number that none has, and none had since this Directory is in use: what a
// directory that could not be synced has lost may come back.
func (d *Directory) next(names []fileName) int64 {
	most := d.last
	for _, n := range names {
		most = max(most, n.number)
	}
	return most + 1
}

// committed are those that Commit has made snapshots.
func (d *Directory) committed(names []fileName) (out []fileName) {
	for _, n := range names {
		if !n.unfinished && !d.refused[n.String()] {
			out = append(out, n)
		}
	}
	return out
}

// sweep removes what was not finished. What cannot be removed, as when all can only be
// read, is no hindrance.
func (d *Directory) sweep(names []fileName) {
	for _, n := range names {
		if name := n.String(); n.unfinished && !d.writing[name] || d.refused[name] {
			_ = d.fs.Remove(name)
		}
	}
}

// publish makes a file that is durable the newest snapshot.
func (d *Directory) publish(temp string, position int64) error {
	names, err := d.names()
	if err != nil {
		return err
	}
	older := d.committed(names)
	d.last = d.next(older)
	name := fileName{number: d.last, position: position}.String()
	err = d.fs.Rename(temp, name)
	if err == nil {
		err = d.fs.Sync()
	}
	if err != nil {
		d.refuse(name)
		return err
	}
	d.prune(older)
	return nil
}

// refuse takes back what Commit could not make durable. Whether it has its name already
// is not known.
func (d *Directory) refuse(name string) {
	if err := d.fs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.refused[name] = true
	}
	_ = d.fs.Sync()
}

// prune removes the oldest ones. What cannot be removed is tried again next time.
func (d *Directory) prune(older []fileName) {
	keep := max(d.o.Keep, 1) - 1
	for _, n := range older[:max(len(older)-keep, 0)] {
		_ = d.fs.Remove(n.String())
	}
}
