package crash

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/vfs"
)

// switchLog switches the log off, and after a while on again. Once it is on, all that was
// acknowledged is durable.
func (w *world) switchLog(off func()) error {
	w.epoch.Add(1)
	if err := w.store.keeper.SetLog(w.t.Context(), false); err != nil {
		return err
	}
	off()
	if err := w.store.keeper.SetLog(w.t.Context(), true); err != nil {
		if w.store.keeper.LogOn() {
			w.t.Error("it is on, and SetLog says that it is not: ", err)
		}
		return err
	}
	w.past.settle()
	w.epoch.Add(1)
	return nil
}

// settle notes that all that was acknowledged is durable.
func (h *history) settle() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.acks {
		h.floor = max(h.floor, a.position)
	}
}

// TestPowerCutsWhileTheLogIsSwitched off and on, under load: what was acknowledged while
// it was on is never missing, and what came while it was off is not in part.
func TestPowerCutsWhileTheLogIsSwitched(t *testing.T) {
	seeds(t, 6, func(t *testing.T, rng *rand.Rand) {
		w := newWorld(t, durable.Options{Policy: durable.Always})
		w.whole = true
		w.open()
		looks := rand.New(rand.NewPCG(rng.Uint64(), 0))
		var mu sync.Mutex
		w.on(func(c vfs.Call) error {
			mu.Lock()
			defer mu.Unlock()
			if changes(c.Op) && rng.IntN(8) == 0 {
				w.keep(c)
			}
			return nil
		})
		ctx := t.Context()
		var all sync.WaitGroup
		stop := make(chan struct{})
		all.Go(func() {
			for range 12 {
				if err := w.switchLog(func() { w.whileOff(looks) }); err != nil {
					t.Error(err)
				}
				rest(time.Duration(looks.IntN(20)) * time.Millisecond)
			}
			close(stop)
		})
		for i := range 3 {
			all.Go(func() {
				for n := change(i * 1_000_000); !closed(stop); n++ {
					if err := w.write(ctx, n); err != nil {
						t.Error(err)
					}
					rest(time.Millisecond) // without a log nothing makes it wait
				}
			})
		}
		all.Wait()
		w.survive(rand.New(rand.NewPCG(1, 1)), false)
		w.on(nil)
		w.end()
	})
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// whileOff saves, or not.
func (w *world) whileOff(rng *rand.Rand) {
	w.keep(vfs.Call{})
	rest(time.Duration(rng.IntN(20)) * time.Millisecond)
	if rng.IntN(3) == 0 {
		if err := w.store.keeper.Save(w.t.Context()); err != nil {
			w.t.Error(err)
		}
	}
	w.keep(vfs.Call{})
}

// TestWhatIsWrittenWhileTheLogBegins is not waited for. When SetLog has returned it is
// durable all the same, also if nobody writes any more.
func TestWhatIsWrittenWhileTheLogBegins(t *testing.T) {
	for _, policy := range []durable.Policy{durable.Always, durable.EverySecond} {
		seeds(t, 2, func(t *testing.T, rng *rand.Rand) {
			w := newWorld(t, durable.Options{Policy: policy})
			w.whole = true
			w.open()
			opening, wrote := false, 0
			w.on(func(c vfs.Call) error {
				if opening && wrote < 3 && strings.HasPrefix(c.Name, "log-") && changes(c.Op) {
					wrote++
					require.NoError(t, w.write(t.Context(), change(wrote)))
				}
				return nil
			})
			require.NoError(t, w.switchLog(func() {
				require.NoError(t, w.write(t.Context(), 0))
				opening = true
			}))
			opening = false
			require.Positive(t, wrote)
			for range 10 {
				w.keep(vfs.Call{})
			}
			w.survive(rng, false)
			w.end()
		})
	}
}

// TestWaitingWhileTheLogBegins: who asks for the disk waits for it.
func TestWaitingWhileTheLogBegins(t *testing.T) {
	seeds(t, 1, func(t *testing.T, rng *rand.Rand) {
		w := newWorld(t, durable.Options{Policy: durable.EverySecond})
		w.whole = true
		w.open()
		var all sync.WaitGroup
		opening := false
		w.on(func(c vfs.Call) error {
			if opening && strings.HasPrefix(c.Name, "snapshot-") && c.Op == vfs.OpCreate {
				opening = false
				all.Go(func() {
					p := w.store.Position()
					if err := w.store.keeper.WaitDurable(t.Context(), p); err != nil {
						t.Error(err)
					}
					w.past.mu.Lock()
					w.past.floor = max(w.past.floor, p)
					w.past.mu.Unlock()
					for range 10 {
						w.keep(vfs.Call{})
					}
				})
				rest(time.Second)
			}
			return nil
		})
		require.NoError(t, w.switchLog(func() {
			require.NoError(t, w.write(t.Context(), 1))
			opening = true
		}))
		all.Wait()
		w.survive(rng, false)
		w.on(nil)
		w.end()
	})
}

// TestTheLogIsSwitchedOnADiskThatFails at each call: whatever SetLog says, when the disk
// is well the store takes writes, and none is lost.
func TestTheLogIsSwitchedOnADiskThatFails(t *testing.T) {
	for name, failing := range map[string]int{"once": 1, "long": 1 << 30} {
		t.Run(name, func(t *testing.T) {
			seeds(t, 1, func(t *testing.T, rng *rand.Rand) {
				seed := rng.Uint64()
				for at, more := 1, true; more; at++ {
					more = switchAndFail(t, rand.New(rand.NewPCG(seed, 0)), at, failing)
				}
			})
		})
	}
}

func switchAndFail(t *testing.T, rng *rand.Rand, at, failing int) bool {
	w := newWorld(t, durable.Options{Policy: durable.Always})
	w.whole = true
	w.open()
	begun := false
	w.mayFail = func() bool { return begun }
	w.faults.Inject(func(c vfs.Call) error {
		if begun = begun || c.N >= at; c.N >= at && c.N-at < failing {
			return failure(rng, c)
		}
		return nil
	})
	for range 3 {
		w.writeAnyway(rng)
		w.excuse(w.switchLog(func() {
			err := w.write(t.Context(), change(rng.Uint64()))
			w.excuse(err)
			if err != nil {
				require.ErrorIs(t, err, durable.ErrDisk)
			}
		}))
	}
	w.faults.Inject(nil)
	t.Logf("failed at call %d", at)
	rest(time.Minute)
	w.mayFail = func() bool { return false }
	require.NoError(t, w.store.keeper.SetLog(t.Context(), true))
	w.past.settle()
	if w.epoch.Load()%2 == 1 {
		w.epoch.Add(1)
	}
	w.survives(moment{disk: w.disk, acks: w.past.acks, floor: w.past.floor}, w.disk.Clone().Crash(rng), false, rng)
	w.heals(rng)
	w.past.close()
	return begun
}
