package rdb_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist/rdb"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// realFiles are dump files that real servers wrote, in a folder beside the project, or
// where the environment says.
func realFiles(t testing.TB) string {
	dir := os.Getenv("RESIDE_RDB_FILES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "rdb")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the folder shared/rdb beside the project is absent: there are no files of real servers to read")
	}
	return dir
}

// serve serves a store to clients.
func serve(t testing.TB, s *store.Store) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := resp.NewServer(s, resp.Options{})
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return l.Addr().String()
}

// dial connects a client for the test.
func dial(t testing.TB, addr string) *script.Client {
	c, err := script.Dial(addr, 2)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func do(t testing.TB, c *script.Client, words ...string) script.Value {
	v, err := c.Do(words...)
	require.NoError(t, err, "%.100q", words)
	return v
}

// openFile opens a store with a file as its snapshot, as it is opened where Redis has left
// it.
func openFile(t testing.TB, b []byte) (*store.Store, error) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, rdb.FileName), b, 0o600))
	d, err := rdb.At(dir, rdb.Options{})
	require.NoError(t, err)
	s, err := store.OpenPlaces(t.Context(), store.Options{Durability: store.Durability{Snapshots: d, Save: []store.SaveRule{}}})
	if err == nil {
		t.Cleanup(func() { _ = s.Close() })
	}
	return s, err
}
