package crash

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// backupOf is a backup of some content, and that content's digest.
func backupOf(t testing.TB, first change) (place *persist.MemorySnapshots, digest string) {
	place = new(persist.MemorySnapshots)
	e := engine.New(engine.Options{})
	defer e.Close()
	for c := range change(5) {
		apply(t, e, first+c)
	}
	_, err := durable.Backup(t.Context(), e, nil, nil, place)
	require.NoError(t, err)
	return place, digestOf(t, e)
}

// restore replaces the content of the store.
func (w *world) restore(from *persist.MemorySnapshots) error {
	in, err := from.Open(w.t.Context())
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, in.Close()) }()
	return durable.Restore(w.t.Context(), w.store.Engine, w.store.keeper, in)
}

// restoring is a world with some content that is about to get another one.
func restoring(t *testing.T, rng *rand.Rand) (w *world, before string) {
	w = newWorld(t, durable.Options{Policy: durable.Always})
	w.open()
	for range 5 {
		require.NoError(t, w.write(t.Context(), change(rng.Uint64())))
	}
	return w, digestOf(t, w.store.Engine)
}

// TestPowerCutsWhileRestoring at each call: all of the old content is there, or all of the
// new one, which it is from when Restore has returned.
func TestPowerCutsWhileRestoring(t *testing.T) {
	seeds(t, 3, func(t *testing.T, rng *rand.Rand) {
		backup, after := backupOf(t, change(rng.Uint64()))
		w, before := restoring(t, rng)
		w.on(func(c vfs.Call) error {
			if changes(c.Op) {
				w.keep(c)
			}
			return nil
		})
		require.NoError(t, w.restore(backup))
		require.Equal(t, after, digestOf(t, w.store.Engine))
		w.on(nil)
		end := w.disk.Clone()
		found := map[string]int{}
		for _, m := range w.moments.take(true) {
			for range 3 {
				found[w.foundIn(m.disk.Clone().Crash(rng))]++
			}
		}
		require.Len(t, found, 2)
		require.Positive(t, found[before])
		require.Positive(t, found[after])
		for range 10 {
			require.Equal(t, after, w.foundIn(end.Clone().Crash(rng)))
		}
		require.NoError(t, w.store.close())
	})
}

// foundIn is the digest of what a directory has.
func (w *world) foundIn(d *vfs.Mem) string {
	s, err := open(w.t.Context(), d, w.o, w.clock)
	require.NoError(w.t, err)
	digest := digestOf(w.t, s.Engine)
	require.NoError(w.t, s.close())
	return digest
}

// TestRestoringOnADiskThatFails at each call: an error says which content there is, and
// that one is there when the store is opened again.
func TestRestoringOnADiskThatFails(t *testing.T) {
	seeds(t, 2, func(t *testing.T, rng *rand.Rand) {
		backup, after := backupOf(t, change(rng.Uint64()))
		for at, more := 1, true; more; at++ {
			w, before := restoring(t, rng)
			w.faults.Inject(vfs.FailFrom(at, errDisk))
			err := w.restore(backup)
			more = w.faults.Calls() >= at
			want := after
			switch {
			case err == nil:
			case errors.Is(err, durable.ErrNotDurable):
				require.ErrorIs(t, err, errDisk)
				require.ErrorIs(t, w.store.Admit(t.Context()), durable.ErrDisk)
			default:
				want = before
			}
			require.Equal(t, want, digestOf(t, w.store.Engine))
			w.faults.Inject(nil)
			rest(time.Minute)
			require.NoError(t, w.store.Admit(t.Context()))
			require.Equal(t, want, digestOf(t, w.store.Engine))
			require.Equal(t, want, w.foundIn(w.disk.Clone().Crash(rng)), "it is durable, by itself")
			require.NoError(t, w.store.close())
			require.Equal(t, want, w.foundIn(w.disk))
		}
	})
}
