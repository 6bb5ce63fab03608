package durable

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// taking is a snapshot that is taken.
type taking struct {
	eng *engine.Engine
	how pace
	// at is called while the cut is made, and nobody else has a part of the store. It
	// says what the history is.
	at     func(*engine.Tx) (history string)
	counts *counts
}

// pace is how much of the processors a snapshot takes.
type pace bool

const (
	hurried pace = false // somebody waits for it
	gently  pace = true  // others should not notice
)

// counts say how far a snapshot is.
type counts struct {
	keys, total, bytes atomic.Int64
}

// Place is the half of a persist.Snapshotter that takes snapshots.
type Place interface {
	// Create is persist.Snapshotter's.
	Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error)
}

// to takes the snapshot.
func (t *taking) to(ctx context.Context, place Place) (about persist.Snapshot, err error) {
	var history string
	cut, err := t.eng.CutWith(ctx, func(tx *engine.Tx) { history = t.at(tx) })
	if err != nil {
		return about, err
	}
	defer cut.Close()
	about = persist.Snapshot{
		History: history, Position: cut.Position, Clock: t.eng.Now(),
		Databases: t.eng.Databases(), Keys: cut.Keys, Parts: cut.Parts(), Timed: cut.Timed,
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
	for range min(t.workers(), cut.Parts()) {
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

// workers is how many goroutines write parts.
func (t *taking) workers() int {
	if t.how == gently {
		return someProcessors()
	}
	return allProcessors()
}

// exportPart writes one part.
func (t *taking) exportPart(ctx context.Context, cut *engine.Cut, part int, w persist.SnapshotWriter) error {
	rest := breaks{eng: t.eng, began: time.Now()}
	return cut.Export(ctx, part, func(keys int, effects []byte) error {
		t.counts.keys.Add(int64(keys))
		t.counts.bytes.Add(int64(len(effects)))
		err := w.Write(persist.Chunk{Part: part, Keys: keys, Effects: effects})
		if t.how == gently {
			rest.now()
		}
		return err
	})
}

// workAtOnce is how long a gentle snapshot works before it rests for as long.
const workAtOnce = time.Millisecond

// breaks are those that a gentle snapshot makes while others write. With two writers on two
// processors these keep 64 to 70 % of their speed while a snapshot of a million keys takes
// 0.75 to 0.9 s. When it lets others go first after each chunk, without a rest, they keep 39
// to 49 % for 0.43 s, and else 20 to 37 % for 0.26 s: it is not only the processors that they
// share with it, but each first write to an entry saves what the snapshot has still to read.
type breaks struct {
	eng   *engine.Engine
	began time.Time
	last  int64 // position
}

// now makes one if it is time for that.
func (b *breaks) now() {
	worked := time.Since(b.began)
	if worked < workAtOnce {
		return
	}
	if position := b.eng.Position(); position != b.last {
		b.last = position
		time.Sleep(min(worked, 2*workAtOnce))
	}
	b.began = time.Now()
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
	return newHistory(0)
}

// Backup writes a snapshot of an engine to a place of the caller's, while others use the
// engine. It is of the history of the keeper, if k is not nil, or of the origin.
func Backup(ctx context.Context, e *engine.Engine, k *Keeper, from *Origin, place Place) (persist.Snapshot, error) {
	if k == nil {
		return Copy(ctx, e, func(tx *engine.Tx) string { return from.of(tx.Position()) }, place)
	}
	return Copy(ctx, e, func(*engine.Tx) string { return k.History() }, place)
}

// Export is Backup for somebody who waits: it takes all processors.
func Export(ctx context.Context, e *engine.Engine, k *Keeper, from *Origin, place Place) (persist.Snapshot, error) {
	t := taking{eng: e, how: hurried, counts: new(counts), at: func(tx *engine.Tx) string {
		if k != nil {
			return k.History()
		}
		return from.of(tx.Position())
	}}
	return t.to(ctx, place)
}

// Copy writes a snapshot of an engine to a place, while others use the engine. While the
// cut is made, and nobody else has a part of the store, it calls at, which says what the
// history is.
func Copy(ctx context.Context, e *engine.Engine, at func(*engine.Tx) (history string), place Place) (persist.Snapshot, error) {
	t := taking{eng: e, how: gently, counts: new(counts), at: at}
	return t.to(ctx, place)
}
