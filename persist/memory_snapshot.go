package persist

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"sync"
)

// MemorySnapshots keeps the newest snapshot in memory: it is a Snapshotter for tests and
// for stores that need not survive their process. The zero value is empty, and ready. It
// needs as much memory as the chunks have bytes.
type MemorySnapshots struct {
	mu     sync.Mutex
	newest *memorySnapshot // nil for none; never changed once it is there
}

type memorySnapshot struct {
	about  Snapshot
	chunks []Chunk
}

// Create begins a snapshot.
func (m *MemorySnapshots) Create(ctx context.Context, about Snapshot) (SnapshotWriter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &memoryWriter{ctx: ctx, to: m, snapshot: memorySnapshot{about: about}}, nil
}

// Open opens the newest snapshot.
func (m *MemorySnapshots) Open(ctx context.Context) (SnapshotReader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.newest == nil {
		return nil, ErrNoSnapshot
	}
	return &memoryReader{ctx: ctx, about: m.newest.about, rest: m.newest.chunks}, nil
}

type memoryWriter struct {
	ctx      context.Context
	to       *MemorySnapshots
	mu       sync.Mutex
	snapshot memorySnapshot
	err      error // what all calls return from now on
}

func (w *memoryWriter) Write(c Chunk) error {
	c.Effects = bytes.Clone(c.Effects)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.failure(); err != nil {
		return err
	}
	if c.Part < 0 || c.Part >= w.snapshot.about.Parts {
		w.err = fmt.Errorf("persist: a chunk of part %d of %d", c.Part, w.snapshot.about.Parts)
		return w.err
	}
	w.snapshot.chunks = append(w.snapshot.chunks, c)
	return nil
}

func (w *memoryWriter) Commit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.failure()
	w.err = fs.ErrClosed
	if err != nil {
		return err
	}
	w.to.mu.Lock()
	defer w.to.mu.Unlock()
	w.to.newest = &w.snapshot
	return nil
}

func (w *memoryWriter) Abort() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = fs.ErrClosed
	return nil
}

func (w *memoryWriter) failure() error {
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	return w.err
}

type memoryReader struct {
	ctx   context.Context
	about Snapshot
	rest  []Chunk
	ended bool
}

func (r *memoryReader) About() Snapshot { return r.about }

func (r *memoryReader) Next() (c Chunk, err error) {
	switch {
	case r.ended:
		return c, fs.ErrClosed
	case r.ctx.Err() != nil:
		return c, r.ctx.Err()
	case len(r.rest) == 0:
		return c, io.EOF
	}
	c, r.rest = r.rest[0], r.rest[1:]
	c.Effects = bytes.Clone(c.Effects)
	return c, nil
}

func (r *memoryReader) Close() error {
	r.ended = true
	return nil
}
