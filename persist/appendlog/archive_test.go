package appendlog

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// shelf is an archive that fails when it is told to.
type shelf struct {
	mu    sync.Mutex
	names []string // in the order in which they came
	files fstest.MapFS
	err   error
	tries []time.Time
}

func (s *shelf) Put(_ context.Context, name string, content io.Reader) error {
	b, err := io.ReadAll(content)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries = append(s.tries, time.Now())
	if s.err != nil || err != nil {
		return errors.Join(s.err, err)
	}
	if s.files == nil {
		s.files = fstest.MapFS{}
	}
	s.names = append(s.names, name)
	s.files[name] = &fstest.MapFile{Data: b}
	return nil
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err, s.tries = err, nil
}

// TestArchive: segments that are complete go to the archive, in order, each once; those
// that it does not have yet are not trimmed.
func TestArchive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := vfs.NewMem(), new(shelf)
		o := Options{Archive: s, SegmentSize: 500}
		l := Open(m, o)
		require.NoError(t, l.Begin(history, 0))
		for at := int64(0); at < 100; at += 5 {
			require.NoError(t, l.Append(records(at+1, at+5)))
		}
		synctest.Wait()
		all := logs(t, m)
		require.Equal(t, all[:len(all)-1], s.names)
		for _, name := range s.names {
			require.Equal(t, read(t, m, name), s.files[name].Data)
		}
		waiting, err := l.Archived()
		require.NoError(t, err)
		require.Zero(t, waiting)

		s.fail(errDisk)
		for at := int64(100); at < 150; at += 5 {
			require.NoError(t, l.Append(records(at+1, at+5)))
		}
		synctest.Wait()
		waiting, err = l.Archived()
		require.ErrorIs(t, err, errDisk)
		require.Positive(t, waiting)
		require.NoError(t, l.Begin(history, 150))
		require.NoError(t, l.Trim(150))
		require.Len(t, logs(t, m), waiting+2, "it keeps what the archive does not have")
		require.EqualValues(t, headerSize, l.Size(), "which is not part of the log any more")

		had := len(s.names)
		s.fail(nil)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		waiting, err = l.Archived()
		require.NoError(t, err)
		require.Zero(t, waiting)
		require.Greater(t, len(s.names), had)
		require.Len(t, logs(t, m), 1, "now that the archive has them they are gone")
		list, err := m.List()
		require.NoError(t, err)
		require.Len(t, list, 1, "nothing else is left, either")
		require.NoError(t, l.Close())
	})
}

// TestArchiveIsTriedAgain later and later, and no more when the log is closed.
func TestArchiveIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{err: errDisk}
		l := Open(vfs.NewMem(), Options{Archive: s})
		require.NoError(t, l.Begin(history, 0))
		require.NoError(t, l.Append(records(1, 5)))
		require.NoError(t, l.Begin(history, 5))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		var pauses []time.Duration
		for i := 1; i < len(s.tries); i++ {
			pauses = append(pauses, s.tries[i].Sub(s.tries[i-1]))
		}
		require.Equal(t, []time.Duration{1e9, 2e9, 4e9, 8e9, 16e9, 32e9, 60e9, 60e9}, pauses[:8])
		require.NoError(t, l.Close())
		n := len(s.tries)
		time.Sleep(10 * time.Minute)
		require.Len(t, s.tries, n)
	})
}

// TestArchiveAfterARestart: the next process hands over what is missing, and that alone.
func TestArchiveAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := vfs.NewMem(), new(shelf)
		open := func(at int64) *Log {
			l := Open(m, Options{Archive: s})
			require.NoError(t, l.Begin(history, at))
			synctest.Wait()
			return l
		}
		l := open(0)
		require.NoError(t, l.Append(records(1, 5)))
		require.NoError(t, l.Begin(history, 5))
		require.NoError(t, l.Append(records(6, 9)))
		synctest.Wait()
		require.Len(t, s.names, 1)
		s.fail(errDisk)
		require.NoError(t, l.Begin(history, 9))
		synctest.Wait()
		require.NoError(t, l.Close())
		s.fail(nil)
		l = open(9)
		require.Equal(t, logs(t, m)[:3], s.names)
		require.NoError(t, l.Close())
	})
}

// TestDirectoryArchive has a piece whole or not at all, and has it when Put says so.
func TestDirectoryArchive(t *testing.T) {
	seeds(t, *rounds, func(t *testing.T, rng *rand.Rand) {
		m := vfs.NewMem()
		d := vfs.NewFaults(m)
		content := bytes.Repeat([]byte("content "), 1000)
		look := func(must bool) {
			after := m.Clone().Crash(rng)
			f, err := after.Open("piece")
			if err != nil {
				require.False(t, must)
				return
			}
			require.NoError(t, f.Close())
			require.Equal(t, content, read(t, after, "piece"))
		}
		failAt := rng.IntN(8)
		d.Inject(func(c vfs.Call) error {
			look(false)
			if c.N == failAt {
				return failure(rng, c)
			}
			return nil
		})
		if err := DirectoryArchive(d).Put(t.Context(), "piece", bytes.NewReader(content)); err != nil {
			require.ErrorIs(t, err, errDisk)
			look(false)
			d.Inject(nil)
			require.NoError(t, DirectoryArchive(d).Put(t.Context(), "piece", bytes.NewReader(content)))
		}
		look(true)
		require.Equal(t, content, read(t, m, "piece"))
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, DirectoryArchive(vfs.NewMem()).Put(ctx, "piece", bytes.NewReader(nil)), context.Canceled)
}

// archived is an archive of the records 1 to 100, and the log's directory, which has those
// from 61 on.
func archived(t *testing.T) (*vfs.Mem, *vfs.Mem) {
	m, shelf := vfs.NewMem(), vfs.NewMem()
	l := Open(m, Options{Archive: DirectoryArchive(shelf)})
	for at := int64(0); at < 100; at += 20 {
		require.NoError(t, l.Begin(history, at))
		require.NoError(t, l.Append(records(at+1, at+20)))
	}
	require.Eventually(t, func() bool {
		waiting, err := l.Archived()
		return waiting == 0 && err == nil
	}, time.Minute, time.Millisecond)
	require.NoError(t, l.Trim(60))
	require.NoError(t, l.Close())
	require.Len(t, logs(t, shelf), 4)
	require.Len(t, logs(t, m), 2)
	return shelf, m
}

// TestReplayRange: any part of the history can be had from the archive and the log.
func TestReplayRange(t *testing.T) {
	shelf, m := archived(t)
	for _, c := range []struct{ after, upTo, last int64 }{
		{0, 0, 100}, {0, 100, 100}, {0, 1, 1}, {0, 20, 20}, {19, 21, 21}, {20, 60, 60}, {59, 81, 81}, {99, 100, 100}, {100, 100, 100}, {77, 77, 77},
	} {
		var got []persist.Record
		found, err := ReplayRange(t.Context(), Range{After: c.after, UpTo: c.upTo}, collect(&got), FS(shelf), FS(m))
		require.NoError(t, err, "%v", c)
		require.Equal(t, records(c.after+1, c.last), got, "%v", c)
		require.Equal(t, c.last, found.Position)
	}
	for i, want := range []Range{{After: 0, UpTo: 101}, {After: 101, UpTo: 102}} {
		_, err := ReplayRange(t.Context(), want, func(persist.Record) error { return nil }, FS(shelf), FS(m))
		require.ErrorIs(t, err, persist.ErrGap, i)
	}
	_, err := ReplayRange(t.Context(), Range{After: 10}, func(persist.Record) error { return nil }, FS(m))
	require.ErrorIs(t, err, persist.ErrGap, "without the archive")
	_, err = ReplayRange(t.Context(), Range{UpTo: 90}, func(persist.Record) error { return nil }, FS(shelf))
	require.ErrorIs(t, err, persist.ErrGap, "without the log")
	_, err = ReplayRange(t.Context(), Range{UpTo: 90}, func(persist.Record) error { return errDisk }, FS(shelf))
	require.ErrorIs(t, err, errDisk)
}

// TestReplayRangeUntil ends before the first record whose clock is later, although the
// clock goes back behind it.
func TestReplayRangeUntil(t *testing.T) {
	shelf, m := archived(t)
	for until := record(1).Clock - 60; until < record(100).Clock+200; until += 5 {
		last := int64(0)
		for last < 100 && record(last+1).Clock <= until {
			last++
		}
		var got []persist.Record
		found, err := ReplayRange(t.Context(), Range{History: history, Until: until}, collect(&got), FS(shelf), FS(m))
		require.NoError(t, err)
		require.Equal(t, records(1, last), got)
		require.Equal(t, last, found.Position)
	}
}

// TestReplayRangeOfDamage: what is damaged is an error, unless it is behind the range.
func TestReplayRangeOfDamage(t *testing.T) {
	shelf, m := archived(t)
	name := logs(t, shelf)[1]
	at := offsets(t, shelf, name)[10]
	b := read(t, shelf, name)
	b[at+20] ^= 1
	put(t, shelf, name, b)
	var got []persist.Record
	_, err := ReplayRange(t.Context(), Range{}, collect(&got), FS(shelf), FS(m))
	require.Equal(t, at, damage(t, err).Offset)
	require.Equal(t, records(1, 30), got)
	_, err = ReplayRange(t.Context(), Range{UpTo: 30}, collect(&got), FS(shelf), FS(m))
	require.NoError(t, err)
	require.Equal(t, records(1, 30), got)
	_, err = ReplayRange(t.Context(), Range{After: 40}, collect(&got), FS(shelf), FS(m))
	require.NoError(t, err)
}

// TestReplayRangeOfSeveralHistories wants to know which.
func TestReplayRangeOfSeveralHistories(t *testing.T) {
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 0)
	require.NoError(t, l.Append(records(1, 10)))
	require.NoError(t, l.Begin(other, 4))
	require.NoError(t, l.Append(records(5, 6)))
	require.NoError(t, l.Close())
	var got []persist.Record
	_, err := ReplayRange(t.Context(), Range{}, collect(&got), FS(m))
	require.ErrorIs(t, err, persist.ErrHistory)
	_, err = ReplayRange(t.Context(), Range{History: history}, collect(&got), FS(m))
	require.NoError(t, err)
	require.Equal(t, records(1, 10), got)
	_, err = ReplayRange(t.Context(), Range{History: other, After: 4}, collect(&got), FS(m))
	require.NoError(t, err)
	require.Equal(t, records(5, 6), got)
}
