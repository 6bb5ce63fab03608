package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/replicate/replicatetest"
	"github.com/residedb/reside/store"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, []string{
		"the follower has 1000 visits, by a snapshot",
		"the follower has 2000 visits, by what was missed",
		"promoted, it counts 2001",
	}, strings.Split(strings.TrimSpace(out.String()), "\n"))
}

// TestLink holds a link and what is at its other end to what a primary expects of any
// follower.
func TestLink(t *testing.T) {
	replicatetest.TestFollower(t, func(t *testing.T) replicatetest.Subject {
		s := store.New(store.Options{Follower: true})
		here, there := net.Pipe()
		var end sync.WaitGroup
		end.Go(func() { _ = Serve(t.Context(), there, s.Follower()) })
		t.Cleanup(func() {
			require.NoError(t, here.Close())
			end.Wait()
			require.NoError(t, s.Close())
		})
		return replicatetest.Subject{Follower: NewLink(here), Digest: s.Digest}
	})
}

// TestOutside builds and tests this package in a module that is none of Reside's: whoever
// writes a follower needs nothing that only Reside may import.
func TestOutside(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(".")))
	for file, from := range map[string]string{"go.mod": "examples/go.mod", "go.sum": "examples/go.sum"} {
		b, err := os.ReadFile(filepath.Join(root, from))
		require.NoError(t, err)
		text := strings.ReplaceAll(string(b), "module github.com/residedb/reside/examples", "module example.org/replica")
		text = strings.ReplaceAll(text, "=> ../", "=> "+root)
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
	}
	cmd := exec.Command("go", "test", "-skip", "TestOutside", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "example.org/replica")
}
