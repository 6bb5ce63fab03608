package vfs_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// lockedDir names the directory that another process is to lock.
const lockedDir = "VFS_TEST_LOCKED_DIR"

// holdLock is what that process does: it locks, says so, and waits for its end.
func holdLock(dir string) {
	var lock io.Closer
	d, err := vfs.OS(dir)
	if err == nil {
		lock, err = d.Lock("LOCK")
	}
	fmt.Println(err)
	_, _ = io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(lock) // or it may be collected, and closed
}

// TestLockOfAnotherProcess is held until that is killed, and no longer.
func TestLockOfAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), lockedDir+"="+dir)
	stdin, err := other.StdinPipe() // open as long as it is to live
	require.NoError(t, err)
	defer func() { _ = stdin.Close() }()
	stdout, err := other.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, other.Start())
	said, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "<nil>\n", said)

	d, err := vfs.OS(dir)
	require.NoError(t, err)
	_, err = d.Lock("LOCK")
	require.ErrorIs(t, err, vfs.ErrLocked)
	require.NoError(t, other.Process.Kill())
	require.Error(t, other.Wait(), "killed")
	l, err := d.Lock("LOCK")
	require.NoError(t, err)
	require.NoError(t, l.Close())
}
