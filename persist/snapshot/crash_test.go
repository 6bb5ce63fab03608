package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// outcomes is how many power cuts are looked at for each moment.
const outcomes = 20

// powerCuts checks the directory as it may be after the power was cut now, and when its
// process was killed now.
func powerCuts(t *testing.T, m *vfs.Mem, seed uint64, check func(*Directory)) {
	t.Helper()
	for i := range uint64(outcomes) {
		t.Log("seed", seed, i) // shown when it fails
		check(Dir(m.Clone().Crash(rand.New(rand.NewPCG(seed, i))), Options{}))
	}
	check(Dir(m.Clone().Kill(), Options{}))
}

// withOld is a directory with one snapshot, at position 10, that is durable.
func withOld(t *testing.T) (*vfs.Mem, *vfs.Faults) {
	m := vfs.NewMem()
	save(t, Dir(m, Options{}), 10)
	return m, vfs.NewFaults(m)
}

// TestPowerCutsWhileASnapshotIsMade cuts the power at each call: the old snapshot or the
// new one is there, and whole. What Commit has made is.
func TestPowerCutsWhileASnapshotIsMade(t *testing.T) {
	seed := rand.Uint64()
	var calls int
	for n := 1; n == 1 || n <= calls; n++ {
		m, faults := withOld(t)
		var at *vfs.Mem
		faults.Inject(func(c vfs.Call) error {
			if c.N == n {
				at = m.Clone()
			}
			return nil
		})
		save(t, Dir(faults, Options{}), 20)
		calls = faults.Calls()
		powerCuts(t, at, seed, func(d *Directory) {
			require.Contains(t, []int64{10, 20}, find(t, d), "at call %d", n)
			save(t, d, 30)
			require.EqualValues(t, 30, find(t, d), "at call %d", n)
		})
		powerCuts(t, m, seed, func(d *Directory) { require.EqualValues(t, 20, find(t, d)) })
	}
	require.Greater(t, calls, 8)
}

// TestEveryCallFails lets each call fail, alone or with all that follow, and writes stop
// halfway. A Commit that says so has made the new snapshot, and after any other the old
// one is there; power cuts change nothing but that a new one may be back, and whole.
func TestEveryCallFails(t *testing.T) {
	seed := rand.Uint64()
	for name, fault := range map[string]func(n int) vfs.Fault{
		"once":    func(n int) vfs.Fault { return vfs.FailAt(n, syscall.EIO) },
		"forever": func(n int) vfs.Fault { return vfs.FailFrom(n, syscall.EIO) },
		"short":   func(n int) vfs.Fault { return vfs.FailAt(n, &vfs.ShortError{Bytes: 5, Err: syscall.ENOSPC}) },
	} {
		t.Run(name, func(t *testing.T) {
			for n, more := 1, true; more; n++ {
				m, faults := withOld(t)
				d := Dir(faults, Options{})
				faults.Inject(fault(n))
				err := trySave(d, 20)
				more = faults.Calls() >= n
				faults.Inject(nil)
				where := fmt.Sprintf("call %d, error %v", n, err)
				after := []int64{20}
				if err != nil {
					require.True(t, errors.Is(err, syscall.EIO) || errors.Is(err, syscall.ENOSPC), where)
					require.EqualValues(t, 10, find(t, d), where)
					after = []int64{10, 20}
				} else {
					require.EqualValues(t, 20, find(t, d), where)
				}
				powerCuts(t, m, seed, func(d *Directory) { require.Contains(t, after, find(t, d), where) })
				save(t, d, 15)
				require.EqualValues(t, 15, find(t, d), where)
				powerCuts(t, m, seed, func(d *Directory) { require.EqualValues(t, 15, find(t, d), where) })
			}
		})
	}
}

// TestAFullDisk: the old snapshot stays, and nothing of the new one.
func TestAFullDisk(t *testing.T) {
	m, _ := withOld(t)
	had := names(t, m)
	f, err := m.Open(had[0])
	require.NoError(t, err)
	size, err := f.Size()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	d := Dir(m, Options{})
	for _, limit := range []int64{size + 1, 2*size - 1} {
		m.SetLimit(limit)
		require.ErrorIs(t, trySave(d, 20), syscall.ENOSPC)
		require.Equal(t, had, names(t, m))
		require.EqualValues(t, 10, find(t, d))
	}
	m.SetLimit(2 * size)
	save(t, d, 20)
}

// TestReadingFails lets each call of a reading fail: that is no damage, and no end.
func TestReadingFails(t *testing.T) {
	_, faults := withOld(t)
	for n := 1; ; n++ {
		faults.Inject(vfs.FailAt(n, syscall.EIO))
		err := read(t, Dir(faults, Options{}))
		if faults.Calls() < n {
			require.NoError(t, err)
			break
		}
		require.ErrorIs(t, err, syscall.EIO, n)
	}
	require.Greater(t, faults.Calls(), 3)
}

func read(t *testing.T, d *Directory) error {
	r, err := d.Open(t.Context())
	if err != nil {
		return err
	}
	err = r.(*FileReader).drain(t.Context())
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	return err
}

// TestWhatCannotBeRemovedIsNoHindrance: leftovers and older snapshots stay until they
// can be removed.
func TestWhatCannotBeRemovedIsNoHindrance(t *testing.T) {
	m, faults := withOld(t)
	put(t, m, fileName{5, 5, true}.String(), nil)
	faults.Inject(vfs.Fail(syscall.EROFS, vfs.OpRemove))
	d := Dir(faults, Options{})
	require.EqualValues(t, 10, find(t, d))
	save(t, d, 20)
	require.EqualValues(t, 20, find(t, d))
	require.Len(t, names(t, m), 3)
	faults.Inject(nil)
	save(t, d, 30)
	require.Equal(t, []string{fileName{3, 30, false}.String()}, names(t, m))
}

// TestARefusedSnapshotIsNotSeen: it has its name, and cannot be removed, when Commit
// fails. In this process nobody sees it, and later it is removed.
func TestARefusedSnapshotIsNotSeen(t *testing.T) {
	m, faults := withOld(t)
	faults.Inject(vfs.Fail(syscall.EIO, vfs.OpSyncDir, vfs.OpRemove))
	d := Dir(faults, Options{})
	require.ErrorIs(t, trySave(d, 20), syscall.EIO)
	require.Len(t, names(t, m), 2)
	require.EqualValues(t, 10, find(t, d))
	faults.Inject(nil)
	require.EqualValues(t, 10, find(t, d))
	require.Len(t, names(t, m), 1)
	save(t, d, 15)
	require.Equal(t, []string{fileName{3, 15, false}.String()}, names(t, m), "its number is not used again")
}

// TestTheNumberOfWhatWasRefusedIsNotUsedAgain: a directory that could not be synced may
// give back what was removed from it.
func TestTheNumberOfWhatWasRefusedIsNotUsedAgain(t *testing.T) {
	m, faults := withOld(t)
	faults.Inject(vfs.Fail(syscall.EIO, vfs.OpSyncDir))
	d := Dir(faults, Options{})
	require.ErrorIs(t, trySave(d, 20), syscall.EIO)
	require.ErrorIs(t, trySave(d, 20), syscall.EIO)
	faults.Inject(nil)
	save(t, d, 15)
	require.Equal(t, []string{fileName{4, 15, false}.String()}, names(t, m))
	_, err := d.OpenFile(t.Context(), fileName{2, 20, false}.String())
	require.ErrorIs(t, err, fs.ErrNotExist)
}
