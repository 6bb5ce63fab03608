package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/store"
)

// cutLast cuts the last byte off the file of the log that was written last.
func cutLast(t *testing.T, dir string) {
	t.Helper()
	var last string
	var size int64
	require.NoError(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		require.NoError(t, err)
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), ".rlog") {
			last, size = path, info.Size()
		}
		return nil
	}))
	require.NotEmpty(t, last)
	require.NoError(t, os.Truncate(last, size-1))
}

// TestDir kills a server that has answered, and starts it again.
func TestDir(t *testing.T) {
	dir := t.TempDir()
	flags := []string{"-dir", dir, "-appendfsync", "always"}
	p, said := launch(t, flags...)
	require.Empty(t, said, "nothing was loaded")
	require.Equal(t, "+OK", p.do("SET k v"))
	require.NoError(t, p.Process.Kill())
	require.Error(t, p.Wait())

	p, said = launch(t, flags...)
	require.Contains(t, said, "Loaded a snapshot of 0 keys and 1 transactions behind it in ")
	require.Equal(t, "$1", p.do("GET k"))
	require.Contains(t, complaint(t, flags...), "the directory is in use")
	require.Equal(t, "+OK", p.do("SAVE"))
	p.stop(syscall.SIGTERM)

	p, said = launch(t, flags...)
	require.Contains(t, said, "Loaded a snapshot of 1 keys and 0 transactions behind it in ")
	require.Equal(t, "$1", p.do("GET k"))
	p.stop(syscall.SIGTERM)
}

// complaint is what a server says that does not start.
func complaint(t *testing.T, flags ...string) string {
	t.Helper()
	out, err := exec.Command(program, append([]string{"-addr", ":0"}, flags...)...).CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s", out)
	require.Equal(t, 1, exit.ExitCode())
	return string(out)
}

func TestTornLog(t *testing.T) {
	dir := t.TempDir()
	p, _ := launch(t, "-dir", dir)
	require.Equal(t, "+OK", p.do("SET k v"))
	p.stop(syscall.SIGTERM)
	cutLast(t, dir)
	_, said := launch(t, "-dir", dir)
	require.Regexp(t, `The log's end was torn: [1-9]\d* bytes behind transaction 1 were cut off\n`, said)
}

func TestTold(t *testing.T) {
	var out strings.Builder
	tell(&out, store.Recovered{Log: persist.Recovery{Position: 7, Records: 4, Torn: 30, Lost: 8}}, 1500*time.Microsecond)
	require.Equal(t, "Loaded a snapshot of 0 keys and 4 transactions behind it in 2ms\n"+
		"The log's end was torn: 30 bytes behind transaction 7 were cut off\n", out.String())
}

// TestKeepFlags asks a server how its store is kept.
func TestKeepFlags(t *testing.T) {
	p, _ := launch(t, "-dir", t.TempDir(), "-appendonly", "no", "-appendfsync", "no", "-save", "3600 1 300 100")
	cli := func(name string) string { return run1(t, "", "redis-cli", "-p", p.port, "CONFIG", "GET", name) }
	require.Equal(t, "appendonly\nno\n", cli("appendonly"))
	require.Equal(t, "appendfsync\nno\n", cli("appendfsync"))
	require.Equal(t, "save\n3600 1 300 100\n", cli("save"))
	p, _ = launch(t, "-dir", t.TempDir())
	require.Equal(t, "appendonly\nyes\n", cli("appendonly"))
	require.Equal(t, "appendfsync\neverysec\n", cli("appendfsync"))
	require.Equal(t, "save\n\n", cli("save"))

	for _, flags := range []string{"-appendonly maybe", "-appendfsync sometimes", "-save 1"} {
		out, err := exec.Command(program, strings.SplitN(flags, " ", 2)...).CombinedOutput()
		require.Error(t, err, flags)
		require.Contains(t, string(out), "invalid value", flags)
	}
	require.Contains(t, complaint(t, "-appendonly", "yes"), "need -dir")
}

// TestShutdownCommand ends a server from a client: it saves by its rules, unless it is
// told not to.
func TestShutdownCommand(t *testing.T) {
	flags := []string{"-dir", t.TempDir(), "-appendonly", "no"}
	end := func(command string) {
		p, _ := launch(t, flags...)
		require.Equal(t, "+OK", p.do("SET "+strings.ReplaceAll(command, " ", "")+" v"))
		run1(t, "", "redis-cli", append([]string{"-p", p.port}, strings.Fields(command)...)...)
		require.NoError(t, p.Wait(), "exit status 0")
	}
	end("SHUTDOWN")
	end("SHUTDOWN NOSAVE")
	p, _ := launch(t, flags...)
	require.Equal(t, "$1", p.do("GET SHUTDOWN"))
	require.Equal(t, "$-1", p.do("GET SHUTDOWNNOSAVE"))
}

// TestProgress tells once a second of what takes longer.
func TestProgress(t *testing.T) {
	var out strings.Builder
	tell := progress(&out, time.Now().Add(-time.Minute))
	tell(store.Progress{Phase: "snapshot", Done: 50, Total: 200})
	tell(store.Progress{Phase: "snapshot", Done: 60, Total: 200})
	require.Equal(t, "Loading the snapshot: 50 of 200 keys (25%)\n", out.String())
	out.Reset()
	progress(&out, time.Now().Add(-time.Minute))(store.Progress{Phase: "log", Done: 70})
	require.Equal(t, "Loading the log: 70 so far\n", out.String())
	out.Reset()
	progress(&out, time.Now())(store.Progress{Phase: "log", Done: 70})
	require.Empty(t, out.String())
}

// TestSignalWhileLoading ends the program, and that is no failure.
func TestSignalWhileLoading(t *testing.T) {
	dir := t.TempDir()
	p, _ := launch(t, "-dir", dir)
	require.Equal(t, "+OK", p.do("SET k v"))
	require.Equal(t, "+OK", p.do("SAVE"))
	p.stop(syscall.SIGTERM)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder
	o := parse([]string{"-addr", ":0", "-dir", dir})
	_, err := o.keep.open(ctx, o.store, &out)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, run(ctx, o, &out))
	require.Empty(t, out.String())
}
