package rdb_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist/rdb"
	"github.com/residedb/reside/store"
)

// TestToOthers exports a store to a file that servers of other versions load and show as
// the store does, with the deadlines of fields for one that has them.
func TestToOthers(t *testing.T) {
	for _, name := range script.Others() {
		t.Run(name, func(t *testing.T) {
			s := store.New(store.Options{})
			defer func() { _ = s.Close() }()
			own := dial(t, serve(t, s))
			fill(t, own)
			if name == "redis-8.0" {
				fillFields(t, own)
			}
			for _, compress := range []bool{false, true} {
				dir := t.TempDir()
				f, err := os.Create(filepath.Join(dir, rdb.FileName))
				require.NoError(t, err)
				_, err = s.Export(t.Context(), f, store.ExportOptions{Compress: compress})
				require.NoError(t, err)
				require.NoError(t, f.Close())
				other := dial(t, script.StartOther(t, name, "--dir", dir))
				requireAlike(t, own, other)
			}
		})
	}
}

// fillFields gives a server hashes whose fields have deadlines: small, large, and one
// that has them on all of its fields.
func fillFields(t testing.TB, c *script.Client) {
	for _, n := range []int{1, 2, 100, 600} {
		key := fmt.Sprint("timed", n)
		for i := range n {
			do(t, c, "HSET", key, fmt.Sprint("f", i), strings.Repeat("v", i%80))
			if n == 2 || i%3 == 0 {
				do(t, c, "HPEXPIREAT", key, fmt.Sprint(4_000_000_000_000-int64(i)*7), "FIELDS", "1", fmt.Sprint("f", i))
			}
		}
	}
}

// requireAlike compares what a store and another server show, as far as that can.
func requireAlike(t testing.TB, own, other *script.Client) {
	t.Helper()
	want, got := script.Contents(t, own), script.Contents(t, other)
	if do(t, other, "PEXPIRETIME", "").Kind == '-' {
		want, got = script.Timeless(want), script.Timeless(got)
		require.NotEqual(t, "-1", do(t, other, "PTTL", "hash513").Text)
	}
	require.Equal(t, want, got)
	for _, k := range do(t, own, "KEYS", "timed*").Kids {
		fields := do(t, own, "HKEYS", k.Text).Kids
		ask := []string{"HPEXPIRETIME", k.Text, "FIELDS", fmt.Sprint(len(fields))}
		for _, f := range fields {
			ask = append(ask, f.Text)
		}
		require.Equal(t, do(t, own, ask...), do(t, other, ask...), k.Text)
	}
}

// TestFromOthers opens what servers of other versions have saved.
func TestFromOthers(t *testing.T) {
	versions := map[string]int{"redis-6.0": 9, "redis-8.0": 12, "valkey-8.1": 11}
	for _, name := range script.Others() {
		for _, compress := range []string{"no", "yes"} {
			t.Run(name+", rdbcompression "+compress, func(t *testing.T) {
				dir := t.TempDir()
				other := dial(t, script.StartOther(t, name, "--dir", dir, "--rdbcompression", compress))
				fill(t, other)
				if name == "redis-8.0" {
					fillFields(t, other)
				}
				require.Equal(t, "OK", do(t, other, "SAVE").Text)
				b, err := os.ReadFile(filepath.Join(dir, rdb.FileName))
				require.NoError(t, err)
				report, err := read(b, rdb.Options{})
				require.NoError(t, err)
				require.Equal(t, versions[name], report.Version)
				s, err := openFile(t, b)
				require.NoError(t, err)
				own := dial(t, serve(t, s))
				requireAlike(t, own, other)
				require.Equal(t, "4000000000123", do(t, own, "PEXPIRETIME", "hash513").Text)
			})
		}
	}
}

// TestOthersExchangePayloads restores on each side what the other has dumped.
func TestOthersExchangePayloads(t *testing.T) {
	for _, name := range script.Others() {
		t.Run(name, func(t *testing.T) {
			s := store.New(store.Options{})
			defer func() { _ = s.Close() }()
			own, other := dial(t, serve(t, s)), dial(t, script.StartOther(t, name))
			exchange(t, own, other)
			if name != "redis-8.0" {
				return
			}
			for _, c := range []struct{ from, to *script.Client }{{own, other}, {other, own}} {
				do(t, c.from, "FLUSHALL")
				do(t, c.to, "FLUSHALL")
				fillFields(t, c.from)
				for _, k := range do(t, c.from, "KEYS", "*").Kids {
					require.Equal(t, "OK", do(t, c.to, "RESTORE", k.Text, "0", do(t, c.from, "DUMP", k.Text).Text).Text)
				}
				requireAlike(t, own, other)
			}
		})
	}
}

// TestSkipOfOthers: what real servers have and a store does not, in the forms of each
// version, is named, or passed over and listed, and what is around it is read.
func TestSkipOfOthers(t *testing.T) {
	for _, name := range append([]string{"redis-server"}, script.Others()...) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var addr string
			if name == "redis-server" {
				addr = script.StartRedis(t, "--dir", dir)
			} else {
				addr = script.StartOther(t, name, "--dir", dir)
			}
			c := dial(t, addr)
			for i := range 100 {
				do(t, c, "SET", fmt.Sprint("string", i), "value")
			}
			want := []string{"a stream stream"}
			for i := range 300 {
				do(t, c, "XADD", "stream", "*", "field", strings.Repeat("v", i), "number", fmt.Sprint(i))
			}
			do(t, c, "XGROUP", "CREATE", "stream", "group", "0")
			do(t, c, "XREADGROUP", "GROUP", "group", "consumer", "COUNT", "20", "STREAMS", "stream", ">")
			if do(t, c, "FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 1 end)").Kind != '-' {
				want = append(want, "a library of functions ")
			}
			if do(t, c, "VADD", "vectors", "VALUES", "3", "1", "2", "3", "element").Kind != '-' {
				want = append(want, "a value of a module vectors")
			}
			require.Equal(t, "OK", do(t, c, "SAVE").Text)
			b, err := os.ReadFile(filepath.Join(dir, rdb.FileName))
			require.NoError(t, err)
			_, err = read(b, rdb.Options{})
			require.ErrorIs(t, err, rdb.ErrUnsupported)
			report, err := read(b, rdb.Options{Skip: true})
			require.NoError(t, err)
			require.EqualValues(t, 100, report.Keys)
			var skipped []string
			for _, s := range report.Skipped {
				skipped = append(skipped, s.What+" "+s.Key)
			}
			require.ElementsMatch(t, want, skipped)
		})
	}
}
