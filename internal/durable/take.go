package durable

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// taking is a snapshot that is taken.
type taking struct {
	eng     *engine.Engine
	history func(position int64) string
	workers int
	at      func(*engine.Tx) // called while the cut is made, and nobody else has a part of the store
	counts  *counts
}

// counts say how far a snapshot is.
type counts struct {
	keys, total, bytes atomic.Int64
}

// to takes the snapshot.
func (t *taking) to(ctx context.Context, place persist.Snapshotter) (about persist.Snapshot, err error) {
	cut, err := t.eng.CutWith(ctx, t.at)
	if err != nil {
		return about, err
	}
	defer cut.Close()
	about = persist.Snapshot{
		History: t.history(cut.Position), Position: cut.Position, Clock: t.eng.Now(),
		Databases: t.eng.Databases(), Keys: cut.Keys, Parts: cut.Parts(),
	}
	t.counts.total.Store(cut.Keys)
	w, err := place.Create(ctx, about)
	if err != nil {
		return about, err
	}
	if err := t.export(ctx, cut, w); err != nil {
		return about, errors.Join(err, w.Abort())
	}
	return about, w.Commit()
}

// export writes all parts of a cut.
func (t *taking) export(ctx context.Context, cut *engine.Cut, w persist.SnapshotWriter) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(t.workers, cut.Parts()) {
		all.Go(func() {
			for part := int(next.Add(1)) - 1; part < cut.Parts(); part = int(next.Add(1)) - 1 {
				if err := t.exportPart(ctx, cut, part, w); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

func (t *taking) exportPart(ctx context.Context, cut *engine.Cut, part int, w persist.SnapshotWriter) error {
	return cut.Export(ctx, part, func(keys int, effects []byte) error {
		t.counts.keys.Add(int64(keys))
		t.counts.bytes.Add(int64(len(effects)))
		return w.Write(persist.Chunk{Part: part, Keys: keys, Effects: effects})
	})
}

// Origin is where the content of an engine comes from that no keeper keeps.
type Origin struct {
	History  string
	Position int64
}

// of is the history that a content is of: that of the origin while nothing has changed.
func (o *Origin) of(position int64) string {
	if o != nil && o.Position == position {
		return o.History
	}
	return newHistory()
}

// Backup writes a snapshot of an engine to a place of the caller's, while others use the
// engine. It is of the history of the keeper, if k is not nil, or of the origin.
func Backup(ctx context.Context, e *engine.Engine, k *Keeper, from *Origin, place persist.Snapshotter) (persist.Snapshot, error) {
	t := taking{eng: e, workers: someProcessors(), counts: new(counts), history: from.of}
	if k != nil {
		t.history = k.historyOf
	}
	return t.to(ctx, place)
}

func (k *Keeper) historyOf(int64) string { return k.history }
