package rdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// FileName is what Redis calls its file, and a Directory too.
const FileName = "dump.rdb"

// tempPrefix begins the names of files that are not finished.
const tempPrefix = FileName + ".tmp-"

// Directory keeps one snapshot as dump.rdb: it is a persist.Snapshotter, by which SAVE
// makes what Redis can load, and a store opens what Redis has saved. Its methods may be
// called from many goroutines. Only one Directory of a place may be in use: it takes
// unfinished files that it does not know for leftovers, and removes them.
type Directory struct {
	fs vfs.FS
	o  Options

	mu      sync.Mutex // held while names are looked at and changed
	writing map[string]bool
	last    int64
}

// At returns the snapshot of a directory of the operating system, which is made if need
// be. It takes no lock: that is for the store.
func At(path string, o Options) (*Directory, error) {
	d, err := vfs.OS(path)
	if err != nil {
		return nil, err
	}
	return Dir(d, o), nil
}

// Dir returns the snapshot of a directory, which is not looked at yet.
func Dir(d vfs.FS, o Options) *Directory {
	return &Directory{fs: d, o: o, writing: map[string]bool{}}
}

// Create begins a snapshot. The context is that of the whole snapshot.
func (d *Directory) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sweep(); err != nil {
		return nil, err
	}
	d.last++
	temp := fmt.Sprintf("%s%d", tempPrefix, d.last)
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
	return &fileWriter{Writer: w, ctx: ctx, dir: d, file: f, early: early, temp: temp}, nil
}

// sweep removes what was not finished.
func (d *Directory) sweep() error {
	names, err := d.fs.List()
	for _, n := range names {
		if strings.HasPrefix(n, tempPrefix) && !d.writing[n] {
			_ = d.fs.Remove(n) // what cannot be removed is no hindrance
		}
	}
	return err
}

// Open opens dump.rdb. The context is that of the whole reading. Keys whose time has come
// are read too, as the store drops them itself.
func (d *Directory) Open(ctx context.Context) (persist.SnapshotReader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := d.fs.Open(FileName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, persist.ErrNoSnapshot
	}
	if err != nil {
		return nil, err
	}
	o := d.o
	o.Name = FileName
	r, err := NewReader(f, o)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &fileReader{r, ctx, f}, nil
}

// fileWriter writes dump.rdb under another name.
type fileWriter struct {
	*Writer
	ctx   context.Context
	dir   *Directory
	file  vfs.File
	early *vfs.EarlySync
	temp  string
	ended bool
}

func (w *fileWriter) Write(c persist.Chunk) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	return w.Writer.Write(c)
}

// Commit makes the file durable and gives it its name. Where that fails because the
// directory cannot be synced, which of the two files is there is not known.
func (w *fileWriter) Commit() error {
	if w.ended {
		return fs.ErrClosed
	}
	err := w.finish()
	d := w.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.writing, w.temp)
	if err != nil {
		_ = d.fs.Remove(w.temp) // what is left is swept up
		return err
	}
	if err := d.fs.Rename(w.temp, FileName); err != nil {
		_ = d.fs.Remove(w.temp)
		return err
	}
	return d.fs.Sync()
}

// finish makes the file whole and durable, and closes it.
func (w *fileWriter) finish() error {
	w.ended = true
	err := w.Close()
	if early := w.early.Wait(); err == nil {
		err = early
	}
	if err == nil {
		err = w.ctx.Err()
	}
	if err == nil {
		err = w.file.Sync()
	}
	return errors.Join(err, w.file.Close())
}

// Abort drops what was written, whoever still writes. After Commit it does nothing.
func (w *fileWriter) Abort() error {
	if w.ended {
		return nil
	}
	w.ended = true
	w.out.stop(fs.ErrClosed)
	_ = w.early.Wait() // what it has failed to make durable is dropped anyway
	err := w.file.Close()
	w.dir.mu.Lock()
	defer w.dir.mu.Unlock()
	delete(w.dir.writing, w.temp)
	_ = w.dir.fs.Remove(w.temp)
	return err
}

// fileReader reads dump.rdb. It reads on when that is replaced.
type fileReader struct {
	*Reader
	ctx  context.Context
	file vfs.File
}

func (r *fileReader) Next() (persist.Chunk, error) { return r.NextInto(nil) }

func (r *fileReader) NextInto(room []byte) (persist.Chunk, error) {
	if err := r.ctx.Err(); err != nil {
		return persist.Chunk{}, err
	}
	return r.Reader.NextInto(room)
}

func (r *fileReader) Close() error { return errors.Join(r.Reader.Close(), r.file.Close()) }
