package crash

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// openStore opens the store of a directory of the operating system.
func openStore(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir, store.Options{Durability: store.Durability{Sync: store.SyncAlways}})
	require.NoError(t, err)
	return s
}

func set(t testing.TB, s *store.Store, key string) {
	t.Helper()
	require.NoError(t, types.NewString[string](s, key).Set(t.Context(), key))
}

// usedDir is a directory with a snapshot and a log behind it.
func usedDir(t testing.TB) (dir, digest string) {
	dir = t.TempDir()
	s := openStore(t, dir)
	set(t, s, "a")
	require.NoError(t, s.Save(t.Context()))
	set(t, s, "b")
	digest = digestOf(t, store.Engine(s))
	require.NoError(t, s.Close())
	return dir, digest
}

// filesOf are the files of a directory with their contents.
func filesOf(t testing.TB, dir string) map[string]string {
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if !e.IsDir() {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			require.NoError(t, err)
			all[e.Name()] = string(b)
		}
	}
	return all
}

// TestADirectoryWithLeftovers of a process that was killed, and with files of others: the
// store is what it was, the leftovers are gone, and the rest is left alone.
func TestADirectoryWithLeftovers(t *testing.T) {
	dir, digest := usedDir(t)
	had := filesOf(t, dir)
	foreign := []string{"readme.txt", "snapshot-", "log-.rlog", "snapshot-1-2.rsnap", "log-x.rlog.tmp", "dump.rdb"}
	var left []string
	for name, content := range had {
		if name == "LOCK" {
			continue
		}
		foreign = append(foreign, name+".damaged", name+".bak")
		newer := strings.Replace(name, "0000", "0009", 1) + ".tmp"
		left = append(left, newer)
		require.NoError(t, os.WriteFile(filepath.Join(dir, newer), []byte(content[:len(content)/2]), 0o600))
	}
	for _, name := range foreign {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder.rlog"), 0o700))

	for range 2 {
		s := openStore(t, dir)
		require.Equal(t, digest, digestOf(t, store.Engine(s)))
		require.NoError(t, s.Save(t.Context()))
		require.NoError(t, s.Close())
	}
	now := filesOf(t, dir)
	for _, name := range foreign {
		require.Equal(t, name, now[name])
	}
	for _, name := range left {
		require.NotContains(t, now, name)
	}
	require.DirExists(t, filepath.Join(dir, "folder.rlog"))
}

// TestFilesOfALaterVersion are told from damage, and left as they are, whether they are
// repaired or not.
func TestFilesOfALaterVersion(t *testing.T) {
	for _, prefix := range []string{"log-", "snapshot-"} {
		dir, _ := usedDir(t)
		for name, content := range filesOf(t, dir) {
			if !strings.HasPrefix(name, prefix) {
				continue
			}
			b := []byte(content)
			binary.LittleEndian.PutUint16(b[6:], 1+binary.LittleEndian.Uint16(b[6:]))
			binary.LittleEndian.PutUint64(b[8:], xxhash.Sum64(b[:8]))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
		}
		had := filesOf(t, dir)
		for _, repair := range []bool{false, true} {
			_, err := store.Open(dir, store.Options{Durability: store.Durability{Repair: repair}})
			require.ErrorIs(t, err, persist.ErrVersion, prefix)
			require.NotErrorIs(t, err, persist.ErrDamaged)
			require.ErrorContains(t, err, prefix, "it says which file")
			require.Equal(t, had, filesOf(t, dir))
		}
	}
}

// TestTheDirectoryOfAnotherProcess is its own until it is killed.
func TestTheDirectoryOfAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimDir+"="+dir, victimPolicy+"=1", victimSeed+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = out.Read(make([]byte, 1)) // it is open
	require.NoError(t, err)
	for range 3 {
		_, err = store.Open(dir, store.Options{})
		require.ErrorIs(t, err, persist.ErrLocked)
	}
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	s := openStore(t, dir)
	require.Positive(t, s.Position())
	require.NoError(t, s.Close())
}

// TestWithoutItsSnapshot a log that goes on from it is not taken for all there is.
func TestWithoutItsSnapshot(t *testing.T) {
	dir, _ := usedDir(t)
	names, err := filepath.Glob(filepath.Join(dir, "snapshot-*"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	require.NoError(t, os.Remove(names[0]))
	_, err = store.Open(dir, store.Options{})
	require.ErrorIs(t, err, persist.ErrGap)
}
