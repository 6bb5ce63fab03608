package crash

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/vfs"
)

// TestOneSecond: by the policy EverySecond the power is cut at any moment, at calls and
// between them. What is lost was acknowledged within one second, the last one if the disk
// is quick; also when its calls take seconds, and while it is saved.
func TestOneSecond(t *testing.T) {
	for name, slow := range map[string]bool{"quick": false, "slow": true} {
		t.Run(name, func(t *testing.T) {
			seeds(t, 8, func(t *testing.T, rng *rand.Rand) {
				w := newWorld(t, durable.Options{Policy: durable.EverySecond})
				w.quick = !slow
				w.open()
				w.on(w.takesTime(slow, rand.New(rand.NewPCG(rng.Uint64(), 0))))
				stop := make(chan struct{})
				var all sync.WaitGroup
				looks := rand.New(rand.NewPCG(rng.Uint64(), 1))
				all.Go(func() { w.watch(stop, looks) })
				pause := func(rng *rand.Rand) time.Duration { return time.Duration(rng.IntN(100)) * time.Millisecond }
				for _, err := range w.writers(t.Context(), 3, 100, change(rng.Uint64()), pause) {
					require.NoError(t, err)
				}
				rest(time.Duration(rng.IntN(2000)) * time.Millisecond) // it rests
				close(stop)
				all.Wait()
				w.on(nil)
				w.survive(rng, false)
				require.NotEmpty(t, w.past.acks)
				w.end()
			})
		})
	}
}

// takesTime lets calls take time, and keeps moments of some.
func (w *world) takesTime(slow bool, rng *rand.Rand) vfs.Fault {
	var mu sync.Mutex
	return func(c vfs.Call) error {
		mu.Lock()
		look, takes := rng.IntN(8) == 0 && changes(c.Op), time.Duration(0)
		if slow && changes(c.Op) && rng.IntN(3) == 0 {
			takes = time.Duration(rng.IntN(3000)) * time.Millisecond
		}
		mu.Unlock()
		if look {
			w.keep(c)
		}
		rest(takes)
		return nil
	}
}

// watch keeps moments between calls, and saves now and then.
func (w *world) watch(stop <-chan struct{}, rng *rand.Rand) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(rng.IntN(400)) * time.Millisecond):
		}
		if w.keep(vfs.Call{}); rng.IntN(10) == 0 {
			if err := w.store.keeper.Save(w.t.Context()); err != nil {
				w.t.Error(err)
			}
		}
	}
}
