package appendlog

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// rounds is how often the tests with random numbers are run: more finds more.
var rounds = flag.Int("rounds", 20, "how many seeds the tests with random numbers take")

// TestPowerCutAtEveryCall: whenever the power is cut, nothing is missing that was durable,
// what is there is what was written, without a gap, and the log goes on from there; also
// when the power is cut again while it recovers.
func TestPowerCutAtEveryCall(t *testing.T) {
	seeds(t, *rounds, func(t *testing.T, rng *rand.Rand) {
		w := newWorld(t, rng)
		w.onCall = func(_ int, c vfs.Call) error {
			if changes(c.Op) {
				w.survives(rng.IntN(4) == 0)
			}
			return nil
		}
		for range 40 {
			w.step()
		}
		require.NoError(t, w.log.Close())
	})
}

// TestPowerCutAfterErrors: the same when the disk fails now and then: writes take a part
// or nothing, an fsync fails and is never made good.
func TestPowerCutAfterErrors(t *testing.T) {
	seeds(t, *rounds, func(t *testing.T, rng *rand.Rand) {
		w := newWorld(t, rng)
		w.onCall = func(_ int, c vfs.Call) error {
			if changes(c.Op) {
				w.survives(rng.IntN(8) == 0)
			}
			if rng.IntN(12) == 0 {
				return failure(rng, c)
			}
			return nil
		}
		for range 60 {
			w.step()
		}
		w.onCall = nil
		w.survives(true)
		require.NoError(t, w.log.Close())
	})
}

// failure is a way in which a call can fail.
func failure(rng *rand.Rand, c vfs.Call) error {
	if c.Op == vfs.OpWrite && rng.IntN(2) == 0 {
		return &vfs.ShortError{Bytes: rng.IntN(c.Bytes + 1), Err: errDisk}
	}
	return errDisk
}

// TestEveryCallFailing: each call to the file system fails once, or from then on for a
// while. The log says so, goes on once it has begun again, and has lost nothing.
func TestEveryCallFailing(t *testing.T) {
	seeds(t, max(*rounds/4, 1), func(t *testing.T, rng *rand.Rand) {
		seed := rng.Uint64()
		for at := 1; ; at++ {
			rng := rand.New(rand.NewPCG(seed, 0))
			w := newWorld(t, rng)
			first, failed := w.calls, 0
			w.onCall = func(n int, c vfs.Call) error {
				if n -= first; n < at || n >= at+1+at%3*4 {
					return nil
				}
				failed++
				return failure(rng, c)
			}
			for range 40 {
				w.step()
			}
			for range 3 { // it is well again
				w.onCall = nil
				w.heal()
			}
			w.survives(false)
			w.kill()
			require.NoError(t, w.log.Close())
			if failed == 0 {
				return
			}
		}
	})
}

// heal makes a world one that goes on.
func (w *world) heal() {
	if !w.opened || !w.healthy {
		w.step()
	}
	require.True(w.t, w.opened && w.healthy)
	w.append(1)
	w.sync()
}

// TestAFileThatFailedIsLeft: after an error of a write or an fsync nothing is appended, and
// the file is neither written to nor synced again.
func TestAFileThatFailedIsLeft(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpWrite, vfs.OpSync} {
		m := vfs.NewMem()
		d := vfs.NewFaults(m)
		l := begin(t, d, Options{}, 0)
		require.NoError(t, l.Append(records(1, 3)))
		require.NoError(t, l.Sync())
		require.NoError(t, l.Append(records(4, 5)))
		d.Inject(vfs.Fail(errDisk, op))
		err := l.Append(records(6, 6))
		if op == vfs.OpSync {
			require.NoError(t, err)
			err = l.Sync()
		}
		require.ErrorIs(t, err, errDisk)
		name := logs(t, m)[0]
		d.Inject(func(c vfs.Call) error {
			if c.Name == name && c.Op != vfs.OpClose && c.Op != vfs.OpRemove {
				return fmt.Errorf("%v", c)
			}
			return nil
		})
		require.ErrorIs(t, l.Append(records(7, 7)), ErrBegin)
		require.ErrorIs(t, l.Sync(), ErrBegin)
		require.NoError(t, l.Begin(history, 6))
		appendSynced(t, l, records(7, 9))
		got, _, err := replay(t, m.Clone(), 6)
		require.NoError(t, err)
		require.Equal(t, records(7, 9), got)
	}
}

// TestFullDisk: a batch that does not fit is refused, and what was there before stays; the
// log goes on when there is room.
func TestFullDisk(t *testing.T) {
	for room := int64(headerSize); room < 2000; room += 7 {
		m := vfs.NewMem()
		l := begin(t, m, Options{SegmentSize: 300}, 0)
		m.SetLimit(room)
		last := int64(0)
		for {
			err := l.Append(records(last+1, last+2))
			if err == nil {
				err = l.Sync()
			}
			if err != nil {
				require.ErrorIs(t, err, syscall.ENOSPC)
				require.ErrorIs(t, l.Append(records(last+1, last+2)), ErrBegin)
				break
			}
			last += 2
		}
		got, _, err := replay(t, m.Clone(), 0)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(got), int(last), "more may have been written, as far as there was room")
		require.Equal(t, records(1, int64(len(got))), got)

		require.ErrorIs(t, l.Begin(history, last), syscall.ENOSPC)
		m.SetLimit(0)
		require.NoError(t, l.Begin(history, last))
		appendSynced(t, l, records(last+1, last+3))
		require.NoError(t, l.Close())
		got, _, err = replay(t, m, 0)
		require.NoError(t, err)
		require.Equal(t, records(1, last+3), got)
	}
}
