package appendlog

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// TestMain holds every test to leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	history = "00112233445566778899aabbccddeeff"
	other   = "ffeeddccbbaa99887766554433221100"
)

// record is what a position has. Clocks go back now and then.
func record(position int64) persist.Record {
	return persist.Record{
		Position: position,
		Clock:    1_700_000_000_000 + position*10 - position%7*25,
		Effects:  fmt.Appendf(nil, "what %d did%s", position, strings.Repeat(".", int(position%23))),
	}
}

// records are those of the positions from one to another.
func records(from, to int64) []persist.Record {
	list := []persist.Record{}
	for ; from <= to; from++ {
		list = append(list, record(from))
	}
	return list
}

// collect is an apply that keeps copies.
func collect(to *[]persist.Record) func(persist.Record) error {
	*to = []persist.Record{}
	return func(r persist.Record) error {
		r.Effects = bytes.Clone(r.Effects)
		*to = append(*to, r)
		return nil
	}
}

// replay opens the log of a directory and returns what Replay hands on.
func replay(t testing.TB, d vfs.FS, after int64) ([]persist.Record, persist.Recovery, error) {
	t.Helper()
	return replayWith(t, d, after, Options{})
}

func replayWith(t testing.TB, d vfs.FS, after int64, o Options) (got []persist.Record, found persist.Recovery, err error) {
	t.Helper()
	l := Open(d, o)
	found, err = l.Replay(context.Background(), "", after, collect(&got))
	require.NoError(t, l.Close())
	return got, found, err
}

// begin opens a log that begins behind a position.
func begin(t testing.TB, d vfs.FS, o Options, at int64) *Log {
	t.Helper()
	l := Open(d, o)
	require.NoError(t, l.Begin(history, at))
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// appendSynced appends records one by one and syncs after each.
func appendSynced(t testing.TB, l *Log, list []persist.Record) {
	t.Helper()
	for i := range list {
		require.NoError(t, l.Append(list[i:i+1]))
		require.NoError(t, l.Sync())
	}
}

// twoSegments is a directory with the records 1 to 20, which were synced one by one, in
// two segments. The process that wrote them was killed.
func twoSegments(t testing.TB) *vfs.Mem {
	t.Helper()
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 0)
	appendSynced(t, l, records(1, 10))
	require.NoError(t, l.Begin(history, 10))
	appendSynced(t, l, records(11, 20))
	require.Len(t, logs(t, m), 2)
	return m.Kill()
}

// logs are the names of the segments.
func logs(t testing.TB, d vfs.FS) (names []string) {
	t.Helper()
	all, err := d.List()
	require.NoError(t, err)
	for _, n := range segments(all) {
		names = append(names, n.String())
	}
	return names
}

func read(t testing.TB, d vfs.FS, name string) []byte {
	t.Helper()
	f, err := d.Open(name)
	require.NoError(t, err)
	b, err := io.ReadAll(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return b
}

// put replaces the content of a file.
func put(t testing.TB, d vfs.FS, name string, b []byte) {
	t.Helper()
	if err := d.Remove(name); err != nil {
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
	f, err := d.Create(name)
	require.NoError(t, err)
	_, err = f.Write(b)
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
	require.NoError(t, d.Sync())
}

// seeds runs a test with different random numbers, each of which can be run by its name.
func seeds(t *testing.T, n int, test func(t *testing.T, rng *rand.Rand)) {
	for seed := range uint64(n) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { test(t, rand.New(rand.NewPCG(seed, 0))) })
	}
}

// damage is the error as a *persist.DamageError, which it has to be.
func damage(t testing.TB, err error, info ...any) *persist.DamageError {
	t.Helper()
	var d *persist.DamageError
	require.ErrorAs(t, err, &d, info...)
	require.ErrorIs(t, err, persist.ErrDamaged)
	return d
}
