package aof_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/aof"
	"github.com/residedb/reside/store"
)

// small is a directory of Redis 7.
var small = map[string]string{
	"appendonly.aof.1.base.aof": line("SELECT", "0") + line("SET", "a", "1"),
	"appendonly.aof.1.incr.aof": line("SELECT", "2") + line("INCR", "a") + line("MULTI") + line("RPUSH", "l", "x") + line("DEL", "a") + line("EXEC") + "#TS:17\r\n" + line("SET", "b", "\r\n"),
	"appendonly.aof.manifest":   "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n",
}

// with is a copy of files with another text of one.
func with(files map[string]string, name, text string) map[string]string {
	all := maps.Clone(files)
	all[name] = text
	return all
}

// line is a command as it stands in a file.
func line(words ...string) string {
	var s strings.Builder
	s.WriteString("*" + itoa(len(words)) + "\r\n")
	for _, w := range words {
		s.WriteString("$" + itoa(len(w)) + "\r\n" + w + "\r\n")
	}
	return s.String()
}

// loaded is what redis-server shows after it has loaded the files, and how long the last
// one is then.
func loaded(t testing.TB, files map[string]string, last string) (shown string, left int64) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "appendonlydir"), 0o700))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "appendonlydir", name), []byte(text), 0o600))
	}
	c := dial(t, script.StartRedis(t, "--appendonly", "yes", "--appendfsync", "no", "--dir", dir))
	info, err := os.Stat(filepath.Join(dir, "appendonlydir", last))
	require.NoError(t, err)
	return script.Contents(t, c), info.Size()
}

// TestCutAtEveryByte cuts the last file after every byte: what is loaded of it, and where
// it is cut, is as redis-server has it. (But where both a transaction and a command have no
// end, that leaves MULTI there, though it does not run it; Reside cuts before MULTI.) The
// file before it must not be cut anywhere but between two commands.
func TestCutAtEveryByte(t *testing.T) {
	const base, incr = "appendonly.aof.1.base.aof", "appendonly.aof.1.incr.aof"
	text := small[incr]
	multi := int64(strings.Index(text, line("MULTI")))
	for i := range len(text) + 1 {
		files := with(small, incr, text[:i])
		s := newStore(t)
		report, err := s.ImportAOF(t.Context(), write(t, files), store.AOFOptions{})
		require.NoError(t, err, "after %d", i)
		shown, left := loaded(t, files, incr)
		require.Equal(t, shown, contents(t, s), "after %d", i)
		if report.Cut == nil {
			require.EqualValues(t, i, left, "after %d", i)
			continue
		}
		if strings.Contains(report.Cut.What, "transaction") {
			require.GreaterOrEqual(t, left, multi)
			left = multi
		}
		require.Equal(t, aof.Cut{Place: aof.Place{File: incr, Offset: left}, Bytes: int64(i) - left, What: report.Cut.What}, *report.Cut)
		_, err = newStore(t).ImportAOF(t.Context(), write(t, files), store.AOFOptions{Options: aof.Options{Strict: true}})
		requireDamage(t, err, incr, left)
	}
	for i := range small[base] {
		_, err := newStore(t).ImportAOF(t.Context(), write(t, with(small, base, small[base][:i])), store.AOFOptions{})
		if i == 0 || i == len(line("SELECT", "0")) {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, persist.ErrDamaged, "after %d", i)
	}
}

// requireDamage holds an error to a place.
func requireDamage(t testing.TB, err error, file string, offset int64) {
	t.Helper()
	var d *persist.DamageError
	require.ErrorAs(t, err, &d)
	require.ErrorIs(t, err, persist.ErrDamaged)
	require.Equal(t, file, d.File, "%s", err)
	require.Equal(t, offset, d.Offset, "%s", err)
}

// TestPreambleCut: what an RDB file lacks cannot be left out, as in Redis.
func TestPreambleCut(t *testing.T) {
	c, dir := startAOF(t)
	do(t, c, "SET", "a", "b")
	rewrite(t, c)
	b, err := os.ReadFile(filepath.Join(dir, "appendonly.aof.2.base.rdb"))
	require.NoError(t, err)
	for i := range b {
		s := newStore(t)
		_, err := s.ImportAOF(t.Context(), filepath.Join(write(t, map[string]string{"x": string(b[:i])}), "x"), store.AOFOptions{})
		if i < 1 {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, persist.ErrDamaged, "after %d", i)
		require.Empty(t, contents(t, s))
	}
}

// TestOldFile reads the one file of Redis 4 to 6, with and without a preamble, and holds
// that to what redis-server makes of it.
func TestOldFile(t *testing.T) {
	c, dir := startAOF(t)
	run(t, c)
	rewrite(t, c)
	preamble, err := os.ReadFile(filepath.Join(dir, "appendonly.aof.2.base.rdb"))
	require.NoError(t, err)
	tail := line("SELECT", "1") + line("INCR", "n") + line("MULTI") + line("SET", "a", "b") + line("EXEC") + line("SELECT", "0") + line("SADD", "set", "more")
	for name, text := range map[string]string{"with": string(preamble) + tail, "without": tail, "only": string(preamble), "torn": string(preamble) + tail + "*1\r\n$5\r\nMULTI\r\n"} {
		t.Run(name, func(t *testing.T) {
			old := write(t, map[string]string{"appendonly.aof": text})
			s := newStore(t)
			report, err := s.ImportAOF(t.Context(), filepath.Join(old, "appendonly.aof"), store.AOFOptions{})
			require.NoError(t, err)
			require.EqualValues(t, len(text), report.Bytes)
			require.Equal(t, name == "torn", report.Cut != nil)
			require.Equal(t, name != "without", report.Snapshot != nil)
			requireSame(t, script.Contents(t, dial(t, script.StartRedis(t, "--appendonly", "yes", "--dir", old))), contents(t, s))
		})
	}
}

// TestEveryFileBeginsWithDatabase0, whatever the one before has selected.
func TestEveryFileBeginsWithDatabase0(t *testing.T) {
	files := map[string]string{
		"i.1": line("SELECT", "2") + line("SET", "a", "1"), "i.2": line("SET", "b", "1"),
		"appendonly.aof.manifest": "file i.1 seq 1 type i\nfile i.2 seq 2 type i\n",
	}
	s := newStore(t)
	_, err := s.ImportAOF(t.Context(), write(t, files), store.AOFOptions{})
	require.NoError(t, err)
	shown, _ := loaded(t, files, "i.2")
	require.Equal(t, shown, contents(t, s))
}
