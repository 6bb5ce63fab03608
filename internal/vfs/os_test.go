package vfs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

func TestOSMakesTheDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	dir := filepath.Join("x", "y", "z")
	d, err := vfs.OS(dir)
	require.NoError(t, err)
	put(t, d, "a", "hello")
	again, err := vfs.OS(dir)
	require.NoError(t, err)
	require.Equal(t, "hello", content(t, again, "a"))
	if runtime.GOOS != "windows" {
		for path, mode := range map[string]fs.FileMode{"x": 0o750, dir: 0o750, filepath.Join(dir, "a"): 0o640} {
			info, err := os.Stat(path)
			require.NoError(t, err)
			require.Equal(t, mode, info.Mode().Perm()|mode&0o077, "but for what a umask takes away")
			require.Zero(t, info.Mode().Perm()&^mode)
		}
	}
	t.Chdir(t.TempDir())
	require.Equal(t, "hello", content(t, d, "a"), "the process went elsewhere")
}

func TestOSWhereThereIsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "b")} {
		_, err := vfs.OS(dir)
		require.Error(t, err)
	}
}

// TestOSKnowsFilesOnly: directories below are not its business.
func TestOSKnowsFilesOnly(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "below"), 0o700))
	d, err := vfs.OS(dir)
	require.NoError(t, err)
	put(t, d, "a", "")
	require.Equal(t, []string{"a"}, names(t, d))
	_, err = d.Open("below")
	require.Error(t, err)
	_, err = d.Create("below")
	require.ErrorIs(t, err, fs.ErrExist)
}

// TestOSLocksAcrossValues: the lock is the directory's, not the value's.
func TestOSLocksAcrossValues(t *testing.T) {
	dir := t.TempDir()
	d, err := vfs.OS(dir)
	require.NoError(t, err)
	again, err := vfs.OS(dir)
	require.NoError(t, err)
	held, err := d.Lock("LOCK")
	require.NoError(t, err)
	_, err = again.Lock("LOCK")
	require.ErrorIs(t, err, vfs.ErrLocked)
	require.NoError(t, held.Close())
	held, err = again.Lock("LOCK")
	require.NoError(t, err)
	require.NoError(t, held.Close())
}

// TestOSWithoutDirectorySync uses one that Linux cannot sync.
func TestOSWithoutDirectorySync(t *testing.T) {
	f, err := os.Open("/proc")
	if err != nil {
		t.Skip("there is no /proc")
	}
	defer func() { _ = f.Close() }()
	if f.Sync() == nil {
		t.Skip("/proc can be synced")
	}
	d, err := vfs.OS("/proc")
	require.NoError(t, err)
	require.NoError(t, d.Sync())
}

func TestOSDirectoryIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x")
	d, err := vfs.OS(dir)
	require.NoError(t, err)
	require.NoError(t, os.Remove(dir))
	_, err = d.Create("a")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = d.List()
	require.ErrorIs(t, err, fs.ErrNotExist)
	if runtime.GOOS != "windows" {
		require.ErrorIs(t, d.Sync(), fs.ErrNotExist)
	}
}
