package vfs_test

import (
	"bytes"
	"io"
	"io/fs"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// everyFS runs a test on each file system.
func everyFS(t *testing.T, test func(*testing.T, vfs.FS)) {
	t.Run("os", func(t *testing.T) {
		d, err := vfs.OS(t.TempDir())
		require.NoError(t, err)
		test(t, d)
	})
	t.Run("mem", func(t *testing.T) { test(t, vfs.NewMem()) })
}

// put makes a file, synced, and closes it.
func put(t *testing.T, d vfs.FS, name, content string) {
	t.Helper()
	f, err := d.Create(name)
	require.NoError(t, err)
	write(t, f, content)
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
}

func write(t *testing.T, f vfs.File, content string) {
	t.Helper()
	n, err := io.WriteString(f, content)
	require.NoError(t, err)
	require.Equal(t, len(content), n)
}

// open opens a file for the test's time.
func open(t *testing.T, d vfs.FS, name string) vfs.File {
	t.Helper()
	f, err := d.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func content(t *testing.T, d vfs.FS, name string) string {
	t.Helper()
	f, err := d.Open(name)
	require.NoError(t, err)
	b, err := io.ReadAll(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return string(b)
}

func names(t *testing.T, d vfs.FS) []string {
	t.Helper()
	list, err := d.List()
	require.NoError(t, err)
	return list
}

func size(t *testing.T, f vfs.File) int {
	t.Helper()
	n, err := f.Size()
	require.NoError(t, err)
	return int(n)
}

func TestNames(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		require.Empty(t, names(t, d))
		put(t, d, "b", "of b")
		put(t, d, "c", "of c")
		put(t, d, "a", "")
		require.Equal(t, []string{"a", "b", "c"}, names(t, d))
		_, err := d.Create("b")
		require.ErrorIs(t, err, fs.ErrExist)
		require.Equal(t, "of b", content(t, d, "b"))

		require.NoError(t, d.Remove("a"))
		require.NoError(t, d.Rename("b", "c"), "it replaces")
		require.NoError(t, d.Rename("c", "c"))
		require.NoError(t, d.Sync())
		require.Equal(t, []string{"c"}, names(t, d))
		require.Equal(t, "of b", content(t, d, "c"))
		put(t, d, "b", "again")
		require.Equal(t, "again", content(t, d, "b"))
	})
}

func TestMissing(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		_, err := d.Open("a")
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorIs(t, d.Remove("a"), fs.ErrNotExist)
		require.ErrorIs(t, d.Rename("a", "b"), fs.ErrNotExist)
		require.Empty(t, names(t, d))
	})
}

func TestNamesAreOfTheDirectory(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		put(t, d, "a", "")
		for _, name := range []string{"", ".", "..", "../a", "/a", "b/a", `b\a`, "a\x00", "c:a"} {
			_, err := d.Create(name)
			require.ErrorIs(t, err, fs.ErrInvalid, "%q", name)
			_, err = d.Open(name)
			require.ErrorIs(t, err, fs.ErrInvalid, "%q", name)
			_, err = d.Lock(name)
			require.ErrorIs(t, err, fs.ErrInvalid, "%q", name)
			require.ErrorIs(t, d.Remove(name), fs.ErrInvalid, "%q", name)
			require.ErrorIs(t, d.Rename(name, "b"), fs.ErrInvalid, "%q", name)
			require.ErrorIs(t, d.Rename("a", name), fs.ErrInvalid, "%q", name)
		}
		require.Equal(t, []string{"a"}, names(t, d))
	})
}

func TestReadWrite(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		f, err := d.Create("a")
		require.NoError(t, err)
		write(t, f, "hello")
		b := make([]byte, 3)
		_, err = io.ReadFull(f, b)
		require.NoError(t, err)
		require.Equal(t, "hel", string(b), "Read begins at the beginning, wherever Write is")
		_, err = f.ReadAt(b, 1)
		require.NoError(t, err)
		require.Equal(t, "ell", string(b))
		write(t, f, " world")
		rest, err := io.ReadAll(f)
		require.NoError(t, err)
		require.Equal(t, "lo world", string(rest), "Write and ReadAt leave Read where it is")
		require.Equal(t, 11, size(t, f))
		require.NoError(t, f.Close())

		f = open(t, d, "a")
		write(t, f, "!")
		require.Equal(t, "hello world!", content(t, d, "a"), "a file that is opened is appended to")
		n, err := f.Read(nil)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestReadAt(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		put(t, d, "a", "hello")
		f := open(t, d, "a")
		b := make([]byte, 4)
		n, err := f.ReadAt(b, 3)
		require.Equal(t, io.EOF, err)
		require.Equal(t, "lo", string(b[:n]))
		for _, at := range []int64{5, 6, 1 << 62} {
			n, err = f.ReadAt(b, at)
			require.Equal(t, io.EOF, err)
			require.Zero(t, n)
		}
		_, err = f.ReadAt(b, -1)
		require.Error(t, err)
		require.NotEqual(t, io.EOF, err)
	})
}

// TestCopy sees that io.Copy finds no shortcut that goes around Read and Write.
func TestCopy(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		put(t, d, "a", "hello")
		f := open(t, d, "a")
		write(t, f, " world")
		var out bytes.Buffer
		_, err := io.Copy(&out, f)
		require.NoError(t, err)
		require.Equal(t, "hello world", out.String())
		g := open(t, d, "a")
		_, err = io.Copy(g, bytes.NewReader([]byte("!")))
		require.NoError(t, err)
		require.Equal(t, "hello world!", content(t, d, "a"))
	})
}

func TestTruncate(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		put(t, d, "a", "hello world")
		f := open(t, d, "a")
		require.NoError(t, f.Truncate(7))
		require.Equal(t, 7, size(t, f))
		write(t, f, "all")
		require.NoError(t, f.Sync())
		require.Equal(t, "hello wall", content(t, d, "a"))
		for _, size := range []int64{-1, 11, 1 << 62} {
			require.ErrorIs(t, f.Truncate(size), fs.ErrInvalid)
		}
		require.NoError(t, f.Truncate(0))
		require.Empty(t, content(t, d, "a"))
	})
}

func TestOpenFilesStay(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		if mayNotRemoveOpenFiles {
			t.Skip("this system does not remove open files")
		}
		put(t, d, "a", "of a")
		put(t, d, "b", "of b")
		a, b := open(t, d, "a"), open(t, d, "b")
		require.NoError(t, d.Rename("a", "b"))
		for want, f := range map[string]vfs.File{"of a": a, "of b": b} {
			got, err := io.ReadAll(f)
			require.NoError(t, err)
			require.Equal(t, want, string(got))
		}
		require.NoError(t, d.Remove("b"))
		write(t, a, "!")
		require.Equal(t, 5, size(t, a))
	})
}

func TestClosed(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		f, err := d.Create("a")
		require.NoError(t, err)
		require.NoError(t, f.Close())
		b := make([]byte, 1)
		_, err = f.Read(b)
		require.ErrorIs(t, err, fs.ErrClosed)
		_, err = f.ReadAt(b, 0)
		require.ErrorIs(t, err, fs.ErrClosed)
		_, err = f.Write(b)
		require.ErrorIs(t, err, fs.ErrClosed)
		_, err = f.Size()
		require.ErrorIs(t, err, fs.ErrClosed)
		require.ErrorIs(t, f.Truncate(0), fs.ErrClosed)
		require.ErrorIs(t, f.Sync(), fs.ErrClosed)
		require.ErrorIs(t, f.Close(), fs.ErrClosed)
	})
}

func TestLock(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		put(t, d, "b", "content")
		for range 2 { // with the file there, and without
			held, err := d.Lock("a")
			require.NoError(t, err)
			_, err = d.Lock("a")
			require.ErrorIs(t, err, vfs.ErrLocked)
			other, err := d.Lock("b")
			require.NoError(t, err)
			require.NoError(t, other.Close())
			require.NoError(t, held.Close())
			require.ErrorIs(t, held.Close(), fs.ErrClosed)
		}
		require.Equal(t, []string{"a", "b"}, names(t, d))
		require.Equal(t, "content", content(t, d, "b"))
	})
}

// TestAtOnce is for the race detector: files are made, read beside a writer, listed and
// removed from many goroutines.
func TestAtOnce(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		put(t, d, "shared", "0123456789")
		shared := open(t, d, "shared")
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				name := string(rune('a' + i))
				f, err := d.Create(name)
				if err == nil {
					_, err = f.Write([]byte("x"))
				}
				if err != nil || f.Sync() != nil || f.Close() != nil || d.Sync() != nil || d.Remove(name) != nil {
					t.Error(name, err)
				}
				b := make([]byte, 5)
				if _, err := shared.ReadAt(b, 5); err != nil || string(b) != "56789" {
					t.Error(string(b), err)
				}
				if n, err := shared.Size(); err != nil || n < 10 {
					t.Error(n, err)
				}
			})
		}
		for range 8 {
			write(t, shared, "more")
		}
		all.Wait()
		require.Equal(t, []string{"shared"}, names(t, d))
	})
}
