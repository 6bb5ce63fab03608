package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/snapshot"
)

// Snapshots keeps a store's snapshots in a bucket, each as one object. It is a
// persist.Snapshotter; what is in the object is the library's own stream.
type Snapshots struct{ Bucket Bucket }

// snapshotPrefix begins the names of snapshots. Their numbers have leading zeros, so the newest
// is the last in the list.
const snapshotPrefix = "snapshot/"

// Create begins the next snapshot.
func (s Snapshots) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	older, err := s.Bucket.List(ctx, snapshotPrefix)
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	number := 1
	if n := len(older); n > 0 {
		if _, err := fmt.Sscanf(older[n-1], snapshotPrefix+"%d", &number); err != nil {
			return nil, err
		}
		number++
	}
	object, err := s.Bucket.Create(ctx, fmt.Sprintf(snapshotPrefix+"%012d", number))
	if err != nil {
		return nil, err
	}
	stream, err := snapshot.NewWriter(object, about, snapshot.Options{})
	if err != nil {
		object.Cancel()
		return nil, err
	}
	return &snapshotWriter{stream, ctx, s.Bucket, object, older}, nil
}

// snapshotWriter writes one snapshot. The stream's Write takes the chunks of several
// goroutines.
type snapshotWriter struct {
	*snapshot.Writer
	ctx    context.Context
	bucket Bucket
	object Object // nil when it is closed
	older  []string
}

// Write writes a chunk, while the context of Create goes on.
func (w *snapshotWriter) Write(c persist.Chunk) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	return w.Writer.Write(c)
}

// Commit makes the object appear, and deletes those before it.
func (w *snapshotWriter) Commit() error {
	if err := errors.Join(w.Close(), w.ctx.Err()); err != nil {
		return errors.Join(err, w.Abort())
	}
	object := w.object
	w.object = nil
	if err := object.Close(); err != nil {
		return err
	}
	for _, name := range w.older {
		_ = w.bucket.Delete(w.ctx, name) // or the next time
	}
	return nil
}

// Abort drops the object.
func (w *snapshotWriter) Abort() error {
	if w.object != nil {
		w.object.Cancel()
		w.object = nil
	}
	return nil
}

// Open opens the newest snapshot.
func (s Snapshots) Open(ctx context.Context) (persist.SnapshotReader, error) {
	names, err := s.Bucket.List(ctx, snapshotPrefix)
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, persist.ErrNoSnapshot
	}
	newest := names[len(names)-1]
	object, err := s.Bucket.Open(ctx, newest)
	if err != nil {
		return nil, err
	}
	stream, err := snapshot.NewReader(object, snapshot.Options{Name: newest})
	if err != nil {
		return nil, errors.Join(err, object.Close())
	}
	return snapshotReader{stream, ctx, object}, nil
}

type snapshotReader struct {
	*snapshot.Reader
	ctx    context.Context
	object io.Closer
}

// Next returns the next chunk, while the context of Open goes on.
func (r snapshotReader) Next() (persist.Chunk, error) {
	if err := r.ctx.Err(); err != nil {
		return persist.Chunk{}, err
	}
	return r.Reader.Next()
}

// Close ends the reading.
func (r snapshotReader) Close() error { return errors.Join(r.Reader.Close(), r.object.Close()) }
