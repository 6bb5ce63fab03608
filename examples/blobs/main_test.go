package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/persisttest"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), new(Memory), &out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 3, "a snapshot, the log behind it, and the answer: %s", out.String())
	require.Equal(t, "4 visits", lines[2])
}

// TestSnapshots holds the snapshots to what a store expects of any.
func TestSnapshots(t *testing.T) {
	bucket := new(Memory)
	persisttest.TestSnapshotter(t, func() persist.Snapshotter { return Snapshots{bucket} })
}

// TestOutside builds and tests this package in a module that is none of Reside's: whoever
// writes a persister needs nothing that only Reside may import.
func TestOutside(t *testing.T) {
	dir, root := t.TempDir(), repository(t)
	require.NoError(t, os.CopyFS(dir, os.DirFS(".")))
	for file, from := range map[string]string{"go.mod": "examples/go.mod", "go.sum": "examples/go.sum"} {
		b, err := os.ReadFile(filepath.Join(root, from))
		require.NoError(t, err)
		text := strings.ReplaceAll(string(b), "module github.com/residedb/reside/examples", "module example.org/blobs")
		text = strings.ReplaceAll(text, "=> ../", "=> "+root)
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
	}
	cmd := exec.Command("go", "test", "-skip", "TestOutside", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "example.org/blobs")
}

func repository(t *testing.T) string {
	dir, err := filepath.Abs("../..")
	require.NoError(t, err)
	return dir
}
