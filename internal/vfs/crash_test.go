package vfs_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// seeds is how many power cuts a test looks at.
const seeds = 400

// crashes returns what power cuts at this moment may leave, as text: file by file.
func crashes(t *testing.T, m *vfs.Mem) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for seed := range uint64(seeds) {
		found[dump(t, m.Clone().Crash(rand.New(rand.NewPCG(seed, 0))))] = true
	}
	return found
}

// dump is a directory as text: "a=hello b=".
func dump(t *testing.T, d vfs.FS) string {
	t.Helper()
	var files []string
	for _, name := range names(t, d) {
		files = append(files, name+"="+content(t, d, name))
	}
	return strings.Join(files, " ")
}

func set(all ...string) map[string]bool {
	m := map[string]bool{}
	for _, s := range all {
		m[s] = true
	}
	return m
}

func TestSyncedSurvives(t *testing.T) {
	m := vfs.NewMem()
	put(t, m, "a", "hello")
	put(t, m, "b", "")
	require.NoError(t, m.Sync())
	require.Equal(t, set("a=hello b="), crashes(t, m))
	require.NoError(t, m.Rename("a", "b"))
	require.NoError(t, m.Sync())
	require.Equal(t, set("b=hello"), crashes(t, m))
	require.NoError(t, m.Remove("b"))
	require.NoError(t, m.Sync())
	require.Equal(t, set(""), crashes(t, m))
}

// TestEntriesAreIndependent: what the directory's Sync has not seen may be there or
// not, file by file.
func TestEntriesAreIndependent(t *testing.T) {
	m := vfs.NewMem()
	put(t, m, "a", "1")
	put(t, m, "b", "2")
	require.Equal(t, set("", "a=1", "b=2", "a=1 b=2"), crashes(t, m), "created")

	require.NoError(t, m.Sync())
	require.NoError(t, m.Remove("a"))
	require.NoError(t, m.Remove("b"))
	require.Equal(t, set("", "a=1", "b=2", "a=1 b=2"), crashes(t, m), "removed")
}

// TestRename: the new name has the old file or the new one, never none.
func TestRename(t *testing.T) {
	m := vfs.NewMem()
	put(t, m, "a", "old")
	put(t, m, "b", "new")
	require.NoError(t, m.Sync())
	require.NoError(t, m.Rename("b", "a"))
	require.Equal(t, set("a=old b=new", "a=new b=new", "a=new"), crashes(t, m))
	put(t, m, "b", "next")
	require.Equal(t, set("a=old b=new", "a=new b=new", "a=new", "a=old b=next", "a=new b=next"), crashes(t, m))
}

// TestTail counts what becomes of bytes that were not synced.
func TestTail(t *testing.T) {
	m := vfs.NewMem()
	synced, more := strings.Repeat("s", 700), strings.Repeat("m", 9000)
	put(t, m, "a", synced)
	require.NoError(t, m.Sync())
	write(t, open(t, m, "a"), more)
	seen := map[string]int{}
	for got := range crashes(t, m) {
		require.True(t, strings.HasPrefix(got, "a="+synced), "what was synced is whole")
		tail := got[len("a="+synced):]
		require.LessOrEqual(t, len(tail), len(more))
		seen[kindOf(tail, more)]++
	}
	require.Equal(t, 1, seen["none"])
	require.Equal(t, 1, seen["all"])
	for _, kind := range []string{"torn", "no data", "holes", "garbage"} {
		require.Greater(t, seen[kind], 1, "%s: %v", kind, seen)
	}
}

// kindOf names what a tail looks like.
func kindOf(tail, meant string) string {
	zeros := strings.Count(tail, "\x00")
	switch strange := len(strings.Trim(tail, meant[:1]+"\x00")); {
	case tail == "":
		return "none"
	case tail == meant:
		return "all"
	case strings.HasPrefix(meant, tail):
		return "torn"
	case zeros == len(tail):
		return "no data"
	case strange == 0:
		return "holes"
	}
	return "garbage"
}

// TestTornAnywhere: a write of a few bytes ends at any of them.
func TestTornAnywhere(t *testing.T) {
	m := vfs.NewMem()
	put(t, m, "a", "")
	require.NoError(t, m.Sync())
	write(t, open(t, m, "a"), "12345")
	found := crashes(t, m)
	for i := range 6 {
		require.Contains(t, found, "a="+"12345"[:i])
	}
}

// TestTruncated: until a Sync the old bytes may be there again.
func TestTruncated(t *testing.T) {
	m := vfs.NewMem()
	put(t, m, "a", "0123456789")
	require.NoError(t, m.Sync())
	f := open(t, m, "a")
	require.NoError(t, f.Truncate(4))
	found := crashes(t, m)
	require.Contains(t, found, "a=0123456789")
	require.Contains(t, found, "a=0123")
	write(t, f, "abc")
	found = crashes(t, m)
	for _, possible := range []string{"0123456789", "0123", "0123abc", "0123abc789", "0123ab", "0123456"} {
		require.Contains(t, found, "a="+possible)
	}
	for got := range found {
		require.True(t, strings.HasPrefix(got, "a=0123"), got)
	}
	require.NoError(t, f.Sync())
	require.Equal(t, set("a=0123abc"), crashes(t, m))
}

// TestSyncIsOfOneFile: a Sync says nothing about others, nor about the directory.
func TestSyncIsOfOneFile(t *testing.T) {
	m := vfs.NewMem()
	for _, name := range []string{"a", "b"} {
		_, err := m.Create(name)
		require.NoError(t, err)
	}
	require.NoError(t, m.Sync())
	a, b := open(t, m, "a"), open(t, m, "b")
	write(t, a, "1")
	write(t, b, "2")
	require.NoError(t, a.Sync())
	found := crashes(t, m)
	require.Contains(t, found, "a=1 b=")
	require.Contains(t, found, "a=1 b=2")
	for got := range found {
		require.True(t, strings.HasPrefix(got, "a=1 b="), got)
	}
}

// TestAfterACrash: what is left is durable, and can be worked with.
func TestAfterACrash(t *testing.T) {
	m := vfs.NewMem()
	put(t, m, "a", "hello")
	require.NoError(t, m.Sync())
	write(t, open(t, m, "a"), " world")
	put(t, m, "b", "2")
	write(t, open(t, m, "b"), "345")
	lost := 0
	for seed := range uint64(seeds) {
		once := m.Clone().Crash(rand.New(rand.NewPCG(seed, 0)))
		was := dump(t, once)
		require.Equal(t, was, dump(t, once.Clone().Crash(rand.New(rand.NewPCG(seed, 1)))), "a second power cut takes nothing")
		again := m.Clone().Crash(rand.New(rand.NewPCG(seed, 0)))
		require.Equal(t, was, dump(t, again), "the same random numbers")
		write(t, open(t, once, "a"), "!")
		require.Equal(t, was, dump(t, again), "each crash is on its own")
		require.Contains(t, dump(t, once), "!")
		put(t, once, "c", "")
		if !slices.Contains(names(t, once.Crash(rand.New(rand.NewPCG(seed, 1)))), "c") {
			lost++
		}
	}
	require.NotZero(t, lost, "what is new is not durable by itself")
}

func TestKill(t *testing.T) {
	m := vfs.NewMem()
	put(t, m, "a", "hello")
	require.NoError(t, m.Sync())
	f := open(t, m, "a")
	write(t, f, " world")
	require.NoError(t, m.Rename("a", "b"))
	_, err := m.Lock("LOCK")
	require.NoError(t, err)

	after := m.Kill()
	require.Equal(t, "LOCK= b=hello world", dump(t, after), "what was written is there")
	_, err = after.Lock("LOCK")
	require.NoError(t, err, "the lock is free")
	require.Contains(t, crashes(t, after), "a=hello", "but it is not durable")
}

// TestDown: nothing that the dead program does can be seen.
func TestDown(t *testing.T) {
	ends := map[string]func(*vfs.Mem) *vfs.Mem{
		"kill":  (*vfs.Mem).Kill,
		"crash": func(m *vfs.Mem) *vfs.Mem { return m.Crash(rand.New(rand.NewPCG(1, 0))) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			m := vfs.NewMem()
			put(t, m, "a", "hello")
			require.NoError(t, m.Sync())
			f := open(t, m, "a")
			l, err := m.Lock("a")
			require.NoError(t, err)
			after := end(m)

			b := make([]byte, 1)
			for op, call := range map[string]func() error{
				"create":   func() error { _, err := m.Create("c"); return err },
				"open":     func() error { _, err := m.Open("a"); return err },
				"remove":   func() error { return m.Remove("a") },
				"rename":   func() error { return m.Rename("a", "b") },
				"list":     func() error { _, err := m.List(); return err },
				"sync":     m.Sync,
				"lock":     func() error { _, err := m.Lock("c"); return err },
				"unlock":   l.Close,
				"read":     func() error { _, err := f.Read(b); return err },
				"read at":  func() error { _, err := f.ReadAt(b, 0); return err },
				"write":    func() error { _, err := f.Write(b); return err },
				"size":     func() error { _, err := f.Size(); return err },
				"truncate": func() error { return f.Truncate(0) },
				"fsync":    f.Sync,
				"close":    f.Close,
			} {
				require.ErrorIs(t, call(), vfs.ErrCrashed, op)
			}
			require.Equal(t, "a=hello", dump(t, after))
		})
	}
}

// TestClone: neither sees what the other does, in the same file too.
func TestClone(t *testing.T) {
	m := vfs.NewMem()
	put(t, m, "a", "hello")
	require.NoError(t, m.Sync())
	f := open(t, m, "a")
	write(t, f, " ") // which leaves room behind it in memory
	c := m.Clone()
	g := open(t, c, "a")
	write(t, f, "w")
	write(t, g, "m")
	write(t, f, "orld")
	put(t, m, "b", "")
	require.NoError(t, c.Remove("a"))
	put(t, c, "a", "again")
	require.Equal(t, "a=hello world b=", dump(t, m))
	require.Equal(t, "a=again", dump(t, c))

	require.NoError(t, f.Sync())
	require.Contains(t, crashes(t, m), "a=hello world")
	require.NotContains(t, crashes(t, c), "a=hello world")
	require.Contains(t, crashes(t, c), "a=hello")
}

func TestLimit(t *testing.T) {
	m := vfs.NewMem()
	put(t, m, "a", "12345")
	m.SetLimit(8)
	f, err := m.Create("b")
	require.NoError(t, err)
	n, err := f.Write([]byte("12345"))
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Equal(t, 3, n)
	n, err = f.Write([]byte("1"))
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Zero(t, n)
	require.Equal(t, "a=12345 b=123", dump(t, m))
	require.NoError(t, f.Sync(), "what had room can be synced")

	m = m.Kill()
	f = open(t, m, "b")
	_, err = f.Write([]byte("1"))
	require.ErrorIs(t, err, syscall.ENOSPC, "it is the same disk")
	require.NoError(t, m.Remove("a"))
	write(t, f, "45678")
	m.SetLimit(4)
	n, err = f.Write([]byte("9"))
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Zero(t, n)
	m.SetLimit(0)
	_, err = io.Copy(f, bytes.NewReader(make([]byte, 1<<20)))
	require.NoError(t, err)
}
