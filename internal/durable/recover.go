package durable

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// recover fills the engine with the newest snapshot and the records behind it.
func (k *Keeper) recover(ctx context.Context, r *engine.Recovery, progress func(Progress)) (err error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	var snapshot int64
	if k.snaps != nil {
		if snapshot, err = k.loadNewest(ctx, r, progress); err != nil {
			return err
		}
	}
	position := snapshot
	if k.log != nil {
		if position, err = k.replay(ctx, r, snapshot, progress); err != nil {
			return err
		}
	}
	if k.History() == "" {
		k.setHistory(newHistory(0))
	}
	k.status.init(snapshot, position, k.eng.Now())
	return nil
}

// loadNewest loads the newest snapshot, if there is one, and returns its position.
func (k *Keeper) loadNewest(ctx context.Context, r *engine.Recovery, progress func(Progress)) (position int64, err error) {
	in, err := k.snaps.Open(ctx)
	if errors.Is(err, persist.ErrNoSnapshot) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	about := in.About()
	err = load(ctx, k.eng, r, in, progress)
	k.setHistory(about.History)
	k.found.Snapshot = &about
	k.eng.SetPosition(about.Position)
	return about.Position, errors.Join(err, in.Close())
}

// load fills an empty engine with a snapshot.
func load(ctx context.Context, e *engine.Engine, r *engine.Recovery, in persist.SnapshotReader, progress func(Progress)) error {
	about := in.About()
	if about.Databases > e.Databases() {
		return fmt.Errorf("reside: the snapshot is of %d databases, and the store has %d", about.Databases, e.Databases())
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	lanes := make([]chan persist.Chunk, allProcessors())
	loaded := make(chan []byte, chunksAhead*len(lanes))
	var loaders sync.WaitGroup
	for i := range lanes {
		lanes[i] = make(chan persist.Chunk, chunksAhead)
		loaders.Go(func() {
			if err := loadLane(r, lanes[i], loaded); err != nil {
				cancel(err)
			}
		})
	}
	err := deal(ctx, nextInto(in, loaded), lanes, func(keys int64) { progress(Progress{"snapshot", keys, about.Keys}) })
	for _, lane := range lanes {
		close(lane)
	}
	loaders.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return err
}

// chunksAhead is how many chunks of a lane may wait: readers that fill those of all parts
// side by side have many of them ready at once, and none for a while then.
const chunksAhead = 16

// loadLane loads chunks and gives their memory back.
func loadLane(r *engine.Recovery, lane <-chan persist.Chunk, loaded chan<- []byte) error {
	for c := range lane {
		if err := r.Load(c.Effects); err != nil {
			return whereabouts(c, err)
		}
		if cap(c.Effects) > effect.MaxReuse {
			continue
		}
		select {
		case loaded <- c.Effects:
		default: // nobody wants it
		}
	}
	return nil
}

// whereabouts says where a chunk is that cannot be loaded, as an element is there twice,
// or a key: only who loads it knows.
func whereabouts(c persist.Chunk, err error) error {
	if c.Offset == 0 {
		return err
	}
	return &persist.DamageError{File: "the snapshot", Offset: c.Offset, Reason: "what begins there cannot be loaded: " + err.Error()}
}

// nextInto is Next of a reader, in the memory of chunks that were loaded if it can.
func nextInto(in persist.SnapshotReader, loaded <-chan []byte) func() (persist.Chunk, error) {
	into, ok := in.(persist.IntoReader)
	if !ok {
		return in.Next
	}
	return func() (persist.Chunk, error) {
		select {
		case room := <-loaded:
			return into.NextInto(room)
		default:
			return into.NextInto(nil)
		}
	}
}

// deal hands the chunks of each part to one lane, in order.
func deal(ctx context.Context, next func() (persist.Chunk, error), lanes []chan persist.Chunk, tell func(keys int64)) error {
	for keys, told := int64(0), int64(0); ; {
		c, err := next()
		switch {
		case err == io.EOF:
			tell(keys)
			return nil
		case err != nil:
			return err
		case c.Part < 0:
			return fmt.Errorf("reside: a chunk is of part %d: %w", c.Part, engine.ErrMalformed)
		}
		select {
		case lanes[c.Part%len(lanes)] <- c:
		case <-ctx.Done():
			return ctx.Err()
		}
		if keys += int64(c.Keys); keys-told >= tellEvery {
			tell(keys)
			told = keys
		}
	}
}

// tellEvery is after how many keys or records Progress is told of.
const tellEvery = 1 << 16

// replay applies the records behind a snapshot, and returns the position that they lead
// to.
func (k *Keeper) replay(ctx context.Context, r *engine.Recovery, after int64, progress func(Progress)) (position int64, err error) {
	var n int64
	k.found.Log, err = k.log.Replay(ctx, k.History(), after, func(rec persist.Record) error {
		if n++; n%tellEvery == 0 {
			progress(Progress{"log", n, 0})
		}
		return r.Replay(engine.Record{Seq: rec.Position, Clock: rec.Clock, Effects: rec.Effects})
	})
	if errors.Is(err, persist.ErrHistory) && n == 0 && supersedes(k.History()) {
		k.found.Log, err = persist.Recovery{Position: after}, nil
	}
	if err != nil {
		return 0, err
	}
	progress(Progress{"log", n, n})
	if k.History() == "" {
		k.setHistory(k.found.Log.History)
	}
	return max(after, k.found.Log.Position), nil
}

// allProcessors is how many goroutines work on what is waited for.
func allProcessors() int { return max(1, runtime.GOMAXPROCS(0)) }

// someProcessors is how many work on what others should not notice.
func someProcessors() int { return max(1, runtime.GOMAXPROCS(0)/2) }
