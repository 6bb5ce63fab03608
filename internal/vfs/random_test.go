package vfs_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// replay is the seed of a history to run again, 0 for a new one.
const replay = 0

// actor does to a directory what random numbers say, and tells what came of it.
type actor struct {
	d    vfs.FS
	rng  *rand.Rand
	open [4]vfs.File
	lock io.Closer
}

// step makes one call and returns it with its result as text.
func (a *actor) step() string {
	name, other := string(rune('a'+a.rng.IntN(4))), string(rune('a'+a.rng.IntN(4)))
	slot := a.rng.IntN(len(a.open))
	what, size := a.rng.IntN(14), 1+a.rng.IntN(40)
	switch what {
	case 0:
		f, err := a.d.Create(name)
		return a.keep(slot, f, "create "+name, err)
	case 1:
		f, err := a.d.Open(name)
		return a.keep(slot, f, "open "+name, err)
	case 2:
		return outcome("remove "+name, a.d.Remove(name))
	case 3:
		return outcome("rename "+name+" "+other, a.d.Rename(name, other))
	case 4:
		list, err := a.d.List()
		return outcome(fmt.Sprint("list ", list), err)
	case 5:
		return outcome("sync", a.d.Sync())
	case 6:
		return a.lockOrUnlock(size%2 == 0)
	}
	if a.open[slot] == nil {
		return "nothing is open"
	}
	return a.use(a.open[slot], what, size)
}

func (a *actor) lockOrUnlock(unlock bool) string {
	if a.lock != nil && unlock {
		l := a.lock
		a.lock = nil
		return outcome("unlock", l.Close())
	}
	l, err := a.d.Lock("LOCK")
	if err == nil {
		a.lock = l
	}
	return outcome("lock", err)
}

// keep closes what was open before.
func (a *actor) keep(slot int, f vfs.File, call string, err error) string {
	if a.open[slot] != nil {
		call = outcome(call+" close", a.open[slot].Close())
		a.open[slot] = nil
	}
	if err == nil {
		a.open[slot] = f
	}
	return outcome(call, err)
}

func (a *actor) use(f vfs.File, what, size int) string {
	b := make([]byte, size)
	switch what {
	case 7:
		n, err := f.Read(b)
		return outcome(fmt.Sprintf("read %q", b[:n]), err)
	case 8:
		n, err := f.ReadAt(b, int64(a.rng.IntN(60)))
		return outcome(fmt.Sprintf("read at %q", b[:n]), err)
	case 9:
		return outcome("truncate", f.Truncate(int64(size)))
	case 10:
		return outcome("sync file", f.Sync())
	case 11:
		n, err := f.Size()
		return outcome(fmt.Sprint("size ", n), err)
	case 12:
		return outcome("close", f.Close())
	}
	for i := range b {
		b[i] = byte('a' + a.rng.IntN(26))
	}
	n, err := f.Write(b)
	return outcome(fmt.Sprint("write ", n), err)
}

// outcome is the call with the kind of its error.
func outcome(call string, err error) string {
	for _, kind := range []error{io.EOF, fs.ErrExist, fs.ErrNotExist, fs.ErrClosed, fs.ErrInvalid, vfs.ErrLocked} {
		if errors.Is(err, kind) {
			return call + ": " + kind.Error()
		}
	}
	if err != nil {
		return call + " fails: " + err.Error()
	}
	return call
}

func (a *actor) close() {
	for _, f := range a.open {
		if f != nil {
			_ = f.Close() // it may be closed
		}
	}
	if a.lock != nil {
		_ = a.lock.Close()
	}
}

// TestRandomHistories makes the same calls to a directory of the system, to one in
// memory, to one with faults that never come, and to clones: nobody can tell which is
// which.
func TestRandomHistories(t *testing.T) {
	if mayNotRemoveOpenFiles {
		t.Skip("this system does not remove open files")
	}
	for range 30 {
		seed := uint64(replay)
		if seed == 0 {
			seed = rand.Uint64()
		}
		d, err := vfs.OS(t.TempDir())
		require.NoError(t, err)
		m := vfs.NewMem()
		actors := []*actor{{d: d}, {d: m}, {d: vfs.NewFaults(vfs.NewMem())}}
		for _, a := range actors {
			a.rng = rand.New(rand.NewPCG(seed, 0))
		}
		for i := range 500 {
			want := actors[0].step()
			require.NotContains(t, want, "fails", "seed %d, step %d", seed, i)
			for _, a := range actors[1:] {
				require.Equal(t, want, a.step(), "seed %d, step %d", seed, i)
			}
		}
		require.Equal(t, dump(t, d), dump(t, m.Clone()), "seed %d", seed)
		for _, a := range actors {
			a.close()
		}
		require.Equal(t, dump(t, d), dump(t, m.Kill()), "seed %d", seed)
	}
}
