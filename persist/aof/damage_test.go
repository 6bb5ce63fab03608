package aof_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist/aof"
	"github.com/residedb/reside/store"
)

// damaged are texts behind a command that is whole, and where they are damaged, counted
// from its end.
var damaged = []struct {
	name, text string
	at         int64
}{
	{"no mark", "SET a b\r\n", 0},
	{"another mark", "+OK\r\n", 0},
	{"zeros", "\x00\x00\x00\x00", 0},
	{"no words", "*0\r\n", 0},
	{"no number", "*\r\n", 0},
	{"negative", "*-1\r\n", 0},
	{"letters", "*1a\r\n", 0},
	{"too many words", "*99999999999\r\n", 0},
	{"word without a mark", "*1\r\nPING\r\n", 4},
	{"word of a negative length", "*1\r\n$-1\r\n", 4},
	{"word of a length that cannot be", "*1\r\n$99999999999\r\n", 4},
	{"word that is longer", "*1\r\n$4\r\nFLUSHALL\r\n", 12},
	{"line without CR", "*11\n$4\r\nPING\r\n", 0},
	{"line that is too long", "*" + strings.Repeat("0", 5000) + "1\r\n", 0},
	{"annotation that is too long", "#" + strings.Repeat("0", 100_000) + "\r\n", 0},
	{"second preamble", "REDIS0009\xff", 0},
}

// TestDamage finds damage where it is, whatever follows, and imports nothing.
func TestDamage(t *testing.T) {
	before := line("SET", "a", "1")
	for _, d := range damaged {
		t.Run(d.name, func(t *testing.T) {
			for _, after := range []string{"", line("SET", "b", "2")} {
				dir := write(t, map[string]string{"x": before + d.text + after})
				s := newStore(t)
				_, err := s.ImportAOF(t.Context(), filepath.Join(dir, "x"), store.AOFOptions{})
				requireDamage(t, err, "x", int64(len(before))+d.at)
				require.Empty(t, contents(t, s))
			}
		})
	}
}

// TestRedisAgrees: redis-check-aof finds the same texts not valid, up to the same command;
// or, of what it does not look at, redis-server refuses it.
func TestRedisAgrees(t *testing.T) {
	bin := script.Program(t, "redis-check-aof")
	before := line("SET", "a", "1")
	valid := regexp.MustCompile(`ok_up_to=(\d+)`)
	for _, d := range damaged {
		if strings.HasPrefix(d.name, "annotation") { // of which it reads 127 bytes at once
			continue
		}
		dir := write(t, map[string]string{"x": before + d.text})
		out, err := exec.Command(bin, filepath.Join(dir, "x")).CombinedOutput()
		if err == nil {
			require.NoError(t, os.Rename(filepath.Join(dir, "x"), filepath.Join(dir, "appendonly.aof")))
			require.Contains(t, refusal(t, dir), "Bad file format")
			continue
		}
		require.Equal(t, strconv.Itoa(len(before)), valid.FindStringSubmatch(string(out))[1], "%s: %s", d.name, out)
	}
}

// TestLengthsAreNotBelieved: a file of a few bytes takes little memory, whatever it says.
func TestLengthsAreNotBelieved(t *testing.T) {
	dir := write(t, map[string]string{"words": "*2147483647\r\n$1\r\na\r\n", "bytes": "*1\r\n$536870912\r\na"})
	for _, name := range []string{"words", "bytes"} {
		var m0, m1 runtime.MemStats
		runtime.ReadMemStats(&m0)
		r, err := aof.Open(filepath.Join(dir, name), aof.Options{Strict: true})
		require.NoError(t, err)
		_, err = r.Next()
		requireDamage(t, err, name, 0)
		require.NoError(t, r.Close())
		runtime.ReadMemStats(&m1)
		require.Less(t, m1.TotalAlloc-m0.TotalAlloc, uint64(1<<20))
	}
}
