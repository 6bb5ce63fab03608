package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/vfs"
)

// errDisk is what goes wrong.
var errDisk = syscall.EIO

// TestEveryCallFailing lets the disk fail at each call that a program leads to, once, for
// some calls, or until it is well again: a write that returns without an error is never
// lost, later ones are refused and change nothing, reads go on, and the store recovers by
// itself, with all that stood in memory.
func TestEveryCallFailing(t *testing.T) {
	const forever = 1 << 30
	for _, failing := range []int{1, 4, forever} {
		for _, policy := range []durable.Policy{durable.Always, durable.EverySecond} {
			t.Run(fmt.Sprintf("policy=%d/calls=%d", policy, failing), func(t *testing.T) {
				seeds(t, 1, func(t *testing.T, rng *rand.Rand) {
					seed := rng.Uint64()
					for at, more := 1, true; more; at++ {
						more = failOnce(t, rand.New(rand.NewPCG(seed, 0)), policy, at, failing)
					}
				})
			})
		}
	}
}

// failOnce is a program whose disk fails from some call on, for so many calls. It reports
// false if there were not that many calls.
func failOnce(t *testing.T, rng *rand.Rand, policy durable.Policy, at, failing int) bool {
	w := newWorld(t, durable.Options{Policy: policy, Config: durable.Config{GrowthPercent: 100, GrowthLeast: 8_000}})
	looks, begun := rand.New(rand.NewPCG(uint64(at), 0)), false
	w.faults.Inject(func(c vfs.Call) error {
		if c.N >= at {
			begun = true
		}
		if changes(c.Op) && begun && looks.IntN(10) == 0 {
			w.keep(c)
		}
		if c.N >= at && c.N-at < failing {
			return failure(looks, c)
		}
		return nil
	})
	w.mayFail = func() bool { return begun }
	for range 18 {
		w.stepAnyway(rng)
	}
	more := begun
	w.faults.Inject(nil)
	w.heals(rng)
	w.survive(looks, false)
	w.past.close()
	return more
}

// failure is a way in which a call can fail.
func failure(rng *rand.Rand, c vfs.Call) error {
	switch {
	case c.Op == vfs.OpWrite && rng.IntN(2) == 0:
		return &vfs.ShortError{Bytes: rng.IntN(c.Bytes + 1), Err: syscall.ENOSPC}
	case rng.IntN(3) == 0:
		return syscall.ENOSPC
	}
	return errDisk
}

// stepAnyway is step on a disk that may fail.
func (w *world) stepAnyway(rng *rand.Rand) {
	if w.store == nil {
		w.tryOpen()
		return
	}
	switch n := rng.IntN(20); {
	case n < 13:
		w.writeAnyway(rng)
	case n < 15:
		w.excuse(w.store.keeper.Save(w.t.Context()))
	case n < 17:
		rest(time.Duration(rng.IntN(700)) * time.Millisecond)
	case n < 18:
		w.excuse(w.store.keeper.WaitDurable(w.t.Context(), w.store.Position()))
	default:
		if w.tryClose(); rng.IntN(2) == 0 {
			w.tryOpen()
		}
	}
}

// excuse fails the test for an error that the disk is not the reason of.
func (w *world) excuse(err error) {
	w.t.Helper()
	if err != nil && !errors.Is(err, durable.ErrSaving) {
		require.True(w.t, errors.Is(err, errDisk) || errors.Is(err, syscall.ENOSPC), "%v", err)
		require.True(w.t, w.mayFail(), "%v", err)
	}
}

// tryOpen opens the store, if the disk lets it. What it finds is of the past.
func (w *world) tryOpen() {
	s, err := open(w.t.Context(), w.faults, w.o, w.clock)
	if err != nil {
		w.excuse(err)
		return
	}
	w.store = s
	w.check(s, w.past.floor)
	w.past.cut(s.Position())
}

// tryClose ends the use of the store. If that succeeds, all is durable.
func (w *world) tryClose() {
	last := w.store.Position()
	err := w.store.close()
	if w.store = nil; err == nil {
		w.past.floor = max(w.past.floor, last)
	}
	w.excuse(err)
}

// writeAnyway writes, and sees to it that an error means what it should.
func (w *world) writeAnyway(rng *rand.Rand) {
	w.t.Helper()
	had := w.store.Position()
	err := w.write(w.t.Context(), change(rng.Uint64()))
	w.excuse(err)
	_, rerr := w.read(w.t.Context(), key("string", 1))
	require.NoError(w.t, rerr, "reads go on")
	switch {
	case err == nil:
		require.Equal(w.t, had+1, w.store.Position())
	case errors.Is(err, durable.ErrNotDurable):
		require.Equal(w.t, had+1, w.store.Position(), "the change stands")
		err = w.write(w.t.Context(), change(rng.Uint64()))
		require.ErrorIs(w.t, err, durable.ErrDisk, "and the next one is refused")
		require.Equal(w.t, had+1, w.store.Position())
	default:
		require.ErrorIs(w.t, err, durable.ErrDisk)
		require.Equal(w.t, had, w.store.Position(), "it has changed nothing")
	}
}

// heals sees that the store recovers by itself, now that the disk is well, that it is
// what it should be in memory, and that all of this is there when it is opened again.
func (w *world) heals(rng *rand.Rand) {
	w.t.Helper()
	w.mayFail = func() bool { return false }
	if w.store == nil {
		w.open()
	}
	rest(15 * time.Second)
	require.NoError(w.t, w.store.Refusal())
	require.NoError(w.t, w.store.keeper.Status().LogErr)
	require.Equal(w.t, w.store.Position(), w.store.keeper.Status().Durable, "what stood in memory is durable")
	require.NoError(w.t, w.write(w.t.Context(), change(rng.Uint64())))
	p := w.store.Position()
	require.Equal(w.t, w.past.digest(w.t, p), digestOf(w.t, w.store.Engine))
	w.close()
	w.open()
	require.Equal(w.t, p, w.store.Position())
	w.close()
}
