package feed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
)

// Create begins a snapshot, which is read into an engine of its own.
func (i *inlet) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	if err := i.enter(ctx); err != nil {
		return nil, err
	}
	defer i.sink.leave()
	e := i.sink.eng
	switch {
	case about.Databases > e.Databases():
		return nil, fmt.Errorf("feed: the primary has %d databases, and the follower %d", about.Databases, e.Databases())
	case !replicate.IsHistory(about.History):
		return nil, fmt.Errorf("%w: %q is none that followers have", persist.ErrHistory, about.History)
	case about.Position < 0:
		return nil, fmt.Errorf("feed: a snapshot at %d", about.Position)
	}
	aside := e.Sibling()
	return &refill{ctx: ctx, inlet: i, about: about, aside: aside, load: aside.Recover()}, nil
}

// refill is a snapshot that comes in.
type refill struct {
	ctx   context.Context
	inlet *inlet
	about persist.Snapshot
	aside *engine.Engine
	load  *engine.Recovery

	mu    sync.Mutex
	err   error // what all calls return from now on
	ended bool
}

// Write reads a chunk.
func (r *refill) Write(c persist.Chunk) error {
	if err := r.failure(); err != nil {
		return err
	}
	err := r.ctx.Err()
	if err == nil && (c.Part < 0 || c.Part >= r.about.Parts) {
		err = fmt.Errorf("feed: a chunk of part %d of %d: %w", c.Part, r.about.Parts, engine.ErrMalformed)
	}
	if err == nil {
		err = r.load.Load(c.Effects)
	}
	return r.fail(err)
}

func (r *refill) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// fail remembers the first error, and returns err.
func (r *refill) fail(err error) error {
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.err == nil {
			r.err = err
		}
	}
	return err
}

// end ends the loading, once; first reports whether it was the first time.
func (r *refill) end() (first bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return false, r.err
	}
	err = r.err
	r.ended, r.err = true, fs.ErrClosed
	return true, errors.Join(err, r.load.End(nil))
}

// Commit puts what was read in the place of all there is.
func (r *refill) Commit() error {
	first, err := r.end()
	if !first {
		return err
	}
	if err == nil {
		err = r.inlet.enter(r.ctx)
	}
	if err != nil {
		r.aside.Close()
		return err
	}
	defer r.inlet.sink.leave()
	return r.inlet.sink.take(r.ctx, r.aside, durable.Line{History: r.about.History, Position: r.about.Position})
}

// Abort drops what was read.
func (r *refill) Abort() error {
	if first, _ := r.end(); first {
		r.aside.Close()
	}
	return nil
}

// take puts the content of another engine in the place of all there is.
func (s *Sink) take(ctx context.Context, other *engine.Engine, to durable.Line) error {
	return durable.Adopt(ctx, s.eng, s.keep, other, to, func(*engine.Tx) {
		s.known, s.position = true, to.Position
		s.feed.Leave(to.History)
	})
}
