package vfs_test

import (
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// mountTmpfs returns a new file system of a megabyte, for the test's time.
func mountTmpfs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m,nr_inodes=16"); err != nil {
		t.Skip("a tmpfs cannot be mounted here: ", err)
	}
	unmountAtEnd(t, dir)
	return dir
}

// unmountAtEnd also does it where a test failed that has a file open there.
func unmountAtEnd(t *testing.T, dir string) {
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
}

// TestFullDisk fills a real one: what had room is there, and once there is room again
// things go on.
func TestFullDisk(t *testing.T) {
	d, err := vfs.OS(mountTmpfs(t))
	require.NoError(t, err)
	put(t, d, "other", string(make([]byte, 200_000)))
	f, err := d.Create("a")
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	block, total := make([]byte, 300_000), 0
	for err == nil {
		var n int
		n, err = f.Write(block)
		total += n
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NotZero(t, total%len(block), "a write was short")
	require.Equal(t, total, size(t, f))
	require.NoError(t, f.Sync())
	require.Len(t, content(t, d, "a"), total)

	require.NoError(t, d.Remove("other"))
	write(t, f, "more")
	require.Equal(t, total+4, size(t, f))
	require.NoError(t, f.Truncate(2))
	write(t, f, "end")
	require.Equal(t, "\x00\x00end", content(t, d, "a"))
}

// TestFullOfFiles: there is room for bytes, but not for a name.
func TestFullOfFiles(t *testing.T) {
	d, err := vfs.OS(mountTmpfs(t))
	require.NoError(t, err)
	for i := 0; err == nil && i < 100; i++ {
		var f vfs.File
		if f, err = d.Create(string(rune('a' + i))); err == nil {
			require.NoError(t, f.Close())
		}
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	_, err = d.Lock("LOCK")
	require.ErrorIs(t, err, syscall.ENOSPC)
}

// TestReadOnlyMount: all can be read, nothing changed.
func TestReadOnlyMount(t *testing.T) {
	dir := mountTmpfs(t)
	d, err := vfs.OS(dir)
	require.NoError(t, err)
	put(t, d, "a", "hello")
	put(t, d, "LOCK", "")
	require.NoError(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))

	d, err = vfs.OS(dir)
	require.NoError(t, err)
	require.Equal(t, "LOCK= a=hello", dump(t, d))
	f := open(t, d, "a")
	_, err = f.Write([]byte("x"))
	require.ErrorIs(t, err, syscall.EROFS)
	require.ErrorIs(t, f.Truncate(1), syscall.EROFS)
	require.NoError(t, f.Sync(), "nothing was written")
	require.NoError(t, d.Sync())
	require.Equal(t, 5, size(t, f))

	_, err = d.Create("b")
	require.ErrorIs(t, err, syscall.EROFS)
	_, err = d.Open("b")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = d.Lock("LOCK")
	require.ErrorIs(t, err, syscall.EROFS)
	require.ErrorIs(t, d.Remove("a"), syscall.EROFS)
	require.ErrorIs(t, d.Rename("a", "b"), syscall.EROFS)
	_, err = vfs.OS(filepath.Join(dir, "below"))
	require.ErrorIs(t, err, syscall.EROFS)
}

// disk is a real file system on a disk that is a file, of which a copy can be made at
// any time: that is what a power cut leaves.
type disk struct{ image, dir string }

func newDisk(t *testing.T) disk {
	t.Helper()
	mkfs, err := exec.LookPath("mkfs.ext4")
	if err != nil || os.Geteuid() != 0 {
		t.Skip("mkfs.ext4 and root are needed")
	}
	image := filepath.Join(t.TempDir(), "image")
	require.NoError(t, os.WriteFile(image, nil, 0o600))
	require.NoError(t, os.Truncate(image, 16<<20))
	out, err := exec.Command(mkfs, "-q", "-J", "size=4", image).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return mountDisk(t, image)
}

func mountDisk(t *testing.T, image string) disk {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-o", "loop", image, dir).CombinedOutput(); err != nil {
		t.Skipf("a file cannot be mounted here: %v: %s", err, out)
	}
	unmountAtEnd(t, dir)
	return disk{image, dir}
}

// afterPowerCut returns the directory x as it would be found.
func (d disk) afterPowerCut(t *testing.T) vfs.FS {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	from, err := os.Open(d.image)
	require.NoError(t, err)
	to, err := os.Create(image)
	require.NoError(t, err)
	_, err = io.Copy(to, from)
	require.NoError(t, err)
	require.NoError(t, from.Close())
	require.NoError(t, to.Close())
	dir := filepath.Join(mountDisk(t, image).dir, "x")
	require.DirExists(t, dir, "OS made it, durably")
	found, err := vfs.OS(dir)
	require.NoError(t, err)
	return found
}

// TestSyncIsReal sees that what Sync says is so: right after it the power is cut. What
// no Sync followed would reach the disk seconds later, so a Sync that did nothing would
// be found out.
func TestSyncIsReal(t *testing.T) {
	disk := newDisk(t)
	d, err := vfs.OS(filepath.Join(disk.dir, "x"))
	require.NoError(t, err)
	require.Empty(t, dump(t, disk.afterPowerCut(t)))

	f, err := d.Create("a")
	require.NoError(t, err)
	write(t, f, "hello world")
	require.NoError(t, f.Sync())
	require.NoError(t, d.Sync())
	require.Equal(t, "a=hello world", dump(t, disk.afterPowerCut(t)))

	require.NoError(t, f.Truncate(5))
	require.NoError(t, f.Sync())
	require.Equal(t, "a=hello", dump(t, disk.afterPowerCut(t)))
	require.NoError(t, f.Close())

	require.NoError(t, d.Rename("a", "b"))
	require.NoError(t, d.Sync())
	require.Equal(t, "b=hello", dump(t, disk.afterPowerCut(t)))

	require.NoError(t, d.Remove("b"))
	require.NoError(t, d.Sync())
	require.Empty(t, dump(t, disk.afterPowerCut(t)))
}
