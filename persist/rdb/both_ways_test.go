package rdb_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist/rdb"
	"github.com/residedb/reside/store"
)

// sizes are around the thresholds at which Redis keeps collections in another way.
var sizes = []int{1, 2, 127, 128, 129, 511, 512, 513, 5000}

// fill gives a server keys of all types, around all thresholds, with deadlines and in
// several databases.
func fill(t testing.TB, c *script.Client) {
	later := fmt.Sprint(int64(4_000_000_000_123))
	for _, s := range []string{"", "a", "0", "-1", "127", "128", "-32768", "32768", "2147483647", "-2147483648", "2147483648", "-0", "01",
		"12345678901", "9223372036854775807", "\x00\xff\r\n", strings.Repeat("x", 44), strings.Repeat("abc", 40), strings.Repeat("y", 16383),
		strings.Repeat("random?", 10_000), strings.Repeat("z", 300_000)} {
		key := fmt.Sprintf("string %.20s %d", s, len(s))
		do(t, c, "SET", key, s)
		do(t, c, "SET", key+" later", s)
		do(t, c, "PEXPIREAT", key+" later", later)
	}
	do(t, c, "SET", "", "an empty key")
	for _, n := range sizes {
		list, integers, set := []string{"RPUSH", fmt.Sprint("list", n)}, []string{"SADD", fmt.Sprint("integers", n)}, []string{"SADD", fmt.Sprint("set", n)}
		zset, hash := []string{"ZADD", fmt.Sprint("zset", n)}, []string{"HSET", fmt.Sprint("hash", n)}
		for i := range n {
			words := fmt.Sprintf("%d", i*i*i*977-i)
			list, integers, set = append(list, words, "word "+words), append(integers, words), append(set, "member "+words)
			zset, hash = append(zset, fmt.Sprintf("%d.%d", i, i%7), "m"+words), append(hash, "f"+words, words)
		}
		for _, words := range [][]string{list, integers, set, zset, hash} {
			do(t, c, words...)
		}
		do(t, c, "PEXPIREAT", fmt.Sprint("hash", n), later)
	}
	for _, n := range []int{63, 64, 65, 70_000} {
		long := strings.Repeat("L", n)
		do(t, c, "RPUSH", fmt.Sprint("long list", n), "a", long, "b")
		do(t, c, "SADD", fmt.Sprint("long set", n), "a", long)
		do(t, c, "ZADD", fmt.Sprint("long zset", n), "inf", "a", "-inf", long, "1e300", "big", "-0.5", "less")
		do(t, c, "HSET", fmt.Sprint("long hash", n), "a", long, long, "a")
	}
	for _, db := range []string{"3", "15"} {
		do(t, c, "SELECT", db)
		do(t, c, "SET", "a", "in "+db)
		do(t, c, "PEXPIREAT", "a", later)
		do(t, c, "RPUSH", "l", db)
	}
	do(t, c, "SELECT", "0")
}

// TestToRedis saves a store as dump.rdb, which redis-check-rdb finds good, and which
// redis-server shows as the store did.
func TestToRedis(t *testing.T) {
	check := script.Program(t, "redis-check-rdb")
	for name, o := range map[string]rdb.Options{"plain": {}, "compressed": {Compress: true}, "version 10": {Version: 10}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			d, err := rdb.At(dir, o)
			require.NoError(t, err)
			s, err := store.OpenPlaces(t.Context(), store.Options{Durability: store.Durability{Snapshots: d, Save: []store.SaveRule{}}})
			require.NoError(t, err)
			defer func() { _ = s.Close() }()
			c := dial(t, serve(t, s))
			fill(t, c)
			require.NoError(t, s.Save(t.Context()))
			out, err := exec.Command(check, filepath.Join(dir, rdb.FileName)).CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.Contains(t, string(out), "Checksum OK")
			require.Equal(t, script.Contents(t, c), script.Contents(t, dial(t, script.StartRedis(t, "--dir", dir))))
			again, err := store.OpenPlaces(t.Context(), store.Options{Durability: store.Durability{Snapshots: d, Save: []store.SaveRule{}}})
			require.NoError(t, err)
			defer func() { _ = again.Close() }()
			require.Equal(t, digest(t, s), digest(t, again))
			require.Equal(t, s.Position(), again.Position())
		})
	}
}

func digest(t testing.TB, s *store.Store) string {
	d, err := s.Digest(t.Context())
	require.NoError(t, err)
	return d
}

// TestFromRedis opens what redis-server has saved, packed and not.
func TestFromRedis(t *testing.T) {
	for name, args := range map[string][]string{
		"as it is":         {},
		"idle times":       {"--maxmemory-policy", "allkeys-lru"},
		"use counts":       {"--maxmemory-policy", "allkeys-lfu"},
		"without checksum": {"--rdbchecksum", "no"},
		"nothing packed":   {"--rdbcompression", "no", "--hash-max-listpack-entries", "0", "--zset-max-listpack-entries", "0", "--list-max-listpack-size", "1", "--set-max-intset-entries", "0"},
		"all is packed":    {"--hash-max-listpack-entries", "9999", "--zset-max-listpack-entries", "9999", "--list-max-listpack-size", "-5", "--list-compress-depth", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c := dial(t, script.StartRedis(t, append(args, "--dir", dir)...))
			fill(t, c)
			require.Equal(t, "OK", do(t, c, "SAVE").Text)
			b, err := os.ReadFile(filepath.Join(dir, rdb.FileName))
			require.NoError(t, err)
			s, err := openFile(t, b)
			require.NoError(t, err)
			require.Equal(t, script.Contents(t, c), script.Contents(t, dial(t, serve(t, s))))
			report, err := read(b, rdb.Options{})
			require.NoError(t, err)
			require.Equal(t, name == "without checksum", report.Unchecked)
			require.Equal(t, "7.0.15", report.Aux["redis-ver"])
			require.Positive(t, report.Keys)
			if name == "idle times" || name == "use counts" {
				require.Equal(t, report.Keys, report.Uses)
			} else {
				require.Zero(t, report.Uses)
			}
		})
	}
}

// TestFieldDeadlines: a hash whose fields have deadlines is written in version 12, or not.
func TestFieldDeadlines(t *testing.T) {
	for _, n := range []int{1, 600, 9000} {
		dir := t.TempDir()
		d, err := rdb.At(dir, rdb.Options{})
		require.NoError(t, err)
		o := store.Options{Durability: store.Durability{Snapshots: d, Save: []store.SaveRule{}}}
		s, err := store.OpenPlaces(t.Context(), o)
		require.NoError(t, err)
		defer func() { _ = s.Close() }()
		c := dial(t, serve(t, s))
		for i := range n {
			do(t, c, "HSET", "h", fmt.Sprint("field ", i), strings.Repeat("v", 20))
			if i%3 == 0 {
				do(t, c, "HPEXPIREAT", "h", fmt.Sprint(4_000_000_000_000+int64(i)*7), "FIELDS", "1", fmt.Sprint("field ", i))
			}
		}
		do(t, c, "HSET", "plain", "a", "b")
		require.NoError(t, s.Save(t.Context()))
		b, err := os.ReadFile(filepath.Join(dir, rdb.FileName))
		require.NoError(t, err)
		require.Equal(t, "REDIS0012", string(b[:9]))
		again, err := store.OpenPlaces(t.Context(), o)
		require.NoError(t, err)
		defer func() { _ = again.Close() }()
		require.Equal(t, digest(t, s), digest(t, again))

		old, err := rdb.At(t.TempDir(), rdb.Options{Version: 11})
		require.NoError(t, err)
		o.Durability.Snapshots = old
		other, err := store.OpenPlaces(t.Context(), o)
		require.NoError(t, err)
		defer func() { _ = other.Close() }()
		do(t, dial(t, serve(t, other)), "HSET", "h", "f", "v")
		require.NoError(t, other.Save(t.Context()))
		do(t, dial(t, serve(t, other)), "HPEXPIREAT", "h", "4000000000000", "FIELDS", "1", "f")
		require.ErrorIs(t, other.Save(t.Context()), rdb.ErrTooOld)
	}
}
