package rdb_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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

// show is all that a server shows of its content.
func show(t testing.TB, c *script.Client) string {
	var all []string
	for db := range 16 {
		do(t, c, "SELECT", fmt.Sprint(db))
		for _, k := range do(t, c, "KEYS", "*").Kids {
			kind := do(t, c, "TYPE", k.Text).Text
			line := fmt.Sprintf("%d %q %s at %s: ", db, k.Text, kind, do(t, c, "PEXPIRETIME", k.Text).Text)
			all = append(all, line+showValue(t, c, kind, k.Text))
		}
	}
	do(t, c, "SELECT", "0")
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// shortest is a score as Reside writes it, where Redis 7.0 has 17 digits.
func shortest(kind, text string) string {
	if f, err := strconv.ParseFloat(text, 64); err == nil && kind == "zset" {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return text
}

func showValue(t testing.TB, c *script.Client, kind, key string) string {
	each := 1
	var v script.Value
	switch kind {
	case "string":
		return fmt.Sprintf("%q", do(t, c, "GET", key).Text)
	case "list":
		v = do(t, c, "LRANGE", key, "0", "-1")
	case "set":
		v = do(t, c, "SMEMBERS", key)
	case "zset":
		v, each = do(t, c, "ZRANGE", key, "0", "-1", "WITHSCORES"), 2
	case "hash":
		v, each = do(t, c, "HGETALL", key), 2
	default:
		return "?"
	}
	var parts []string
	for i := 0; i < len(v.Kids); i += each {
		p := fmt.Sprintf("%q", v.Kids[i].Text)
		if each == 2 {
			p += fmt.Sprintf("=%q", shortest(kind, v.Kids[i+1].Text))
		}
		parts = append(parts, p)
	}
	if kind == "set" || kind == "hash" {
		slices.Sort(parts)
	}
	return strings.Join(parts, " ")
}
