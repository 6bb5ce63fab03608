package aof_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist/aof"
	"github.com/residedb/reside/store"
)

// importText imports one file.
func importText(t testing.TB, s *store.Store, text string, o store.AOFOptions) (store.AOFReport, error) {
	return s.ImportAOF(t.Context(), filepath.Join(write(t, map[string]string{"x": text}), "x"), o)
}

// TestCommandsThatCannotBeRun stops at a command that is not there, or that fails, says
// where, and tells nothing of its arguments. The store is what it was.
func TestCommandsThatCannotBeRun(t *testing.T) {
	before := line("SET", "a", "1")
	for _, c := range []struct {
		name string
		argv []string
		is   error
	}{
		{"XADD", []string{"xadd", "secret", "*", "secret", "secret"}, aof.ErrUnknown},
		{"EVAL", []string{"EVAL", "secret", "0"}, aof.ErrUnknown},
		{"FUNCTION", []string{"FUNCTION", "LOAD", "secret"}, aof.ErrUnknown},
		{"?", []string{"secret value"}, aof.ErrUnknown},
		{"?", []string{strings.Repeat("secret", 20)}, aof.ErrUnknown},
		{"?", []string{""}, aof.ErrUnknown},
		{"RPUSH", []string{"RPUSH", "a", "secret"}, store.ErrWrongType},
		{"INCRBY", []string{"incrby", "a", "secret"}, store.ErrNotInteger},
		{"EXPIRE", []string{"EXPIRE", "a", "1", "secret"}, nil},
		{"SET", []string{"SET", "secret"}, nil},
		{"OBJECT|SECRET", []string{"OBJECT", "secret", "a"}, aof.ErrUnknown},
		{"SELECT", []string{"SELECT", "16"}, store.ErrDB},
		{"SELECT", []string{"SELECT", "secret"}, store.ErrDB},
		{"SELECT", []string{"SELECT"}, nil},
		{"MULTI", []string{"MULTI", "secret"}, aof.ErrUnknown},
		{"EXEC", []string{"EXEC"}, aof.ErrUnknown},
	} {
		s := newStore(t)
		require.NoError(t, s.Update(t.Context(), func(context.Context, *store.Tx) error { return nil }))
		text := before + line(c.argv...) + line("SET", "b", "1")
		_, err := importText(t, s, text, store.AOFOptions{})
		var e *aof.CommandError
		require.ErrorAs(t, err, &e, "%q", c.argv)
		require.Equal(t, c.name, e.Name)
		require.Equal(t, aof.Place{File: "x", Offset: int64(len(before))}, e.Place)
		if c.is != nil {
			require.ErrorIs(t, err, c.is)
		}
		require.NotContains(t, err.Error(), "secret")
		require.Contains(t, err.Error(), c.name)
		require.Empty(t, contents(t, s))

		report, err := importText(t, s, text+line(c.argv...), store.AOFOptions{Options: aof.Options{Skip: true}})
		require.NoError(t, err)
		require.Equal(t, []aof.Skipped{{Name: c.name, Times: 2, First: e.Place}}, report.Skipped)
		require.EqualValues(t, 2, report.Keys)
	}
}

// TestSkipInTransactions passes over one command of several.
func TestSkipInTransactions(t *testing.T) {
	text := line("MULTI") + line("SET", "a", "1") + line("XADD", "s", "*", "f", "v") + line("INCR", "a") + line("EXEC")
	_, err := importText(t, newStore(t), text, store.AOFOptions{})
	require.ErrorIs(t, err, aof.ErrUnknown)
	s := newStore(t)
	report, err := importText(t, s, text, store.AOFOptions{Options: aof.Options{Skip: true}})
	require.NoError(t, err)
	require.Equal(t, `0 "a" string at -1: "2"`, contents(t, s))
	require.EqualValues(t, 3, report.Commands)
	require.Len(t, report.Skipped, 1)
}

// TestBesideOtherKeys: what the data has is added to what was there, or replaces it, or it
// is as it was, in memory and on disk.
func TestBesideOtherKeys(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{})
	require.NoError(t, err)
	text := line("INCR", "both") + line("SELECT", "9") + line("SET", "new", "9") + line("RPUSH", "l", "x") + line("FLUSHDB") + line("SET", "new", "10")
	begin := func() {
		_, err := importText(t, s, line("SET", "both", "5")+line("SET", "old", "1"), store.AOFOptions{Replace: true})
		require.NoError(t, err)
		require.Equal(t, "0 \"both\" string at -1: \"5\"\n0 \"old\" string at -1: \"1\"", contents(t, s))
	}
	for _, c := range []struct {
		o          store.AOFOptions
		want       string
		kept, left int64
	}{
		{store.AOFOptions{}, `0 "both" string at -1: "1",0 "old" string at -1: "1",9 "new" string at -1: "10"`, 0, 0},
		{store.AOFOptions{KeepExisting: true}, `0 "both" string at -1: "5",0 "old" string at -1: "1",9 "new" string at -1: "10"`, 1, 0},
		{store.AOFOptions{Replace: true}, `0 "both" string at -1: "1",9 "new" string at -1: "10"`, 0, 0},
		{store.AOFOptions{Selection: store.Selection{Match: "b*"}}, `0 "both" string at -1: "1",0 "old" string at -1: "1"`, 0, 1},
		{store.AOFOptions{Selection: store.Selection{Types: []store.Type{store.ListType}}}, `0 "both" string at -1: "5",0 "old" string at -1: "1"`, 0, 2},
	} {
		begin()
		report, err := importText(t, s, text, c.o)
		require.NoError(t, err)
		require.Equal(t, c.want, strings.ReplaceAll(contents(t, s), "\n", ","))
		require.Equal(t, []int64{c.kept, c.left, 2}, []int64{report.Kept, report.Left, report.Keys + report.Left})
		require.NoError(t, s.Close())
		s, err = store.Open(dir, store.Options{})
		require.NoError(t, err)
		require.Equal(t, c.want, strings.ReplaceAll(contents(t, s), "\n", ","))
	}
	require.NoError(t, s.Close())
}

// TestNothingOfAFailedImport: the store is what it was.
func TestNothingOfAFailedImport(t *testing.T) {
	s := newStore(t)
	_, err := importText(t, s, line("SET", "old", "1"), store.AOFOptions{})
	require.NoError(t, err)
	position := s.Position()
	for _, o := range []store.AOFOptions{{}, {Replace: true}} {
		_, err = importText(t, s, line("SET", "new", "1")+"!", o)
		requireDamage(t, err, "x", 29)
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = s.ImportAOF(canceled, filepath.Join(write(t, map[string]string{"x": line("SET", "new", "1")}), "x"), o)
		require.ErrorIs(t, err, context.Canceled)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	text := strings.Repeat(line("SET", "new", "1"), 3000) + "!"
	_, err = s.ImportAOF(ctx, filepath.Join(write(t, map[string]string{"x": text}), "x"), store.AOFOptions{Progress: func(store.Progress) { cancel() }})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, `0 "old" string at -1: "1"`, contents(t, s))
	require.Equal(t, position, s.Position())
	_, err = importText(t, s, "", store.AOFOptions{Replace: true, KeepExisting: true})
	require.ErrorIs(t, err, store.ErrOptions)
	_, err = importText(t, s, "", store.AOFOptions{Selection: store.Selection{Types: []store.Type{"stream"}}})
	require.ErrorIs(t, err, store.ErrOptions)

	var told []store.Progress
	_, err = importText(t, s, line("SET", "new", "1"), store.AOFOptions{Progress: func(p store.Progress) { told = append(told, p) }})
	require.NoError(t, err)
	require.Equal(t, store.Progress{Phase: "commands", Done: 29}, told[len(told)-1])
}

// TestNothingExpiresMeanwhile: a deadline that has passed by now had not when the commands
// behind it were written; and one that counts from now does so from the import.
func TestNothingExpiresMeanwhile(t *testing.T) {
	text := line("SET", "a", "5") + line("PEXPIREAT", "a", "1000000000000") + line("INCR", "a") + line("PERSIST", "a") +
		line("SET", "b", "5", "PXAT", "1000000000000") + line("INCR", "b") + line("COPY", "b", "c") + line("PERSIST", "c") +
		line("SET", "gone", "1", "PXAT", "1000000000000") + line("MULTI") + line("SET", "f", "1", "PXAT", "1000000000000") + line("INCR", "f") + line("PERSIST", "f") + line("SETEX", "d", "100", "1") + line("SET", "e", "1", "PX", "100000") + line("EXEC")
	s := newStore(t)
	report, err := importText(t, s, text, store.AOFOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 5, report.Keys)
	got := strings.Split(contents(t, s), "\n")
	require.Len(t, got, 5, "%s", got)
	require.Equal(t, `0 "f" string at -1: "2"`, got[4])
	require.Equal(t, []string{`0 "a" string at -1: "6"`, `0 "c" string at -1: "6"`}, got[:2])
	for _, key := range []string{"d", "e"} {
		left, ok, err := s.TTL(t.Context(), key)
		require.NoError(t, err)
		require.True(t, ok)
		require.InDelta(t, 100*time.Second, left, float64(20*time.Second))
	}
	dir := write(t, map[string]string{"appendonly.aof": text})
	shown := script.Contents(t, dial(t, script.StartRedis(t, "--appendonly", "yes", "--dir", dir)))
	require.Equal(t, got[:2], strings.Split(shown, "\n")[:2])
	require.Len(t, strings.Split(shown, "\n"), 5)
}

// TestUntil stops where redis-check-aof would cut.
func TestUntil(t *testing.T) {
	first := "#TS:1000\r\n" + line("SET", "a", "1") + "#TS:2000\r\n" + line("INCR", "a") + line("INCR", "a")
	text := first + "#TS:2001\r\n" + line("SET", "b", "1") + "#TS:1500\r\n" + line("SET", "c", "1")
	files := map[string]string{"i.1": text, "i.2": line("SET", "d", "1"), "m.manifest": "file i.1 seq 1 type i\nfile i.2 seq 2 type i\n"}
	s := newStore(t)
	report, err := s.ImportAOF(t.Context(), write(t, files), store.AOFOptions{Options: aof.Options{Until: time.Unix(2000, 999)}})
	require.NoError(t, err)
	require.Equal(t, `0 "a" string at -1: "3"`, contents(t, s))
	require.Equal(t, &aof.Place{File: "i.1", Offset: int64(len(first))}, report.Stopped)
	require.Equal(t, time.Unix(2000, 0), report.Time)
	require.Equal(t, []string{"i.1"}, report.Files)

	report, err = s.ImportAOF(t.Context(), write(t, files), store.AOFOptions{Options: aof.Options{Until: time.Unix(2001, 0)}})
	require.NoError(t, err)
	require.Nil(t, report.Stopped)
	require.EqualValues(t, 4, report.Keys)

	dir := write(t, map[string]string{"x": text})
	cmd := exec.Command(script.Program(t, "redis-check-aof"), "--truncate-to-timestamp", "2000", filepath.Join(dir, "x"))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	left, err := os.ReadFile(filepath.Join(dir, "x"))
	require.NoError(t, err)
	require.Equal(t, first, string(left))
}

// TestRefusals: of a store that others change, and inside a transaction.
func TestRefusals(t *testing.T) {
	follower := store.New(store.Options{Follower: true})
	defer func() { _ = follower.Close() }()
	_, err := importText(t, follower, "", store.AOFOptions{})
	require.ErrorIs(t, err, store.ErrReplica)
	s := newStore(t)
	err = s.Update(t.Context(), func(ctx context.Context, _ *store.Tx) error {
		_, err := s.ImportAOF(ctx, t.TempDir(), store.AOFOptions{})
		return err
	})
	require.ErrorIs(t, err, store.ErrInTx)
}
