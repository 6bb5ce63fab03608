package appendlog

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// TestReplayed: what was appended comes back, over segments and openings.
func TestReplayed(t *testing.T) {
	m := vfs.NewMem()
	for i := range int64(3) {
		l := begin(t, m, Options{SegmentSize: 2000}, i*200)
		for at := i * 200; at < i*200+200; at += 10 {
			require.NoError(t, l.Append(records(at+1, at+10)))
		}
		require.NoError(t, l.Sync())
		require.NoError(t, l.Close())
	}
	require.Greater(t, len(logs(t, m)), 6)
	for _, after := range []int64{0, 1, 77, 200, 599, 600} {
		got, found, err := replay(t, m, after)
		require.NoError(t, err)
		require.Equal(t, records(after+1, 600), got)
		require.Equal(t, persist.Recovery{History: history, Position: 600, Records: 600 - after}, found)
	}
	got, found, err := replay(t, m, 700)
	require.NoError(t, err)
	require.Empty(t, got)
	require.Equal(t, persist.Recovery{History: history, Position: 700}, found)
}

func TestAnEmptyDirectory(t *testing.T) {
	got, found, err := replay(t, vfs.NewMem(), 7)
	require.NoError(t, err)
	require.Empty(t, got)
	require.Equal(t, persist.Recovery{Position: 7}, found)
}

// TestNumbers: positions and clocks of any size, and effects of any length.
func TestNumbers(t *testing.T) {
	m := vfs.NewMem()
	const most = 1<<63 - 1
	want := []persist.Record{
		{Position: most - 4, Clock: 1<<63 - 1, Effects: []byte{}},
		{Position: most - 3, Clock: -1 << 63, Effects: []byte("x")},
		{Position: most - 2, Effects: bytes.Repeat([]byte("long "), 3*blockSize/5)},
		{Position: most - 1, Clock: -1, Effects: bytes.Repeat([]byte("long "), 9*blockSize/5)},
		{Position: most, Clock: 1, Effects: bytes.Repeat([]byte{0}, blockSize-5)},
	}
	l := begin(t, m, Options{}, most-5)
	require.NoError(t, l.Append(want))
	require.NoError(t, l.Close())
	got, found, err := replay(t, m, most-5)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.EqualValues(t, most, found.Position)
}

// TestOneWriteForABatch counts the calls to the file system.
func TestOneWriteForABatch(t *testing.T) {
	d := vfs.NewFaults(vfs.NewMem())
	l := begin(t, d, Options{SegmentSize: 1 << 10}, 0)
	var calls []vfs.Op
	d.Inject(func(c vfs.Call) error {
		calls = append(calls, c.Op)
		return nil
	})
	require.NoError(t, l.Append(records(1, 100)))
	require.Equal(t, []vfs.Op{vfs.OpWrite}, calls)
	require.NoError(t, l.Sync())
	require.NoError(t, l.Sync())
	require.Equal(t, []vfs.Op{vfs.OpWrite, vfs.OpSync}, calls, "there is nothing to sync the second time")

	calls = nil
	require.NoError(t, l.Append(records(101, 101)))
	require.Equal(t, []vfs.Op{vfs.OpClose, vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpClose, vfs.OpRename, vfs.OpSyncDir, vfs.OpOpen, vfs.OpWrite}, calls,
		"the segment is durable before it has a record")
	calls = nil
	require.NoError(t, l.Begin(history, 101))
	require.Equal(t, []vfs.Op{vfs.OpSync, vfs.OpClose}, calls[:2], "the old segment is durable before the new one begins")
}

// TestBeginAgain: a segment that has no record is not followed by its like.
func TestBeginAgain(t *testing.T) {
	m := vfs.NewMem()
	for range 3 {
		l := Open(m, Options{})
		_, err := l.Replay(t.Context(), "", 5, func(persist.Record) error { return nil })
		require.NoError(t, err)
		for range 3 {
			require.NoError(t, l.Begin(history, 5))
		}
		require.NoError(t, l.Close())
		require.Len(t, logs(t, m), 1)
	}
}

// TestOpenedAgain: openings leave no files that nothing is in, and lose nothing.
func TestOpenedAgain(t *testing.T) {
	m := vfs.NewMem()
	for i := range int64(5) {
		for range 3 {
			var got []persist.Record
			l := Open(m, Options{})
			found, err := l.Replay(t.Context(), "", 0, collect(&got))
			require.NoError(t, err)
			require.Equal(t, records(1, i), got)
			require.NoError(t, l.Begin(history, found.Position))
			if len(got) == int(i) && found.Position == i {
				require.LessOrEqual(t, len(logs(t, m)), int(i)+1)
			}
			require.NoError(t, l.Close())
		}
		l := Open(m, Options{})
		_, err := l.Replay(t.Context(), "", 0, func(persist.Record) error { return nil })
		require.NoError(t, err)
		require.NoError(t, l.Begin(history, i))
		require.NoError(t, l.Append(records(i+1, i+1)))
		require.NoError(t, l.Close())
	}
}

// TestLeftovers: what a process was making when it ended is removed, and other files are
// left alone.
func TestLeftovers(t *testing.T) {
	m := twoSegments(t)
	others := []string{"LOCK", "log-1.rlog", "snapshot.tmp", fileName{history, 3, 4}.String() + damagedSuffix}
	for _, name := range append(others, fileName{history, 20, 900}.String()+tempSuffix) {
		put(t, m, name, []byte("something"))
	}
	l := Open(m, Options{})
	_, err := l.Replay(t.Context(), history, 0, func(persist.Record) error { return nil })
	require.NoError(t, err)
	require.NoError(t, l.Begin(history, 20))
	require.NoError(t, l.Close())
	all, err := m.List()
	require.NoError(t, err)
	require.Subset(t, all, others)
	require.Len(t, all, len(others)+3)
	require.Contains(t, logs(t, m), fileName{history, 19, 901}.String(), "no number is used twice")
}

func TestCallsInTheWrongOrder(t *testing.T) {
	m := vfs.NewMem()
	l := Open(m, Options{})
	require.ErrorIs(t, l.Append(records(1, 1)), ErrBegin)
	require.ErrorIs(t, l.Sync(), ErrBegin)
	for _, h := range []string{"", "h", history[1:] + "g", "00112233445566778899AABBCCDDEEFF"} {
		require.ErrorIs(t, l.Begin(h, 0), ErrInvalid, h)
	}
	require.ErrorIs(t, l.Begin(history, -1), ErrInvalid)
	require.NoError(t, l.Begin(history, 0))
	_, err := l.Replay(t.Context(), "", 0, func(persist.Record) error { return nil })
	require.ErrorIs(t, err, ErrUsed)

	require.NoError(t, l.Append(records(1, 3)))
	for _, bad := range [][]persist.Record{records(3, 3), records(5, 5), append(records(4, 4), records(6, 6)...)} {
		require.ErrorIs(t, l.Append(bad), ErrInvalid)
		require.ErrorIs(t, l.Append(records(4, 4)), ErrBegin, "nothing may be appended after an error")
		require.ErrorIs(t, l.Sync(), ErrBegin)
		require.ErrorIs(t, l.Begin(history, 2), ErrInvalid)
		require.NoError(t, l.Begin(history, 3))
	}
	require.NoError(t, l.Append(records(4, 4)))
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	for _, err := range []error{l.Append(records(5, 5)), l.Sync(), l.Begin(history, 5), l.Trim(1)} {
		require.ErrorIs(t, err, fs.ErrClosed)
	}
	got, _, err := replay(t, m, 0)
	require.NoError(t, err)
	require.Equal(t, records(1, 4), got)
}

func TestTrim(t *testing.T) {
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 0)
	for at := int64(0); at < 50; at += 10 {
		require.NoError(t, l.Append(records(at+1, at+10)))
		require.NoError(t, l.Begin(history, at+10))
	}
	require.NoError(t, l.Append(records(51, 55)))
	for _, c := range []struct {
		upTo int64
		left int
	}{{0, 6}, {9, 6}, {10, 5}, {39, 3}, {40, 2}, {50, 1}, {1000, 1}} {
		require.NoError(t, l.Trim(c.upTo))
		require.Len(t, logs(t, m), c.left, "up to %d", c.upTo)
		var size int64
		for _, name := range logs(t, m) {
			size += int64(len(read(t, m, name)))
		}
		require.Equal(t, size, l.Size())
	}
	require.NoError(t, l.Append(records(56, 57)))
	got, _, err := replay(t, m, 50)
	require.NoError(t, err)
	require.Equal(t, records(51, 57), got)
	_, _, err = replay(t, m, 49)
	require.ErrorIs(t, err, persist.ErrGap)
}

// TestAnotherHistory: the log can go on with another one, at any position.
func TestAnotherHistory(t *testing.T) {
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 0)
	require.NoError(t, l.Append(records(1, 10)))
	require.NoError(t, l.Begin(other, 5))
	require.NoError(t, l.Append(records(6, 8)))
	require.NoError(t, l.Close())

	got, found, err := replay(t, m, 6)
	require.NoError(t, err)
	require.Equal(t, records(7, 8), got)
	require.Equal(t, other, found.History)
	_, _, err = replay(t, m, 4)
	require.ErrorIs(t, err, persist.ErrGap)
	l = Open(m, Options{})
	_, err = l.Replay(t.Context(), history, 4, func(persist.Record) error { return nil })
	require.ErrorIs(t, err, persist.ErrHistory)
	require.NoError(t, l.Trim(5))
	require.Len(t, logs(t, m), 1, "the records of the old history are superfluous")
}

// TestBegunEarlier: where a later segment begins before others, theirs do not count.
func TestBegunEarlier(t *testing.T) {
	m := vfs.NewMem()
	for _, at := range []int64{0, 10, 5} { // the last one knows nothing of the others
		l := begin(t, m, Options{}, at)
		require.NoError(t, l.Append(records(at+1, at+10)))
		require.NoError(t, l.Sync())
		require.NoError(t, l.Close())
	}
	for after := range int64(20) {
		got, _, err := replay(t, m, after)
		require.NoError(t, err)
		require.Equal(t, records(after+1, 15), got)
	}
	l := Open(m, Options{})
	require.NoError(t, l.Trim(5))
	require.NoError(t, l.Close())
	require.Len(t, logs(t, m), 1)
}

func TestApplyEndsReplay(t *testing.T) {
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 0)
	for at := int64(0); at < 40_000; at += 1000 {
		require.NoError(t, l.Append(records(at+1, at+1000)))
	}
	require.NoError(t, l.Close())
	errNo := errors.New("no")
	l = Open(m, Options{})
	n := 0
	_, err := l.Replay(t.Context(), "", 0, func(persist.Record) error {
		if n++; n == 100 {
			return errNo
		}
		return nil
	})
	require.ErrorIs(t, err, errNo)
	require.Equal(t, 100, n)

	ctx, cancel := context.WithCancel(t.Context())
	_, err = l.Replay(ctx, "", 0, func(persist.Record) error {
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	var got []persist.Record
	_, err = l.Replay(t.Context(), "", 0, collect(&got))
	require.NoError(t, err, "it can be tried again")
	require.Len(t, got, 40_000)
	require.NoError(t, l.Close())
}

// TestAppendAllocatesNothing but what the file in memory needs.
func TestAppendAllocatesNothing(t *testing.T) {
	d, err := vfs.OS(t.TempDir())
	require.NoError(t, err)
	l := begin(t, d, Options{}, 0)
	batch, at := records(1, 50), int64(0)
	allocs := testing.AllocsPerRun(100, func() {
		for i := range batch {
			at++
			batch[i].Position = at
		}
		if l.Append(batch) != nil {
			panic("it failed")
		}
	})
	require.Zero(t, allocs)
}
