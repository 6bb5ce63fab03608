package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/appendlog"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// call runs the program and returns what it says.
func call(t *testing.T, args ...string) string {
	t.Helper()
	var out, progress bytes.Buffer
	require.NoError(t, run(t.Context(), args, &out, &progress))
	return out.String()
}

func fails(t *testing.T, want error, args ...string) {
	t.Helper()
	require.ErrorIs(t, run(t.Context(), args, new(bytes.Buffer), new(bytes.Buffer)), want)
}

// visits is what the counter of a store in a directory says.
func visits(t *testing.T, dir string) int64 {
	s, err := store.Open(dir, store.Options{})
	require.NoError(t, err)
	n, _, err := types.NewCounter(s, "visits").Get(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return n
}

// TestTheLifeOfADirectory goes through all commands beside a store that is open.
func TestTheLifeOfADirectory(t *testing.T) {
	dir, archived, place := t.TempDir(), t.TempDir(), t.TempDir()
	archive, err := appendlog.ArchiveTo(archived)
	require.NoError(t, err)
	s, err := store.Open(dir, store.Options{Durability: store.Durability{Archive: archive, Sync: store.SyncAlways}})
	require.NoError(t, err)
	var when []time.Time
	count := func(n int) {
		for range n {
			_, err := types.NewCounter(s, "visits").Incr(t.Context())
			require.NoError(t, err)
			when = append(when, time.Now())
			for time.Now().Truncate(time.Millisecond).Equal(when[len(when)-1].Truncate(time.Millisecond)) {
			}
		}
	}
	file := func(name string) string { return filepath.Join(place, name) }

	count(10)
	require.Contains(t, call(t, "take", "-dir", dir, "-o", file("ten")), "position 10")
	require.Contains(t, call(t, "verify", file("ten")), "position 10, 1 keys")
	count(10)
	require.NoError(t, s.Save(t.Context()))
	count(10)
	require.Contains(t, call(t, "verify", "-dir", dir), "all is well, up to position 30")
	require.Contains(t, call(t, "restore", "-dir", file("restored"), file("ten")), "1 keys")
	require.EqualValues(t, 10, visits(t, file("restored")))
	require.ErrorContains(t, run(t.Context(), []string{"restore", "-dir", file("restored"), file("ten")}, new(bytes.Buffer), new(bytes.Buffer)), "is not empty")

	require.Eventually(t, func() bool {
		names, err := os.ReadDir(archived)
		return err == nil && len(names) > 0
	}, 10*time.Second, time.Millisecond)
	for position, at := range when[10:] {
		n := position + 11
		call(t, "past", "-dir", dir, "-archive", archived, "-base", file("ten"), "-position", fmt.Sprint(n), "-o", file("past"))
		require.Contains(t, call(t, "verify", file("past")), fmt.Sprintf("position %d,", n))
		call(t, "past", "-dir", dir, "-archive", archived, "-base", file("ten"), "-time", at.Format(time.RFC3339Nano), "-o", file("past"))
		require.Contains(t, call(t, "verify", file("past")), fmt.Sprintf("position %d,", n))
	}
	fails(t, persist.ErrGap, "past", "-archive", archived, "-base", file("ten"), "-position", "25", "-o", file("no"))
	fails(t, store.ErrTooLate, "past", "-dir", dir, "-base", file("ten"), "-position", "5", "-o", file("no"))
	require.NoFileExists(t, file("no"))

	shown := call(t, "log", "-dir", dir, "-after", "25")
	require.Len(t, regexp.MustCompile(`(?m)^log-\S+:\d+  (26|27|28|29|30)  20`).FindAllString(shown, -1), 5)
	require.Contains(t, shown, `StringPut db0 "visits"`)
	require.NoError(t, s.Close())
}

// TestDamageIsToldOf with file and offset.
func TestDamageIsToldOf(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{Durability: store.Durability{Sync: store.SyncAlways}})
	require.NoError(t, err)
	for range 10 {
		_, err := types.NewCounter(s, "visits").Incr(t.Context())
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	logs, err := filepath.Glob(filepath.Join(dir, "log-*"))
	require.NoError(t, err)
	b, err := os.ReadFile(logs[0])
	require.NoError(t, err)
	b[len(b)/2] ^= 4
	require.NoError(t, os.WriteFile(logs[0], b, 0o600))
	err = run(t.Context(), []string{"verify", "-dir", dir}, new(bytes.Buffer), new(bytes.Buffer))
	var damage *persist.DamageError
	require.ErrorAs(t, err, &damage)
	require.Equal(t, filepath.Base(logs[0]), damage.File)
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"take"}, {"verify"}, {"verify", "-dir", "a", "b"}, {"restore", "a"}, {"past"}, {"log"}, {"other"}, {"take", "-dir", "a", "-o", "b", "c", "d"}} {
		require.ErrorIs(t, run(t.Context(), args, new(bytes.Buffer), new(bytes.Buffer)), errUsage, "%v", args)
	}
}
