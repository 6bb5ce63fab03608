package aof_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store"
)

// TestWhatOthersWrite imports what servers of other versions have written, before and
// after a rewrite: Redis 6 has one file.
func TestWhatOthersWrite(t *testing.T) {
	for _, name := range script.Others() {
		for _, preamble := range []string{"yes", "no"} {
			t.Run(name+", preamble "+preamble, func(t *testing.T) {
				dir := t.TempDir()
				addr := script.StartOther(t, name, "--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0",
					"--aof-use-rdb-preamble", preamble, "--dir", dir)
				c, path := dial(t, addr), filepath.Join(dir, "appendonlydir")
				if name == "redis-6.0" {
					path = filepath.Join(dir, "appendonly.aof")
				}
				check := func() {
					s := newStore(t)
					report, err := s.ImportAOF(t.Context(), path, store.AOFOptions{})
					require.NoError(t, err)
					require.Nil(t, report.Cut)
					requireSame(t, script.Timeless(script.Contents(t, c)), script.Timeless(contents(t, s)))
					at, ok, err := s.ExpireTime(t.Context(), "set")
					require.NoError(t, err)
					require.True(t, ok)
					require.EqualValues(t, 4000000000123, at.UnixMilli())
				}
				runSome(t, c)
				check()
				rewrite(t, c)
				check()
				do(t, c, "FLUSHALL")
				runSome(t, c)
				check()
			})
		}
	}
}

// runSome is run for a server that may not have all of the commands.
func runSome(t testing.TB, c *script.Client) {
	failed := 0
	for _, line := range writes {
		v, err := c.Do(strings.Fields(line)...)
		require.NoError(t, err)
		if v.Kind == '-' {
			failed++
		}
	}
	require.Less(t, failed, len(writes)/5)
	do(t, c, "SET", "long", strings.Repeat("bytes \x00\r\n", 30_000))
	requireNoKey(t, c, "gone")
}
