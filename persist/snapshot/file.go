package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// FileWriter writes a snapshot of a Directory: it is a persist.SnapshotWriter.
type FileWriter struct {
	ctx    context.Context
	dir    *Directory
	file   vfs.File
	early  *vfs.EarlySync
	temp   string
	stream *Writer
	ended  bool
}

// Write is that of a Writer. It fails when the context is done.
func (w *FileWriter) Write(c persist.Chunk) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	return w.stream.Write(c)
}

// Counts says how far it is. It may be called at any time, by anybody.
func (w *FileWriter) Counts() Counts { return w.stream.Counts() }

// Commit makes the snapshot durable and the newest, and removes older ones. Where it
// fails because the directory cannot be synced, what it takes back then may be there
// again, and whole, in a process that comes later.
func (w *FileWriter) Commit() error {
	if w.ended {
		return fs.ErrClosed
	}
	err := w.finish()
	w.dir.mu.Lock()
	defer w.dir.mu.Unlock()
	if err == nil {
		err = w.dir.publish(w.temp, w.stream.about.Position)
	}
	w.forget(err != nil)
	return err
}

// finish makes the file whole and durable, and closes it.
func (w *FileWriter) finish() error {
	w.ended = true
	err := w.stream.Close()
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

// forget ends the file's time as one that is being written. The directory is locked.
func (w *FileWriter) forget(remove bool) {
	if remove {
		_ = w.dir.fs.Remove(w.temp) // what is left is swept up
	}
	delete(w.dir.writing, w.temp)
}

// Abort drops what was written, whoever still writes. After Commit it does nothing.
func (w *FileWriter) Abort() error {
	if w.ended {
		return nil
	}
	w.ended = true
	w.stream.out.stop(fs.ErrClosed)
	_ = w.early.Wait() // what it has failed to make durable is dropped anyway
	err := w.file.Close()
	w.dir.mu.Lock()
	defer w.dir.mu.Unlock()
	w.forget(true)
	return err
}

// FileReader reads a snapshot of a Directory: it is a persist.SnapshotReader. It reads on
// when the snapshot is replaced.
type FileReader struct {
	*Reader
	ctx  context.Context
	file vfs.File
	size int64
}

// open opens a snapshot by its name.
func (d *Directory) open(ctx context.Context, name string) (*FileReader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := d.fs.Open(name)
	if err != nil {
		return nil, err
	}
	r, err := newFileReader(ctx, f, name)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return r, nil
}

func newFileReader(ctx context.Context, f vfs.File, name string) (*FileReader, error) {
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	r, err := NewReader(f, Options{Name: name})
	if err != nil {
		return nil, err
	}
	if n, ok := parseName(name); ok && n.position != r.header.Position {
		return nil, r.damaged(prefixSize, fmt.Sprintf("its name says that it is at %d, and its header at %d", n.position, r.header.Position))
	}
	return &FileReader{r, ctx, f, size}, nil
}

// Next is that of a Reader. It fails when the context is done.
func (r *FileReader) Next() (persist.Chunk, error) { return r.NextInto(nil) }

// NextInto is that of a Reader. It fails when the context is done.
func (r *FileReader) NextInto(room []byte) (persist.Chunk, error) {
	if err := r.ctx.Err(); err != nil {
		return persist.Chunk{}, err
	}
	return r.Reader.NextInto(room)
}

// Size is how many bytes the file has: what Counts has in the end.
func (r *FileReader) Size() int64 { return r.size }

// Close ends the reading, wherever it is.
func (r *FileReader) Close() error {
	return errors.Join(r.Reader.Close(), r.file.Close())
}
