package appendlog

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// world is a log that is used as a store uses one, and what is known about it. A snapshot
// is a number here: it is durable when it is set.
type world struct {
	t        *testing.T
	rng      *rand.Rand
	o        Options
	disk     *vfs.Mem
	faults   *vfs.Faults
	log      *Log
	truth    []persist.Record // what was done, from position 1 on, in memory too
	written  int64            // up to where Append has returned
	durable  int64            // up to where all is durable
	snapshot int64
	epoch    int // of openings: no two write the same
	opened   bool
	healthy  bool // since then
	synced   bool // each Append is followed by Sync
	calls    int  // to the file system, in all openings
	onCall   func(n int, c vfs.Call) error
}

// errDisk is what goes wrong when a test wants it to.
var errDisk = syscall.EIO

func newWorld(t *testing.T, rng *rand.Rand) *world {
	w := &world{t: t, rng: rng, truth: []persist.Record{}, o: Options{SegmentSize: 200 + rng.Int64N(800)}, synced: rng.IntN(3) == 0}
	w.use(vfs.NewMem())
	w.open()
	return w
}

// use makes the world go on with a disk.
func (w *world) use(m *vfs.Mem) {
	w.disk, w.faults, w.opened = m, vfs.NewFaults(m), false
	w.faults.Inject(func(c vfs.Call) error {
		if w.calls++; w.onCall != nil {
			return w.onCall(w.calls, c)
		}
		return nil
	})
}

// copy is a world of its own with what a disk has.
func (w *world) copy(m *vfs.Mem) *world {
	c := *w
	c.truth, c.onCall = append([]persist.Record{}, w.truth...), nil
	c.use(m)
	return &c
}

func (w *world) last() int64 { return int64(len(w.truth)) }

// open opens the log. What it finds has to be what was done, no less than was durable,
// and no more than was tried.
func (w *world) open() {
	w.epoch++
	w.opened = false
	w.log = Open(w.faults, w.o)
	var got []persist.Record
	found, err := w.log.Replay(w.t.Context(), "", w.snapshot, collect(&got))
	if err == nil {
		w.holds(got, found, w.durable)
		w.truth = w.truth[:found.Position]
		w.written = w.last()
		err = w.log.Begin(history, w.last())
	}
	if err != nil {
		w.excuse(err)
		w.close()
		return
	}
	w.durable, w.opened, w.healthy = w.last(), true, true
}

// excuse fails the test for an error that was not injected.
func (w *world) excuse(err error) {
	w.t.Helper()
	require.ErrorIs(w.t, err, errDisk)
	require.NotNil(w.t, w.onCall)
}

func (w *world) holds(got []persist.Record, found persist.Recovery, least int64) {
	w.t.Helper()
	require.GreaterOrEqual(w.t, found.Position, max(least, w.snapshot), "what was durable is there")
	require.LessOrEqual(w.t, found.Position, max(w.last(), w.snapshot))
	require.Equal(w.t, w.truth[w.snapshot:found.Position], got, "and is what was written")
}

// begin makes the log go on from where the store is.
func (w *world) begin() {
	err := w.log.Begin(history, w.last())
	if w.healthy = err == nil; !w.healthy {
		w.excuse(err)
		return
	}
	w.durable = w.last()
}

// step makes one call to the log, or a few.
func (w *world) step() {
	switch n := w.rng.IntN(20); {
	case !w.opened:
		w.open()
	case !w.healthy:
		w.snapshot = w.last()
		w.begin()
	case n < 12:
		w.append(1 + w.rng.IntN(4))
	case n < 15:
		w.sync()
	case n < 17:
		w.begin()
		w.snapshot = max(w.snapshot, w.durable)
	case n < 19:
		w.trim()
	case w.rng.IntN(2) == 0:
		w.close()
		w.open()
	default:
		w.kill()
	}
}

func (w *world) append(n int) {
	var batch []persist.Record
	for range n {
		at := w.last() + 1
		batch = append(batch, persist.Record{
			Position: at, Clock: w.rng.Int64N(100), Effects: fmt.Appendf(nil, "%d of %d, %0*d", at, w.epoch, w.rng.IntN(60), 0),
		})
		w.truth = append(w.truth, batch[len(batch)-1])
	}
	if err := w.log.Append(batch); err != nil {
		w.healthy = false
		w.excuse(err)
		return
	}
	w.written = w.last()
	if w.synced {
		w.sync()
	}
}

func (w *world) close() {
	if err := w.log.Close(); err != nil {
		w.excuse(err)
	}
}

func (w *world) trim() {
	if err := w.log.Trim(w.snapshot); err != nil {
		w.excuse(err)
	}
}

func (w *world) sync() {
	if err := w.log.Sync(); err != nil {
		w.healthy = false
		w.excuse(err)
		return
	}
	w.durable = w.last()
}

// kill ends the process and starts another, which has to find all that was written.
func (w *world) kill() {
	after := w.disk.Kill()
	_ = w.log.Close() // it is a process that is not there any more
	l := Open(after.Clone(), w.o)
	var got []persist.Record
	found, err := l.Replay(w.t.Context(), "", w.snapshot, collect(&got))
	require.NoError(w.t, err)
	w.holds(got, found, w.written)
	require.NoError(w.t, l.Close())
	w.use(after)
	w.open()
}

// survives checks what a power cut leaves at this moment. With deep, the power is cut
// again at each call of the recovery, and of what comes after it.
func (w *world) survives(deep bool) {
	c := w.copy(w.disk.Clone().Crash(w.rng))
	if deep {
		c.onCall = func(_ int, call vfs.Call) error {
			if changes(call.Op) {
				c.survives(false)
			}
			return nil
		}
	}
	c.open()
	require.True(c.t, c.opened)
	c.append(1 + c.rng.IntN(3))
	c.sync()
	c.append(1)
	c.onCall = nil
	if deep {
		c.survives(false)
	}
	require.NoError(c.t, c.log.Close())
}

// changes reports whether a call changes what a power cut would leave.
func changes(op vfs.Op) bool {
	return op != vfs.OpReadAt && op != vfs.OpRead && op != vfs.OpOpen && op != vfs.OpSize && op != vfs.OpList && op != vfs.OpClose
}
