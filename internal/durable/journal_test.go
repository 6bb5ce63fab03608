package durable

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// gate holds calls until it is opened.
type gate struct{ open chan struct{} }

func newGate() gate { return gate{make(chan struct{})} }

func (g gate) hold(call string) func(string) error {
	return func(c string) error {
		if c == call {
			<-g.open
		}
		return nil
	}
}

// TestWritersShareASync: those who come while a sync is under way go with the next.
func TestWritersShareASync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, g := newJournaled(t, Always, 0), newGate()
		e.log.fails = g.hold("sync")
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				require.NoError(t, e.put(t.Context(), fmt.Sprint("k", i)))
				require.Positive(t, e.log.syncedTo())
			})
		}
		synctest.Wait()
		require.Zero(t, e.log.syncedTo())
		close(g.open)
		all.Wait()
		require.EqualValues(t, 50, e.log.syncedTo())
		require.LessOrEqual(t, e.log.syncs, 2)
	})
}

// TestNothingIsShownBeforeItIsDurable: by the policy Always a reader waits for the write
// that it has seen, and for no other.
func TestNothingIsShownBeforeItIsDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, g := newJournaled(t, Always, 0), newGate()
		require.NoError(t, e.put(t.Context(), "other"))
		e.log.fails = g.hold("sync")
		var wrote, read bool
		go func() { wrote = e.put(t.Context(), "k") == nil }()
		synctest.Wait()
		go func() { read, _ = e.get(t.Context(), "k") }()
		found, err := e.get(t.Context(), "other")
		require.NoError(t, err)
		require.True(t, found)
		synctest.Wait()
		require.False(t, wrote)
		require.False(t, read)
		close(g.open)
		synctest.Wait()
		require.True(t, wrote)
		require.True(t, read)
	})
}

// TestAWaitEndsWithItsContext: what becomes of the write is unknown then.
func TestAWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, g := newJournaled(t, Always, 0), newGate()
		e.log.fails = g.hold("sync")
		go func() { _ = e.put(t.Context(), "k") }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := e.put(ctx, "k")
		require.ErrorIs(t, err, engine.ErrNotDurable)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = e.get(ctx, "k")
		require.Equal(t, context.DeadlineExceeded, err)
		close(g.open)
	})
}

// TestOneSecondHolds: by the policy EverySecond no write is acknowledged while another is
// older than a second and not durable.
func TestOneSecondHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newJournaled(t, EverySecond, 0)
		slow := make(chan time.Duration, 1)
		e.log.fails = func(call string) error {
			if call == "sync" {
				select {
				case d := <-slow:
					time.Sleep(d)
				default:
				}
			}
			return nil
		}
		began := time.Now()
		var wrote []time.Time // by position, from 1 on
		for i := 0; time.Since(began) < 20*time.Second; i++ {
			if i%500 == 250 {
				slow <- 3 * time.Second
			}
			require.NoError(t, e.put(t.Context(), "k"))
			wrote = append(wrote, time.Now())
			for _, at := range wrote[e.log.syncedTo():] {
				require.LessOrEqual(t, time.Since(at), time.Second)
			}
			time.Sleep(3 * time.Millisecond)
		}
		require.Greater(t, len(wrote), 1000)
		time.Sleep(time.Second)
		require.EqualValues(t, len(wrote), e.log.syncedTo(), "an idle store is durable")
	})
}

// TestSyncOfOneWrite: a write can ask for the disk where the policy does not.
func TestSyncOfOneWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newJournaled(t, Never, 0)
		require.NoError(t, e.put(t.Context(), "a"))
		time.Sleep(time.Minute)
		require.Zero(t, e.log.syncedTo())
		require.NoError(t, e.put(WithSync(t.Context()), "b"))
		require.EqualValues(t, 2, e.log.syncedTo())
	})
}

// TestWritersWaitForRoom: while the log is stuck the buffer stays what it may be, and
// readers go on.
func TestWritersWaitForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const room = 1000
		e, g := newJournaled(t, EverySecond, room), newGate()
		e.log.fails = g.hold("append")
		var done sync.WaitGroup
		done.Go(func() {
			for range 200 {
				require.NoError(t, e.put(t.Context(), "k"))
				time.Sleep(time.Millisecond)
			}
		})
		time.Sleep(time.Hour)
		e.j.Lock()
		require.GreaterOrEqual(t, len(e.j.buffer.bytes), room)
		require.Less(t, len(e.j.buffer.bytes), room+100)
		e.j.Unlock()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, e.put(ctx, "k"), context.DeadlineExceeded)
		found, err := e.get(t.Context(), "k")
		require.NoError(t, err)
		require.True(t, found)
		close(g.open)
		done.Wait()
		time.Sleep(time.Second)
		require.EqualValues(t, 200, e.log.syncedTo())
	})
}

var errDisk = errors.New("the disk is gone")

// TestALogThatFails: the write in flight is not known to last, later ones are refused
// before they change anything, and reads go on; until a snapshot has mended it.
func TestALogThatFails(t *testing.T) {
	for _, call := range []string{"append", "sync"} {
		synctest.Test(t, func(t *testing.T) {
			e := newJournaled(t, Always, 0)
			var told error
			e.j.onFlush = func(err error) { told = errors.Join(told, err) }
			require.NoError(t, e.put(t.Context(), "before"))
			fail := true
			e.log.fails = func(c string) error {
				if fail && c == call {
					return errDisk
				}
				return nil
			}
			err := e.put(t.Context(), "k")
			require.ErrorIs(t, err, engine.ErrNotDurable)
			require.ErrorIs(t, err, errDisk)
			require.ErrorIs(t, told, errDisk)
			found, err := e.get(t.Context(), "k")
			require.NoError(t, err)
			require.True(t, found, "the change stands")
			err = e.put(t.Context(), "later")
			require.ErrorIs(t, err, engine.ErrDisk)
			require.ErrorIs(t, err, errDisk)
			found, _ = e.get(t.Context(), "later")
			require.False(t, found)

			e.j.atCut(e.Position())
			require.ErrorIs(t, e.put(t.Context(), "later"), engine.ErrDisk)
			require.ErrorIs(t, mend(e.j, e.Position()), whenFailing(call == "sync", errDisk))
			if call == "sync" { // mending needs a sync
				e.j.atCut(e.Position())
			}
			fail = false
			require.NoError(t, mend(e.j, e.Position()))
			require.NoError(t, e.put(t.Context(), "later"))
			require.EqualValues(t, 3, e.log.syncedTo())
			require.EqualValues(t, 2, e.log.segments[len(e.log.segments)-1].behind)
		})
	}
}

func whenFailing(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

// TestSegmentsBeginAtCuts: the log hears of a cut between the records before and behind
// it, whatever was written when.
func TestSegmentsBeginAtCuts(t *testing.T) {
	e := newJournaled(t, EverySecond, 0)
	stop := e.keepWriting(t, 3, "k")
	var cuts []int64
	for range 100 {
		tx := e.Begin(nil, true, false)
		cuts = append(cuts, tx.Position())
		e.j.atCut(tx.Position())
		tx.Commit()
		require.NoError(t, e.put(WithSync(t.Context()), "k"))
	}
	stop()
	require.NoError(t, e.put(WithSync(t.Context()), "k"))
	require.Len(t, e.log.segments, 101)
	for i, cut := range cuts {
		require.Equal(t, cut, e.log.segments[i+1].behind)
	}
	require.Equal(t, e.Position(), e.log.last())
}

// TestCloseWritesAll: what was acknowledged is in the log when the journal has stopped.
func TestCloseWritesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newJournaled(t, Never, 0)
		for i := range 10 {
			require.NoError(t, e.put(t.Context(), fmt.Sprint(i)))
		}
		e.Attach(nil)
		log, err := e.j.stop()
		require.NoError(t, err)
		require.Equal(t, persist.Log(e.log), log)
		require.EqualValues(t, 10, e.log.syncedTo())
	})
}

func mend(j *journal, position int64) error {
	_, err := j.mend(position)
	return err
}
