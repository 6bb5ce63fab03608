package rdb_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/rdb"
)

// read reads all of a file.
func read(b []byte, o rdb.Options) (rdb.Report, error) {
	r, err := rdb.NewReader(bytes.NewReader(b), o)
	if err != nil {
		return rdb.Report{}, err
	}
	for err == nil {
		_, err = r.Next()
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return r.Report(), err
}

// refused are the files that redis-server 7.0.15 refuses, or that have what this library
// does not.
var refused = map[string]error{
	"redis-corrupt_ziplist":    persist.ErrDamaged,
	"redis_40_with_module":     rdb.ErrUnsupported,
	"redis_60_with_module_aux": rdb.ErrUnsupported,
	"redis_50_with_streams":    rdb.ErrUnsupported,
	"stream_listpacks_1":       rdb.ErrUnsupported,
}

// newer are the files that redis-server 7.0.15 is too old for, and what is in them.
var newer = map[string]string{
	"expiration":                `0 "noexpire" string at -1: "1"`,
	"set_listpack":              `0 "s" set at -1: "a" "b" "c" "d"`,
	"hash_with_hfe":             `0 "hash-hfe" hash at -1: "F1"="V1" "F2"="V2" "F3"="V3" "F4"="V4" "F5"="V5" "F6"="V6" "F7"="V7" "F8"="V8"`,
	"hash_as_listpack_with_hfe": `0 "listpack-hfe" hash at -1: "F1"="V1" "F2"="V2" "F3"="V3"`,
}

// TestRealFiles holds what a store has that is opened with a real server's file to what
// redis-server shows.
func TestRealFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(realFiles(t), "*.rdb"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".rdb")
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			s, err := openFile(t, b)
			if want := refused[name]; want != nil {
				require.ErrorIs(t, err, want)
				return
			}
			require.NoError(t, err)
			got := dial(t, serve(t, s))
			want, isNewer := newer[name]
			if !isNewer {
				dir := t.TempDir()
				require.NoError(t, os.WriteFile(filepath.Join(dir, "dump.rdb"), b, 0o600))
				want = script.Contents(t, dial(t, script.StartRedis(t, "--dir", dir)))
			}
			require.Equal(t, want, script.Contents(t, got))
		})
	}
}

// TestFieldDeadlinesOfRealFiles: redis-server 7.0.15 does not know them.
func TestFieldDeadlinesOfRealFiles(t *testing.T) {
	for name, want := range map[string][]string{
		"hash_with_hfe":             {"hash-hfe", "2755482424661", "2755483429282", "2755484433842", "-1"},
		"hash_as_listpack_with_hfe": {"listpack-hfe", "2755482478325", "-1", "2755484483878", "-2"},
	} {
		b, err := os.ReadFile(filepath.Join(realFiles(t), name+".rdb"))
		require.NoError(t, err)
		s, err := openFile(t, b)
		require.NoError(t, err)
		v := do(t, dial(t, serve(t, s)), "HPEXPIRETIME", want[0], "FIELDS", "4", "F1", "F2", "F3", "F4")
		var got []string
		for _, k := range v.Kids {
			got = append(got, k.Text)
		}
		require.Equal(t, want[1:], got, name)
	}
}

// TestSkip passes over what this library does not have, and says what it was.
func TestSkip(t *testing.T) {
	dir := realFiles(t)
	for name, want := range map[string]struct {
		keys, skipped int
		what          string
	}{
		"redis_40_with_module":     {1, 1, "a value of a module"},
		"redis_60_with_module_aux": {0, 1, "data of a module"},
		"redis_50_with_streams":    {13, 1, "a stream"},
		"stream_listpacks_1":       {0, 5, "a stream"},
	} {
		b, err := os.ReadFile(filepath.Join(dir, name+".rdb"))
		require.NoError(t, err)
		report, err := read(b, rdb.Options{Skip: true})
		require.NoError(t, err, name)
		require.EqualValues(t, want.keys, report.Keys, name)
		require.Len(t, report.Skipped, want.skipped, name)
		require.Equal(t, want.what, report.Skipped[0].What, name)
		_, err = read(b, rdb.Options{})
		var u *rdb.UnsupportedError
		require.ErrorAs(t, err, &u, name)
		require.Equal(t, report.Skipped[0], u.Skipped)
	}
}

// TestEmptyAndExpired counts what is not there in the end.
func TestEmptyAndExpired(t *testing.T) {
	dir := realFiles(t)
	b, err := os.ReadFile(filepath.Join(dir, "redis-corrupt_empty_keys.rdb"))
	require.NoError(t, err)
	report, err := read(b, rdb.Options{})
	require.NoError(t, err)
	require.EqualValues(t, 0, report.Keys)
	require.EqualValues(t, 9, report.Empty)

	b, err = os.ReadFile(filepath.Join(dir, "expiration.rdb"))
	require.NoError(t, err)
	report, err = read(b, rdb.Options{Now: 1751792339237})
	require.NoError(t, err)
	require.EqualValues(t, 1, report.Keys)
	require.EqualValues(t, 1, report.Expired)
	report, err = read(b, rdb.Options{Now: 1751792339236})
	require.NoError(t, err)
	require.EqualValues(t, 2, report.Keys, "it is there in that millisecond still")
}

// TestEveryFlippedBitIsFound: of files of version 5 and later with a checksum.
func TestEveryFlippedBitIsFound(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(realFiles(t), "*.rdb"))
	require.NoError(t, err)
	n := 0
	for _, path := range files {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		report, err := read(b, rdb.Options{Skip: true})
		if err != nil || len(b) > 400 || report.Unchecked {
			continue
		}
		n++
		for i := range 8 * len(b) {
			b[i/8] ^= 1 << (i % 8)
			_, err := read(b, rdb.Options{Skip: true})
			require.Error(t, err, "%s: bit %d of byte %d", path, i%8, i/8)
			b[i/8] ^= 1 << (i % 8)
		}
		for i := range b {
			_, err := read(b[:i], rdb.Options{Skip: true})
			require.Error(t, err, "%s: cut after %d", path, i)
		}
		_, err = read(append(b, 0), rdb.Options{Skip: true})
		require.ErrorIs(t, err, persist.ErrDamaged)
	}
	require.Greater(t, n, 10)
}
