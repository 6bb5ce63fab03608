package crash

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/vfs"
)

// jumpy is a clock that is set anew now and then. How much time passes is what it is.
type jumpy struct{ by atomic.Int64 }

// Now is the time by this clock.
func (c *jumpy) Now() time.Time { return time.Now().Add(time.Duration(c.by.Load())) }

// AfterFunc calls back when so much time has passed, whatever the clock says then.
func (c *jumpy) AfterFunc(d time.Duration, f func()) engine.Timer { return time.AfterFunc(d, f) }

// jump sets the clock back or forward, by up to a year.
func (c *jumpy) jump(rng *rand.Rand) {
	const year = 365 * 24 * time.Hour
	c.by.Store(int64(time.Duration(rng.Int64N(int64(2*year))) - year))
}

// TestOneSecondOfAClockThatJumps is one second all the same, and what is recovered is the
// same.
func TestOneSecondOfAClockThatJumps(t *testing.T) {
	seeds(t, 4, func(t *testing.T, rng *rand.Rand) {
		clock := new(jumpy)
		w := newWorld(t, durable.Options{Policy: durable.EverySecond})
		w.quick, w.clock = true, clock
		w.open()
		w.on(w.takesTime(false, rand.New(rand.NewPCG(rng.Uint64(), 0))))
		stop, looks := make(chan struct{}), rand.New(rand.NewPCG(rng.Uint64(), 1))
		var all sync.WaitGroup
		all.Go(func() {
			for !closed(stop) {
				clock.jump(looks)
				rest(time.Duration(looks.IntN(300)) * time.Millisecond)
				w.keep(vfs.Call{})
			}
		})
		pause := func(rng *rand.Rand) time.Duration { return time.Duration(rng.IntN(100)) * time.Millisecond }
		for _, err := range w.writers(t.Context(), 3, 100, change(rng.Uint64()), pause) {
			require.NoError(t, err)
		}
		close(stop)
		all.Wait()
		w.on(nil)
		w.survive(rng, false)
		w.end()
	})
}

// TestSavingWithAClockThatJumps: rules and attempts come in time, however far the clock
// was set back meanwhile.
func TestSavingWithAClockThatJumps(t *testing.T) {
	seeds(t, 1, func(t *testing.T, rng *rand.Rand) {
		clock := new(jumpy)
		o := durable.Options{LogOff: true, Config: durable.Config{Rules: []durable.Rule{{After: time.Minute, Changes: 1}}}}
		w := newWorld(t, o)
		w.whole, w.clock = true, clock
		w.open()
		for range 3 {
			require.NoError(t, w.write(t.Context(), change(rng.Uint64())))
			rest(10 * time.Second)
			clock.by.Add(-int64(time.Hour))
			require.NoError(t, w.write(t.Context(), change(rng.Uint64())))
			rest(2 * time.Minute)
			require.Zero(t, w.store.keeper.Status().Changes, "all is saved")
		}
		w.on(vfs.Fail(errDisk, vfs.OpCreate))
		require.NoError(t, w.write(t.Context(), change(rng.Uint64())))
		rest(2 * time.Minute)
		require.ErrorIs(t, w.write(t.Context(), change(rng.Uint64())), engine.ErrUnsaved)
		clock.by.Add(-int64(time.Hour))
		w.on(nil)
		rest(20 * time.Second)
		require.NoError(t, w.write(t.Context(), change(rng.Uint64())))
		w.end()
	})
}

// TestExpiryWithAClockThatJumps: what has expired stays away, however far the clock is
// set back when the store is opened again.
func TestExpiryWithAClockThatJumps(t *testing.T) {
	seeds(t, 1, func(t *testing.T, _ *rand.Rand) {
		clock, d := new(jumpy), vfs.NewMem()
		for _, name := range []string{"a", "b"} {
			s, err := open(t.Context(), d, durable.Options{}, clock)
			require.NoError(t, err)
			k := engine.KeyOf([]byte(name))
			tx := s.BeginKey(k)
			require.NoError(t, tx.PutString(k, []byte("v"), s.Now()+60_000))
			tx.Commit()
			clock.by.Add(int64(time.Hour))
			rest(2 * time.Minute)
			require.Zero(t, s.Len(0), "it has expired")
			clock.by.Add(-2 * int64(time.Hour))
			digest, position := digestOf(t, s.Engine), s.Position()
			require.NoError(t, s.close())
			s, err = open(t.Context(), d, durable.Options{}, clock)
			require.NoError(t, err)
			require.Equal(t, position, s.Position())
			require.Equal(t, digest, digestOf(t, s.Engine))
			require.Zero(t, s.Len(0))
			require.NoError(t, s.close())
		}
	})
}
