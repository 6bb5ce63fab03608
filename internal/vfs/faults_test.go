package vfs_test

import (
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// tour calls every method once and more, and returns the first error of each call.
func tour(d vfs.FS) (errs []error) {
	did := func(err error) bool {
		errs = append(errs, err)
		return err == nil
	}
	b := make([]byte, 2)
	if l, err := d.Lock("LOCK"); did(err) {
		defer func() { did(l.Close()) }()
	}
	if f, err := d.Create("a"); did(err) {
		_, err = f.Write([]byte("hello"))
		did(err)
		did(f.Sync())
		did(f.Close())
	}
	did(d.Sync())
	if f, err := d.Open("a"); did(err) {
		_, err = f.Read(b)
		did(err)
		_, err = f.ReadAt(b, 0)
		did(err)
		_, err = f.Size()
		did(err)
		did(f.Truncate(0))
		did(f.Close())
	}
	_, err := d.List()
	did(err)
	did(d.Rename("a", "b"))
	did(d.Remove("b"))
	return errs
}

// tourOps is what tour calls when nothing fails.
func tourOps() []string {
	return strings.Split("1 lock LOCK,2 create a,3 write a (5 bytes),4 sync a,5 close a,6 sync directory .,"+
		"7 open a,8 read a (2 bytes),9 read at a (2 bytes),10 size a,11 truncate a,12 close a,13 list .,14 rename a,15 remove b,16 unlock LOCK", ",")
}

func TestFaultsCount(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		faults := vfs.NewFaults(d)
		require.Len(t, tour(faults), 16)
		require.Equal(t, 16, faults.Calls())
		var seen []string
		faults.Inject(func(c vfs.Call) error {
			seen = append(seen, c.String())
			return nil
		})
		require.Zero(t, faults.Calls())
		for _, err := range tour(faults) {
			require.NoError(t, err)
		}
		require.Equal(t, tourOps(), seen)
	})
}

// TestFailAt makes each call fail: that one and what depends on it, nothing else.
func TestFailAt(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		faults := vfs.NewFaults(d)
		for n := 1; ; n++ {
			faults.Inject(vfs.FailAt(n, syscall.EIO))
			errs := tour(faults)
			if faults.Calls() < n {
				break
			}
			require.ErrorIs(t, errs[n-1], syscall.EIO)
			var path *fs.PathError
			require.ErrorAs(t, errs[n-1], &path, "it looks like the system's")
			for i, err := range errs {
				if i != n-1 {
					require.NotErrorIs(t, err, syscall.EIO, i)
				}
			}
			faults.Inject(nil)
			l, err := faults.Lock("LOCK")
			require.NoError(t, err, "it was given back, whatever Close said")
			require.NoError(t, l.Close())
			for _, name := range names(t, faults) {
				require.NoError(t, faults.Remove(name))
			}
		}
	})
}

func TestFailFrom(t *testing.T) {
	faults := vfs.NewFaults(vfs.NewMem())
	faults.Inject(vfs.FailFrom(4, syscall.EIO))
	for i, err := range tour(faults) {
		require.Equal(t, i >= 3, err != nil, "%d: %v", i+1, err)
	}
	require.Greater(t, faults.Calls(), 4)
	faults.Inject(nil)
	require.Equal(t, []string{"LOCK", "a"}, names(t, faults), "the disk is well again")
}

func TestFailOps(t *testing.T) {
	faults := vfs.NewFaults(vfs.NewMem())
	faults.Inject(vfs.Fail(syscall.EROFS, vfs.OpWrite, vfs.OpTruncate))
	for i, err := range tour(faults) {
		call := tourOps()[i]
		if strings.Contains(call, "write") || strings.Contains(call, "truncate") {
			require.ErrorIs(t, err, syscall.EROFS, call)
		} else {
			require.NotErrorIs(t, err, syscall.EROFS, call)
		}
	}
}

func TestShortWrite(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		faults := vfs.NewFaults(d)
		f, err := faults.Create("a")
		require.NoError(t, err)
		for part, want := range map[int]int{0: 0, 2: 2, 5: 5, 1 << 30: 5} {
			faults.Inject(vfs.FailAt(1, &vfs.ShortError{Bytes: part, Err: syscall.ENOSPC}))
			before := content(t, d, "a")
			n, err := f.Write([]byte("hello"))
			require.ErrorIs(t, err, syscall.ENOSPC)
			require.Equal(t, want, n)
			require.Equal(t, before+"hello"[:want], content(t, d, "a"))
		}
		faults.Inject(vfs.Fail(&vfs.ShortError{Bytes: 1, Err: syscall.EIO}, vfs.OpSync))
		require.EqualError(t, f.Sync(), "sync a: "+syscall.EIO.Error(), "a part is a matter of writes")
		require.NoError(t, f.Close())
	})
}

// TestFailedClose: the file is closed.
func TestFailedClose(t *testing.T) {
	everyFS(t, func(t *testing.T, d vfs.FS) {
		faults := vfs.NewFaults(d)
		f, err := faults.Create("a")
		require.NoError(t, err)
		faults.Inject(vfs.FailAt(1, syscall.EIO))
		require.ErrorIs(t, f.Close(), syscall.EIO)
		require.ErrorIs(t, f.Close(), fs.ErrClosed)
	})
}

// TestFailedSync: what was written before it stays unsure, whatever a later Sync says.
func TestFailedSync(t *testing.T) {
	m := vfs.NewMem()
	faults := vfs.NewFaults(m)
	put(t, faults, "a", "111")
	require.NoError(t, faults.Sync())
	f := open(t, faults, "a")
	write(t, f, "222")
	faults.Inject(vfs.Fail(syscall.EIO, vfs.OpSync))
	require.ErrorIs(t, f.Sync(), syscall.EIO)
	write(t, f, "333")
	require.ErrorIs(t, f.Sync(), syscall.EIO)
	faults.Inject(nil)
	require.NoError(t, f.Sync())
	require.Equal(t, "111222333", content(t, m, "a"), "a process sees what it wrote")
	require.Equal(t, "a=111222333", dump(t, m.Clone().Kill()))
	found := crashes(t, m)
	require.Contains(t, found, "a=111222333")
	require.Contains(t, found, "a=111\x00\x00\x00\x00\x00\x00")
	require.Contains(t, found, "a=1112", "the length may not have reached the disk either")

	write(t, f, "444")
	require.NoError(t, f.Sync())
	found = crashes(t, m)
	require.Greater(t, len(found), 10)
	for got := range found {
		require.Len(t, got, len("a=111222333444"), "later bytes are sure, and so is the length")
		require.True(t, strings.HasPrefix(got, "a=111"), got)
		require.True(t, strings.HasSuffix(got, "444"), got)
	}

	require.NoError(t, f.Truncate(5))
	write(t, f, "555")
	require.NoError(t, f.Sync())
	for got := range crashes(t, m) {
		require.True(t, strings.HasSuffix(got, "555"), "what took the place of doubtful bytes is sure: %q", got)
	}
	require.NoError(t, f.Truncate(3))
	write(t, f, "666")
	require.NoError(t, f.Sync())
	require.Equal(t, set("a=111666"), crashes(t, m))
}

// TestFailedDirectorySync: the same for names.
func TestFailedDirectorySync(t *testing.T) {
	m := vfs.NewMem()
	faults := vfs.NewFaults(m)
	put(t, faults, "old", "1")
	require.NoError(t, faults.Sync())
	put(t, faults, "a", "2")
	faults.Inject(vfs.Fail(syscall.EIO, vfs.OpSyncDir))
	require.ErrorIs(t, faults.Sync(), syscall.EIO)
	faults.Inject(nil)
	put(t, faults, "b", "3")
	require.NoError(t, faults.Sync())
	require.Equal(t, set("b=3 old=1", "a=2 b=3 old=1"), crashes(t, m))
	require.NoError(t, faults.Rename("a", "c"))
	require.NoError(t, faults.Sync())
	require.Equal(t, set("b=3 c=2 old=1"), crashes(t, m), "made again, it is sure")

	faults.Inject(vfs.FailAt(1, syscall.EIO))
	require.ErrorIs(t, faults.Sync(), syscall.EIO)
	require.NoError(t, faults.Sync())
	require.Equal(t, set("b=3 c=2 old=1"), crashes(t, m), "what is sure stays so")
}

// TestCrashAtEveryCall shows that a fault can copy the directory at a call.
func TestCrashAtEveryCall(t *testing.T) {
	m := vfs.NewMem()
	faults := vfs.NewFaults(m)
	var copies []*vfs.Mem
	faults.Inject(func(vfs.Call) error {
		copies = append(copies, m.Clone())
		return nil
	})
	tour(faults)
	require.Len(t, copies, faults.Calls())
	require.Equal(t, "LOCK= a=", dump(t, copies[2]))
	require.Equal(t, "LOCK= a=hello", dump(t, copies[3]))
}
