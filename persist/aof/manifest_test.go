package aof_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/aof"
)

func itoa(n int) string { return strconv.Itoa(n) }

// manifests are texts, and where they are damaged, -1 for not at all. The file x is there.
var manifests = []struct {
	name, text string
	at         int64
}{
	{"one file", "file x seq 1 type i\n", -1},
	{"quotes", `file "\x78" seq 1 type i` + "\n", -1},
	{"single quotes", "file 'x' seq 1 type i\n", -1},
	{"in other order, with more, in capitals", "# a comment\nSEQ 1 TYPE incr more of FILE x\n", -1},
	{"spaces around", " \tfile x seq 1 type i \r\n", -1},
	{"history that is missing", "file y seq 1 type h\nfile x seq 1 type i\n", -1},
	{"base behind", "file x seq 1 type i\nfile b seq 7 type b\n", -1},
	{"only a comment", "#\n", -1},
	{"negative number of a base", "file x seq -1 type b\n", -1},
	{"empty", "", 0},
	{"empty line", "file x seq 1 type i\n\n", 20},
	{"no end", "file x seq 1 type i", 0},
	{"too long", "file x seq 1 type i " + strings.Repeat("a ", 600) + "\n", 0},
	{"odd number of words", "file x seq 1 type i more\n", 0},
	{"too few words", "file x seq 1\n", 0},
	{"no name", "fil x seq 1 type i\n", 0},
	{"no number", "file x seq a type i\n", 0},
	{"negative number", "file x seq -1 type i\n", 0},
	{"number 0", "file x seq 0 type i\n", 0},
	{"no type", "file x seq 1 typ i\n", 0},
	{"unknown type", "file x seq 1 type z\n", 0},
	{"two bases", "file x seq 1 type b\nfile x seq 2 type b\n", 20},
	{"number again", "file x seq 1 type i\nfile x seq 1 type i\n", 20},
	{"quote without end", "file \"x seq 1 type i\n", 0},
	{"quote and more", "file \"x\"y seq 1 type i\n", 0},
	{"path", "file ../x seq 1 type i\n", 0},
	{"missing", "file x seq 1 type i\nfile y seq 2 type i\n", 20},
	{"missing base", "file y seq 1 type b\nfile x seq 2 type i\n", 0},
}

// TestManifests reads manifests, and holds what is damaged to what redis-server refuses.
func TestManifests(t *testing.T) {
	script.Program(t, "redis-server")
	for _, m := range manifests {
		t.Run(m.name, func(t *testing.T) {
			files := map[string]string{"appendonly.aof.manifest": m.text, "x": line("SET", "a", "1"), "b": line("SET", "b", "1")}
			r, err := aof.Open(write(t, files), aof.Options{})
			dir := t.TempDir()
			require.NoError(t, os.Rename(write(t, files), filepath.Join(dir, "appendonlydir")))
			if m.at < 0 {
				require.NoError(t, err)
				require.NoError(t, r.Close())
				script.StartRedis(t, "--appendonly", "yes", "--dir", dir)
				return
			}
			requireDamage(t, err, "appendonly.aof.manifest", m.at)
			require.Equal(t, strings.HasPrefix(m.name, "missing"), errors.Is(err, fs.ErrNotExist))
			if out := refusal(t, dir); !strings.Contains(out, "No such file") {
				require.Contains(t, out, "FATAL AOF MANIFEST FILE ERROR")
			}
		})
	}
}

// TestOrderOfFiles: the base comes first, and history does not count.
func TestOrderOfFiles(t *testing.T) {
	dir := write(t, map[string]string{
		"m.manifest":      "file i1 seq 1 type i\nfile h seq 1 type h\nfile b seq 7 type b\nfile i2 seq 2 type i\n",
		"temp-m.manifest": "about to be written",
		"b":               line("SET", "b", "1"), "i1": "", "i2": line("SET", "i", "2"), "h": line("SET", "h", "1"),
	})
	r, err := aof.Open(dir, aof.Options{})
	require.NoError(t, err)
	var got []string
	for {
		all, err := r.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		got = append(got, all[0].File+string(all[0].Args[1]))
	}
	require.Equal(t, []string{"bb", "i2i"}, got)
	require.Equal(t, []string{"b", "i1", "i2"}, r.Report().Files)
	require.NoError(t, r.Close())
	_, err = r.Next()
	require.ErrorIs(t, err, io.EOF)
}

// TestOpen is about paths.
func TestOpen(t *testing.T) {
	dir := write(t, map[string]string{"a.manifest": "#\n", "b.manifest": "#\n"})
	_, err := aof.Open(dir, aof.Options{})
	require.ErrorContains(t, err, `"a.manifest" and "b.manifest"`)
	r, err := aof.Open(filepath.Join(dir, "a.manifest"), aof.Options{})
	require.NoError(t, err)
	_, err = r.Next()
	require.ErrorIs(t, err, io.EOF)
	for _, path := range []string{t.TempDir(), filepath.Join(dir, "none"), filepath.Join(dir, "none", "none")} {
		_, err := aof.Open(path, aof.Options{})
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.NotErrorIs(t, err, persist.ErrDamaged)
	}
}
