package store_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// slow is a follower whose calls can be held.
type slow struct {
	replicate.Follower
	hold      atomic.Pointer[chan struct{}] // Append waits for it
	deaf      bool                          // even if the stream has ended
	held      chan struct{}                 // has a token while Append waits
	snapshots atomic.Int64
}

func newSlow(f replicate.Follower) *slow {
	s := &slow{Follower: f, held: make(chan struct{}, 1)}
	s.stop()
	return s
}

func (s *slow) stop() {
	c := make(chan struct{})
	s.hold.Store(&c)
}

func (s *slow) goOn() { close(*s.hold.Load()) }

// Create counts.
func (s *slow) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	s.snapshots.Add(1)
	return s.Follower.Create(ctx, about)
}

// Append waits.
func (s *slow) Append(ctx context.Context, records []persist.Record) error {
	over := ctx.Done()
	if s.deaf {
		over = nil
	}
	s.held <- struct{}{}
	select {
	case <-*s.hold.Load():
	case <-over:
	}
	<-s.held
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.Follower.Append(ctx, records)
}

// write writes so many values of a kilobyte.
func write(t testing.TB, s *store.Store, n int) {
	value := strings.Repeat("v", 1000)
	for range n {
		require.NoError(t, types.NewString[string](s, "k").Set(t.Context(), value))
	}
}

// TestASlowFollower holds no writer up, and takes no more memory than it may. It is told
// so, and catches up from the backlog or by a snapshot.
func TestASlowFollower(t *testing.T) {
	const lag = 300 << 10
	for _, deaf := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := store.New(store.Options{Backlog: replicate.Backlog{Bytes: 100 << 10, Lag: lag}})
			other, f := store.New(store.Options{Follower: true}), store.New(store.Options{Follower: true})
			s := newSlow(f.Follower())
			s.deaf = deaf
			fast, r := follow(t, p, other.Follower(), replicate.Options{}), follow(t, p, s, replicate.Options{})
			write(t, p, 1)
			synctest.Wait()
			write(t, p, 200)
			synctest.Wait()
			require.EqualValues(t, 2, p.ReplicationStatus().Followers)
			s.goOn()
			requireEqual(t, p, f)
			require.EqualValues(t, 1, s.snapshots.Load())

			s.stop()
			for range 30 {
				write(t, p, 100)
				require.Less(t, p.ReplicationStatus().Backlog, int64(lag+200<<10))
				synctest.Wait()
				requireEqual(t, p, other)
			}
			if deaf {
				s.goOn()
			}
			<-r.done
			require.ErrorIs(t, r.err, replicate.ErrTooSlow)
			synctest.Wait()
			require.EqualValues(t, 1, p.ReplicationStatus().Followers)
			require.Less(t, p.ReplicationStatus().Backlog, int64(300<<10))

			s = newSlow(f.Follower())
			s.goOn()
			again := follow(t, p, s, replicate.Options{})
			synctest.Wait()
			requireEqual(t, p, f)
			require.EqualValues(t, 1, s.snapshots.Load())
			for _, end := range []func(){again.cut, fast.cut} {
				end()
			}
			require.NoError(t, errors.Join(p.Close(), other.Close(), f.Close()))
		})
	}
}

// TestAgain: with the option a stream whose follower is too slow begins again by itself.
func TestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := store.New(store.Options{Backlog: replicate.Backlog{Bytes: 1, Lag: 1}}), store.New(store.Options{Follower: true})
		s := newSlow(f.Follower())
		r := follow(t, p, s, replicate.Options{Again: true})
		for range 5 {
			write(t, p, 500)
			synctest.Wait()
		}
		require.Greater(t, s.snapshots.Load(), int64(2))
		s.goOn()
		synctest.Wait()
		requireEqual(t, p, f)
		r.cut()
		require.ErrorIs(t, r.err, context.Canceled)
		require.NoError(t, errors.Join(p.Close(), f.Close()))
	})
}

// TestPatience: a call that takes longer than it may ends the stream, be it of a record or
// of a snapshot; and a follower of which nothing is asked may rest for as long as it likes.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := store.New(store.Options{}), store.New(store.Options{Follower: true})
		s := newSlow(f.Follower())
		r := follow(t, p, s, replicate.Options{Patience: time.Second})
		time.Sleep(time.Hour)
		write(t, p, 1)
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		require.EqualValues(t, 1, p.ReplicationStatus().Followers)
		time.Sleep(2 * time.Millisecond)
		<-r.done
		require.ErrorIs(t, r.err, replicate.ErrTooSlow)
		r = follow(t, p, &stuck{f.Follower()}, replicate.Options{})
		synctest.Wait()
		time.Sleep(59 * time.Second)
		require.EqualValues(t, 1, p.ReplicationStatus().Followers)
		time.Sleep(2 * time.Second)
		<-r.done
		require.ErrorIs(t, r.err, replicate.ErrTooSlow)
		_, err := p.Digest(t.Context()) // which needs a cut, too
		require.NoError(t, err)
		require.NoError(t, errors.Join(p.Close(), f.Close()))
	})
}

// stuck never takes a chunk.
type stuck struct{ replicate.Follower }

// State says that it has nothing.
func (s *stuck) State(context.Context) (replicate.State, error) { return replicate.State{}, nil }

// Create is of a writer that waits for the end.
func (s *stuck) Create(ctx context.Context, _ persist.Snapshot) (persist.SnapshotWriter, error) {
	return stuckWriter{ctx}, nil
}

type stuckWriter struct{ ctx context.Context }

// Write waits.
func (w stuckWriter) Write(persist.Chunk) error {
	<-w.ctx.Done()
	return w.ctx.Err()
}

// Commit fails.
func (w stuckWriter) Commit() error { return errors.New("commit of what was not written") }

// Abort does nothing.
func (w stuckWriter) Abort() error { return nil }

// TestTheBacklogEnds some time after the last follower has gone: one that comes back
// sooner goes on from where it was, one that comes later begins again.
func TestTheBacklogEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := store.New(store.Options{}), store.New(store.Options{Follower: true})
		for _, c := range []struct {
			away      time.Duration
			snapshots int64
		}{{0, 1}, {59 * time.Second, 0}, {61 * time.Second, 1}} {
			write(t, p, 10)
			time.Sleep(c.away)
			write(t, p, 10)
			s := &counting{Follower: f.Follower()}
			r := follow(t, p, s, replicate.Options{})
			synctest.Wait()
			requireEqual(t, p, f)
			require.Equal(t, c.snapshots, s.snapshots.Load(), "after %s", c.away)
			require.Equal(t, 1-c.snapshots, s.continued.Load())
			r.cut()
			require.Zero(t, p.ReplicationStatus().Followers)
		}
		time.Sleep(time.Hour)
		require.Zero(t, p.ReplicationStatus().Backlog)
		require.Zero(t, p.ReplicationStatus().First)
		require.NoError(t, errors.Join(p.Close(), f.Close()))
	})
}

// TestTheEndOfAStore ends its streams, whatever they wait for.
func TestTheEndOfAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := store.New(store.Options{})
		write(t, p, 1)
		idle, busy := store.New(store.Options{Follower: true}), store.New(store.Options{Follower: true})
		streams := []*following{
			follow(t, p, idle.Follower(), replicate.Options{}),
			follow(t, p, newSlow(busy.Follower()), replicate.Options{}),
			follow(t, p, &stuck{busy.Follower()}, replicate.Options{}),
		}
		synctest.Wait()
		write(t, p, 1)
		synctest.Wait()
		require.NoError(t, p.Close())
		for _, s := range streams {
			<-s.done
			require.ErrorIs(t, s.err, store.ErrClosed)
		}
		require.ErrorIs(t, p.Replicate(t.Context(), idle.Follower(), replicate.Options{}), store.ErrClosed)
		q := store.New(store.Options{})
		require.NoError(t, idle.Close())
		require.ErrorIs(t, q.Replicate(t.Context(), idle.Follower(), replicate.Options{}), store.ErrClosed)
		require.NoError(t, errors.Join(q.Close(), busy.Close()))
	})
}

// TestAStreamEndsWithItsContext and inside a transaction it does not begin.
func TestAStreamEndsWithItsContext(t *testing.T) {
	p, f := newPrimary(t, store.Options{}), newFollower(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, p.Replicate(ctx, f.Follower(), replicate.Options{}), context.Canceled)
	require.NoError(t, p.Update(t.Context(), func(ctx context.Context, _ *store.Tx) error {
		require.ErrorIs(t, p.Replicate(ctx, f.Follower(), replicate.Options{}), store.ErrInTx)
		require.ErrorIs(t, p.Promote(ctx), store.ErrInTx)
		return nil
	}))
}
