package aof_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/internal/wire"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/aof"
	"github.com/residedb/reside/persist/rdb"
)

// inMemory is a directory with files.
func inMemory(t testing.TB, files map[string]string) vfs.FS {
	m := vfs.NewMem()
	for name, text := range files {
		f, err := m.Create(name)
		require.NoError(t, err)
		_, err = f.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	return m
}

// readAll reads one file, and writes what it has once more.
func readAll(t testing.TB, text string, o aof.Options) (again string, report aof.Report, err error) {
	r, err := aof.OpenIn(inMemory(t, map[string]string{"x": text}), "x", o)
	if err != nil {
		return "", report, err
	}
	for p := r.Preamble(); p != nil && err == nil; _, err = p.Next() {
	}
	if err != nil && err != io.EOF {
		return "", report, errors.Join(err, r.Close())
	}
	for {
		commands, err := r.Next()
		if err != nil {
			require.NoError(t, r.Close())
			if err == io.EOF {
				err = nil
			}
			return again, r.Report(), err
		}
		if len(commands) != 1 {
			again += line("MULTI")
		}
		for _, c := range commands {
			var words []string
			for _, a := range c.Args {
				words = append(words, string(a))
			}
			again += line(words...)
		}
		if len(commands) != 1 {
			again += line("EXEC")
		}
	}
}

// FuzzRead reads anything: it ends, with an error that is known, and what was read is read
// again from what is written of it.
func FuzzRead(f *testing.F) {
	f.Add([]byte(small["appendonly.aof.1.incr.aof"]))
	f.Add([]byte("#TS:17\r\n" + line("MULTI") + line("EXEC") + line("multi") + line("SET", "a", "b") + "*1\r\n$4\r\nEX"))
	f.Add([]byte("REDIS0009\xff\x00\x00\x00\x00\x00\x00\x00\x00" + line("SET", "a", "b")))
	for _, d := range damaged {
		f.Add([]byte(line("SET", "a", "1") + d.text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		again, report, err := readAll(t, string(b), aof.Options{})
		if err != nil {
			if !errors.Is(err, persist.ErrDamaged) && !errors.Is(err, persist.ErrVersion) && !errors.Is(err, rdb.ErrUnsupported) {
				t.Fatal(err)
			}
			return
		}
		require.EqualValues(t, len(b), report.Bytes)
		_, _, err = readAll(t, string(b), aof.Options{Strict: true})
		require.Equal(t, report.Cut != nil, err != nil)
		third, same, err := readAll(t, again, aof.Options{Strict: true})
		require.NoError(t, err)
		require.Equal(t, again, third)
		require.Equal(t, report.Commands, same.Commands)
	})
}

// FuzzManifest reads any manifest. Its lines are taken apart as those of redis-cli are.
func FuzzManifest(f *testing.F) {
	for _, m := range manifests {
		f.Add(m.text)
	}
	for _, s := range []string{`file "a\n\r\t\b\a\\\"\x7F\x7g\q" seq 1 type b`, `'it\'s' "" ''`, `a"b c"`, `'a'b`, `"\`, `"\x`, "\v a\fb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.Contains(text, "\x00") {
			got, ok := aof.SplitLine(text)
			want, wantOK := wire.SplitLine([]byte(text))
			require.Equal(t, wantOK, ok)
			for i := range got {
				require.Equal(t, string(want[i]), got[i])
			}
			require.True(t, !ok || len(got) == len(want))
		}
		r, err := aof.OpenIn(inMemory(t, map[string]string{"m.manifest": text, "x": ""}), "", aof.Options{})
		if err != nil {
			require.ErrorIs(t, err, persist.ErrDamaged)
			return
		}
		require.NoError(t, r.Close())
	})
}
