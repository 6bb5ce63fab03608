package appendlog

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// threeSegments has the records 1 to 30, 10 in each.
func threeSegments(t testing.TB) *vfs.Mem {
	t.Helper()
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 0)
	for at := int64(0); at < 30; at += 10 {
		require.NoError(t, l.Begin(history, at))
		appendSynced(t, l, records(at+1, at+10))
	}
	return m.Kill()
}

// setAside are the contents of files that repair has set aside, by the names that they had.
func setAside(t testing.TB, d vfs.FS) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	all, err := d.List()
	require.NoError(t, err)
	for _, s := range all {
		if n, suffix, ok := parseName(s); ok && strings.HasPrefix(suffix, damagedSuffix) {
			found[n.String()] = read(t, d, s)
		}
	}
	return found
}

// TestRepair: with damage anywhere, a repaired log has what was before it, keeps all the
// bytes, says what it dropped, and goes on.
func TestRepair(t *testing.T) {
	m := threeSegments(t)
	names := logs(t, m)
	for i, name := range names {
		content, starts := read(t, m, name), offsets(t, m, name)
		for at := range content {
			flipped := bytes.Clone(content)
			flipped[at] ^= 0x10
			if at >= int(starts[9]) && i == 2 {
				break // that is a torn tail
			}
			d := m.Clone()
			put(t, d, name, flipped)
			got, found, err := replayWith(t, d, 0, Options{Repair: true})
			require.NoError(t, err)
			whole := int64(i * 10)
			for n := 0; n < 10 && int(starts[n+1]) <= at; n++ {
				whole++
			}
			require.Equal(t, records(1, whole), got)
			require.Equal(t, whole, found.Position)
			checkDropped(t, found.Repaired, names[i:], int64(at), content)
			aside := setAside(t, d)
			require.Len(t, aside, 3-i)
			require.Equal(t, flipped, aside[name])
			for _, later := range names[i+1:] {
				require.Equal(t, read(t, m, later), aside[later])
			}
			goesOn(t, d, whole)
		}
	}
}

// checkDropped holds a report to be about these files, the first of which is damaged at
// an offset.
func checkDropped(t *testing.T, list []*persist.DamageError, names []string, at int64, content []byte) {
	t.Helper()
	require.Len(t, list, len(names))
	for i, d := range list {
		require.Equal(t, names[i], d.File)
		require.NotEmpty(t, d.Reason)
		require.Positive(t, d.Dropped)
	}
	require.LessOrEqual(t, list[0].Offset, at)
	if list[0].Offset >= headerSize {
		require.EqualValues(t, len(content), list[0].Offset+list[0].Dropped)
	} else {
		require.EqualValues(t, len(content), list[0].Dropped)
	}
}

// goesOn uses a log that has records up to some position.
func goesOn(t *testing.T, d *vfs.Mem, last int64) {
	t.Helper()
	l := Open(d, Options{})
	var got []persist.Record
	found, err := l.Replay(context.Background(), "", 0, collect(&got))
	require.NoError(t, err)
	require.Empty(t, found.Repaired)
	require.Zero(t, found.Torn)
	require.Equal(t, records(1, last), got)
	require.NoError(t, l.Begin(history, last))
	appendSynced(t, l, records(last+1, last+40))
	require.NoError(t, l.Close())
	got, _, err = replay(t, d, 0)
	require.NoError(t, err)
	require.Equal(t, records(1, last+40), got)
}

// TestRepairOfAGap sets all aside that cannot be used.
func TestRepairOfAGap(t *testing.T) {
	m := threeSegments(t)
	require.NoError(t, m.Remove(logs(t, m)[0]))
	got, found, err := replayWith(t, m, 4, Options{Repair: true})
	require.NoError(t, err)
	require.Empty(t, got)
	require.EqualValues(t, 4, found.Position)
	require.Len(t, found.Repaired, 2)
	require.Len(t, setAside(t, m), 2)
	l := Open(m, Options{})
	_, err = l.Replay(t.Context(), history, 4, func(persist.Record) error { return nil })
	require.NoError(t, err)
	require.NoError(t, l.Begin(history, 4))
	require.NoError(t, l.Close())
}

// TestRepairKeepsWhatItSetAsideBefore when the same file is damaged twice.
func TestRepairKeepsWhatItSetAsideBefore(t *testing.T) {
	m := threeSegments(t)
	name := logs(t, m)[0]
	for n := 9; n > 0; n -= 3 {
		starts := offsets(t, m, name)
		b := read(t, m, name)
		b[starts[n-2]+20] ^= 1
		put(t, m, name, b)
		got, _, err := replayWith(t, m, 0, Options{Repair: true})
		require.NoError(t, err)
		require.Len(t, got, n-2)
	}
	all, err := m.List()
	require.NoError(t, err)
	aside := slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, name+damagedSuffix) })
	require.Len(t, aside, 3, "%v", aside)
}

// TestPowerCutWhileRepairing: repair can be cut off at any call, and be done again; and
// what it has dropped does not come back.
func TestPowerCutWhileRepairing(t *testing.T) {
	seeds(t, *rounds, func(t *testing.T, rng *rand.Rand) {
		m := threeSegments(t)
		name := logs(t, m)[rng.IntN(3)]
		b := read(t, m, name)
		at := rng.IntN(len(b) - 60)
		b[at] ^= 1
		put(t, m, name, b)
		var want []persist.Record
		_, err := Open(m.Clone(), Options{Repair: true}).Replay(t.Context(), "", 0, collect(&want))
		require.NoError(t, err)
		last := int64(len(want))

		d := vfs.NewFaults(m)
		d.Inject(func(vfs.Call) error {
			got, _, err := replayWith(t, m.Clone().Crash(rng), 0, Options{Repair: true})
			require.NoError(t, err)
			require.Equal(t, want, got)
			return nil
		})
		_, _, err = replayWith(t, d, 0, Options{Repair: true})
		require.NoError(t, err)

		failAt := 1 + rng.IntN(25)
		d.Inject(vfs.FailAt(failAt, errDisk)) // perhaps a sync: then it stays uncertain for ever
		l := Open(d, Options{Repair: true})
		if _, err = l.Replay(t.Context(), "", 0, func(persist.Record) error { return nil }); err == nil {
			err = l.Begin(history, last)
		}
		if err != nil {
			require.ErrorIs(t, err, errDisk)
		}
		d.Inject(nil)
		l = Open(m, Options{Repair: true})
		_, err = l.Replay(t.Context(), "", 0, func(persist.Record) error { return nil })
		require.NoError(t, err)
		require.NoError(t, l.Begin(history, last))
		appendSynced(t, l, records(last+1, last+25))
		got, _, err := replay(t, m.Crash(rng), 0)
		require.NoError(t, err)
		require.Equal(t, records(1, last+25), got)
	})
}
