package crash

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/vfs"
)

// moment is a disk as it was when a call was made, and what was promised by then.
type moment struct {
	call  vfs.Call
	disk  *vfs.Mem
	acks  []ack
	floor int64
	now   time.Time
}

// moments are those that were kept to be looked at when all changes are noted.
type moments struct {
	mu   sync.Mutex
	all  []moment
	over bool // no more are kept
}

// keep keeps the moment of a call. What was promised is looked at first: more may be
// durable by the time that the disk is copied, never less.
func (w *world) keep(c vfs.Call) {
	acks, floor := w.past.acknowledged()
	m := moment{call: c, acks: acks, floor: floor, now: time.Now(), disk: w.disk.Clone()}
	w.moments.mu.Lock()
	defer w.moments.mu.Unlock()
	if !w.moments.over {
		w.moments.all = append(w.moments.all, m)
	}
}

// take returns the moments that were kept, and keeps none any more if that is over.
func (m *moments) take(over bool) []moment {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.all
	m.all, m.over = nil, over
	return all
}

// changes reports whether a call changes what a power cut would leave.
func changes(op vfs.Op) bool {
	switch op {
	case vfs.OpReadAt, vfs.OpRead, vfs.OpOpen, vfs.OpSize, vfs.OpList, vfs.OpClose, vfs.OpLock, vfs.OpUnlock:
		return false
	}
	return true
}

// survive looks at what a power cut, or the end of the process, leaves at each moment
// that was kept. Nobody writes. With deep, it is looked at what power cuts leave of a
// recovery, too, now and then.
func (w *world) survive(rng *rand.Rand, deep bool) {
	w.t.Helper()
	for _, m := range w.moments.take(false) {
		w.survives(m, m.disk.Clone().Crash(rng), deep && rng.IntN(20) == 0, rng)
		if rng.IntN(4) == 0 {
			w.survives(m, m.disk.Kill(), false, rng)
		}
	}
}

// survives opens what is left of a moment. With deep it goes on from there, and the power
// is cut again at each call of the recovery and of what follows.
func (w *world) survives(m moment, left *vfs.Mem, deep bool, rng *rand.Rand) {
	w.t.Helper()
	w.t.Logf("at call %v, with %d acknowledged, %d of them for good", m.call, len(m.acks), m.floor) // shown when it fails
	c := &world{t: w.t, o: w.o, whole: w.whole, past: w.past.promise(m.floor), moments: new(moments)}
	c.use(left)
	if deep {
		c.on(func(call vfs.Call) error {
			if changes(call.Op) {
				c.keep(call)
			}
			return nil
		})
	}
	s, err := open(w.t.Context(), c.faults, w.o, w.clock)
	require.NoError(w.t, err)
	w.check(s, m.floor)
	w.lost(m, s.Position())
	if deep {
		recovering := c.moments.take(false)
		c.store, c.past = s, w.past.copy(s.Position())
		c.goOn(rng)
		w.recovered(recovering, rng)
		c.survive(rng, false)
		c.past.close()
		return
	}
	require.NoError(w.t, s.close())
}

// recovered looks at moments of a recovery: they promise what the recovered world did.
func (w *world) recovered(all []moment, rng *rand.Rand) {
	for _, m := range all {
		w.survives(m, m.disk.Clone().Crash(rng), false, rng)
	}
}

// goOn uses a store that was recovered, to its end.
func (w *world) goOn(rng *rand.Rand) {
	for range 3 {
		require.NoError(w.t, w.write(w.t.Context(), change(rng.Uint64())))
	}
	require.NoError(w.t, w.store.keeper.Save(w.t.Context()))
	require.NoError(w.t, w.write(w.t.Context(), change(rng.Uint64())))
	w.close()
}

// lost checks that what is missing of what was acknowledged may be missing: by the policy
// EverySecond it is no more than a second's.
func (w *world) lost(m moment, found int64) {
	w.t.Helper()
	if w.o.Policy != durable.EverySecond {
		return
	}
	var first, last time.Time
	for _, a := range m.acks {
		if a.position <= found {
			continue
		}
		if first.IsZero() {
			first = a.at
		}
		last = a.at
	}
	require.LessOrEqual(w.t, last.Sub(first), time.Second, "what is lost was acknowledged within a second")
	if w.quick && !first.IsZero() {
		require.LessOrEqual(w.t, m.now.Sub(first), time.Second, "and not more than a second ago")
	}
}
