package aof_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// TestMain holds every test to leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dial connects a client for the test.
func dial(t testing.TB, addr string) *script.Client {
	c, err := script.Dial(addr, 2)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// do sends a command, which must not fail.
func do(t testing.TB, c *script.Client, words ...string) script.Value {
	v, err := c.Do(words...)
	require.NoError(t, err, "%.100q", words)
	require.NotEqual(t, byte('-'), v.Kind, "%.100q: %s", words, v)
	return v
}

// refusal is what redis-server says that does not start with a directory.
func refusal(t testing.TB, dir string) string {
	bin := script.Program(t, "redis-server")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, bin, "--appendonly", "yes", "--dir", dir, "--port", "0", "--unixsocket", filepath.Join(dir, "socket")).CombinedOutput()
	require.Error(t, err, "%s", out)
	require.NoError(t, ctx.Err(), "it has started: %s", out)
	return string(out)
}

// newStore is an empty one, in memory.
func newStore(t testing.TB) *store.Store {
	s := store.New(store.Options{})
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// contents is what clients see of a store.
func contents(t testing.TB, s *store.Store) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := resp.NewServer(s, resp.Options{})
	go func() { _ = srv.Serve(l) }()
	defer func() { _ = srv.Close() }()
	c, err := script.Dial(l.Addr().String(), 2)
	require.NoError(t, err)
	defer c.Close()
	return script.Contents(t, c)
}

// write makes files in a new directory.
func write(t testing.TB, files map[string]string) (dir string) {
	dir = t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}
