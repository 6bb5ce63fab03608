package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// mountTmpfs returns a file system of its own, for the test's time.
func mountTmpfs(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skip("a tmpfs cannot be mounted here: ", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

// TestAFullDisk: when there is no room for bytes, or for files, writes are refused and
// reads go on; when there is, the store goes on by itself, and nothing that was
// acknowledged is missing.
func TestAFullDisk(t *testing.T) {
	for name, options := range map[string]string{"bytes": "size=1m", "files": "size=8m,nr_inodes=8"} {
		t.Run(name, func(t *testing.T) {
			root := mountTmpfs(t, options)
			dir := filepath.Join(root, "store")
			s := openStore(t, dir)
			fill := []string{}
			for i := 0; name == "files" && i < 10; i++ {
				fill = append(fill, filepath.Join(root, fmt.Sprint(i)))
				_ = os.WriteFile(fill[i], nil, 0o600)
			}
			if name == "bytes" {
				fill = append(fill, filepath.Join(root, "ballast"))
				require.NoError(t, os.WriteFile(fill[0], make([]byte, 600_000), 0o600))
			}
			acked := fillUp(t, s)
			require.Positive(t, acked)
			v, _, err := numbered(s, 0).Get(t.Context())
			require.NoError(t, err, "reads go on")
			require.NotEmpty(t, v)

			for _, f := range fill {
				_ = os.Remove(f)
			}
			require.Eventually(t, func() bool { return numbered(s, -1).Set(t.Context(), "again") == nil }, 30*time.Second, 10*time.Millisecond)
			digest := digestOf(t, store.Engine(s))
			require.NoError(t, s.Close())
			s = openStore(t, dir)
			require.Equal(t, digest, digestOf(t, store.Engine(s)))
			for i := range acked {
				_, ok, err := numbered(s, i).Get(t.Context())
				require.NoError(t, err)
				require.True(t, ok, i)
			}
			require.NoError(t, s.Close())
		})
	}
}

func numbered(s *store.Store, i int) types.String[string] {
	return types.NewString[string](s, fmt.Sprint("key", i%100, "/", i))
}

// fillUp writes until the disk is full, and returns how many writes were acknowledged.
func fillUp(t *testing.T, s *store.Store) (acked int) {
	noise := make([]byte, 5000) // which cannot be packed
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	value := string(noise)
	for ; ; acked++ {
		err := numbered(s, acked).Set(t.Context(), value)
		if err == nil && acked < 2000 {
			if acked%20 == 0 {
				err = s.Save(t.Context())
			}
			if err == nil {
				continue
			}
			require.ErrorIs(t, err, syscall.ENOSPC)
			continue
		}
		require.True(t, errors.Is(err, store.ErrNotDurable) || errors.Is(err, store.ErrDisk), "%v", err)
		require.ErrorIs(t, err, syscall.ENOSPC)
		return acked
	}
}

// TestAReadOnlyMount: a store is not opened there, and nothing is changed; what it has can
// be verified.
func TestAReadOnlyMount(t *testing.T) {
	root := mountTmpfs(t, "size=4m")
	from, _ := usedDir(t)
	dir := filepath.Join(root, "store")
	require.NoError(t, os.CopyFS(dir, os.DirFS(from)))
	require.NoError(t, syscall.Mount("", root, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	had := filesOf(t, dir)
	_, err := store.Open(dir, store.Options{})
	require.ErrorIs(t, err, syscall.EROFS)
	require.Equal(t, had, filesOf(t, dir))
	v, err := store.Verify(t.Context(), dir)
	require.NoError(t, err)
	require.EqualValues(t, 2, v.Position)
}
