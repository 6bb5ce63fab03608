package crash

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist/appendlog"
	"github.com/residedb/reside/persist/snapshot"
)

// kept is a store that is open: an engine and its keeper.
type kept struct {
	*engine.Engine
	keeper *durable.Keeper
}

// open opens the store of a directory. Without a clock it has that of the system.
func open(ctx context.Context, d vfs.FS, o durable.Options, clock engine.Clock) (*kept, error) {
	log := appendlog.Open(d, appendlog.Options{SegmentSize: segmentOf(o.Policy)})
	o.Snapshots, o.Log = snapshot.Dir(d, snapshot.Options{}), log
	e := engine.New(engine.Options{Seed: 1, Clock: clock})
	k, err := durable.Open(ctx, e, o)
	if err != nil {
		e.Close()
		return nil, errors.Join(err, log.Close())
	}
	return &kept{e, k}, nil
}

// segmentOf is how many bytes a segment of the log has. Each is synced at its end: where
// that is to be seen which comes by itself they are large.
func segmentOf(p durable.Policy) int64 {
	if p == durable.Always {
		return 8 << 10
	}
	return 1 << 20
}

// close ends the use of a store. After a power cut it fails, of course.
func (s *kept) close() error {
	s.Close()
	return s.keeper.Close()
}

// world is a disk, the store on it, and what is known of that.
type world struct {
	t       testing.TB
	o       durable.Options
	clock   engine.Clock
	asks    bool // some writes ask for the disk, whatever the policy is
	quick   bool // its disk is quick, and never fails
	whole   bool // transactions have the whole store: then positions are known without a log too
	disk    *vfs.Mem
	faults  *vfs.Faults
	store   *kept
	past    *history
	moments *moments
	mayFail func() bool
	epoch   atomic.Int64              // even while the log is on
	onCall  atomic.Pointer[vfs.Fault] // has its say in each call, from many goroutines
}

func newWorld(t testing.TB, o durable.Options) *world {
	w := &world{t: t, o: o, past: newHistory(), moments: new(moments)}
	w.use(vfs.NewMem())
	return w
}

// use makes the world go on with a disk, on which nothing is open yet.
func (w *world) use(m *vfs.Mem) {
	w.disk, w.faults = m, vfs.NewFaults(m)
	w.faults.Inject(func(c vfs.Call) error {
		if f := w.onCall.Load(); f != nil && *f != nil {
			return (*f)(c)
		}
		return nil
	})
}

// on lets a function have its say in each call from now on. nil is none.
func (w *world) on(f vfs.Fault) { w.onCall.Store(&f) }

// open opens the store, which has to be one of its past.
func (w *world) open() {
	w.t.Helper()
	s, err := open(w.t.Context(), w.faults, w.o, w.clock)
	require.NoError(w.t, err)
	w.store = s
	w.check(s, w.past.floor)
	w.past.cut(s.Position())
}

// check holds what was recovered to the past.
func (w *world) check(s *kept, floor int64) {
	w.t.Helper()
	p := s.Position()
	require.GreaterOrEqual(w.t, p, floor, "what was acknowledged is there: %v", w.past)
	require.LessOrEqual(w.t, p, w.past.last(), "nothing is there that nobody did")
	require.Equal(w.t, w.past.digest(w.t, p), digestOf(w.t, s.Engine), "position %d is what it was", p)
}

// write makes a change, and notes what becomes of it.
func (w *world) write(ctx context.Context, c change) error {
	s, epoch := w.store, w.epoch.Load()
	always := w.o.Policy == durable.Always
	if w.asks && c%8 == 0 {
		ctx, always = durable.WithSync(ctx), true
	}
	if err := s.Admit(ctx); err != nil {
		return err
	}
	tx := s.Begin(c.keys(), w.whole, false)
	position := int64(0)
	if w.whole {
		position = tx.Position() + 1
	}
	if err := c.run(tx); err != nil {
		w.t.Error(err)
	}
	m := tx.Commit()
	if !w.whole {
		position = m.Position
	}
	w.past.note(position, c)
	if err := s.Settle(ctx, m); err != nil {
		return err
	}
	w.past.acknowledge(position, always && epoch%2 == 0 && epoch == w.epoch.Load())
	return nil
}

// read reads a key, and returns the position that it may have seen.
func (w *world) read(ctx context.Context, k engine.Key) (int64, error) {
	tx := w.store.BeginKey(k)
	if _, err := tx.Find(k); err != nil {
		w.t.Error(err)
	}
	m := tx.Commit()
	return m.Position, w.store.Settle(ctx, m)
}

// close ends the use of the store. Nothing that was acknowledged may be lost by it.
func (w *world) close() {
	w.t.Helper()
	last := w.store.Position()
	require.NoError(w.t, w.store.close())
	w.past.floor = max(w.past.floor, last)
}

// end is close, and that of the world.
func (w *world) end() {
	w.close()
	w.past.close()
}

// writers lets so many goroutines write at once until one of their calls fails, which is
// returned, or each has made so many changes.
func (w *world) writers(ctx context.Context, n, changes int, first change, pause func(*rand.Rand) time.Duration) []error {
	var all sync.WaitGroup
	failed := make([]error, n)
	for i := range n {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(first), uint64(i)))
			for j := range changes {
				if failed[i] = w.write(ctx, first+change(i*changes+j)); failed[i] != nil {
					return
				}
				if pause != nil {
					rest(pause(rng))
				}
			}
		})
	}
	all.Wait()
	return failed
}
