package crash

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/vfs"
)

// TestPowerCutAtEveryCall: one goroutine writes, saves, shortens the log, and opens the
// store again; whenever the power is cut, all that was acknowledged is there, also when
// it is cut once more while the store recovers.
func TestPowerCutAtEveryCall(t *testing.T) {
	seeds(t, 2, func(t *testing.T, rng *rand.Rand) {
		w := newWorld(t, durable.Options{Policy: durable.Always})
		w.on(func(c vfs.Call) error {
			if changes(c.Op) {
				w.keep(c)
			}
			return nil
		})
		w.open()
		for range 60 {
			w.step(rng)
		}
		w.survive(rng, true)
		w.on(nil)
		w.end()
	})
}

// step is something that a program does with its store.
func (w *world) step(rng *rand.Rand) {
	switch n := rng.IntN(20); {
	case n < 16:
		require.NoError(w.t, w.write(w.t.Context(), change(rng.Uint64())))
	case n < 18:
		require.NoError(w.t, w.store.keeper.Save(w.t.Context()))
	default:
		w.close()
		w.open()
	}
}

// TestPowerCutsUnderLoad: several goroutines write and read while others save and shorten
// the log. The power is cut, or the process killed, at a random call; the store goes on
// with what is left, several times.
func TestPowerCutsUnderLoad(t *testing.T) {
	for name, policy := range map[string]durable.Policy{"always": durable.Always, "never": durable.Never} {
		t.Run(name, func(t *testing.T) {
			seeds(t, 8, func(t *testing.T, rng *rand.Rand) {
				w := newWorld(t, durable.Options{Policy: policy, Config: durable.Config{GrowthPercent: 100, GrowthLeast: 20_000}})
				w.asks = rng.IntN(2) == 0
				for range 4 {
					w.load(rng)
				}
				w.open()
				w.end()
			})
		})
	}
}

// load opens the store and uses it until the power is cut.
func (w *world) load(rng *rand.Rand) {
	w.on(nil)
	w.open()
	left := w.cutPower(rand.New(rand.NewPCG(rng.Uint64(), 0)))
	var all sync.WaitGroup
	for range 2 {
		all.Go(w.saver)
		all.Go(w.reader)
	}
	failed := w.writers(w.t.Context(), 4, 3000, change(rng.Uint64()), w.pause)
	all.Wait()
	_ = w.store.close() // it has failed
	for _, err := range failed {
		require.ErrorIs(w.t, err, vfs.ErrCrashed)
	}
	w.survive(rng, false)
	w.use(left())
}

// cutPower cuts the power at some call, or kills the process. The function that it
// returns is what is left then.
func (w *world) cutPower(rng *rand.Rand) (left func() *vfs.Mem) {
	var mu sync.Mutex
	var after *vfs.Mem
	n := 5 + rng.IntN(250)
	w.on(func(c vfs.Call) error {
		mu.Lock()
		takes := w.pause(rng)
		mu.Unlock()
		rest(takes)
		mu.Lock()
		defer mu.Unlock()
		switch n--; {
		case n < 0:
		case n == 0 && rng.IntN(3) == 0:
			after = w.disk.Kill()
		case n == 0:
			after = w.disk.Crash(rng)
		case rng.IntN(15) == 0 && changes(c.Op):
			w.keep(c)
		}
		return nil
	})
	return func() *vfs.Mem { return after }
}

// pause is how long a writer rests. By the policy Always the disk makes it wait, by others
// nothing would: time would not pass.
func (w *world) pause(rng *rand.Rand) time.Duration {
	if w.o.Policy == durable.Always {
		return 0
	}
	return time.Duration(rng.IntN(8)) * time.Millisecond
}

// saver takes snapshots until the disk is gone.
func (w *world) saver() {
	rng := rand.New(rand.NewPCG(0, 0))
	for w.store.keeper.Status().LogErr == nil {
		err := w.store.keeper.Save(w.t.Context())
		if err != nil && !errors.Is(err, durable.ErrSaving) && !errors.Is(err, vfs.ErrCrashed) {
			w.t.Error(err)
		}
		rest(w.pause(rng))
	}
}

// reader reads until the disk is gone. By the policy Always what it was shown is durable.
func (w *world) reader() {
	rng := rand.New(rand.NewPCG(0, 0))
	for n := 0; w.store.keeper.Status().LogErr == nil; n++ {
		position, err := w.read(w.t.Context(), key("last", n%8))
		if err != nil {
			w.t.Error(err)
		}
		rest(w.pause(rng))
		if w.store.keeper.Status().LogErr == nil && w.o.Policy == durable.Always {
			w.past.mu.Lock()
			w.past.floor = max(w.past.floor, position)
			w.past.mu.Unlock()
		}
	}
}
