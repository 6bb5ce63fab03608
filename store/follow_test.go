package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// following is a stream to a follower.
type following struct {
	cut  func() // ends it and waits for that
	done chan struct{}
	err  error // of Replicate, once done is closed
}

// counting counts what a follower is told.
type counting struct {
	replicate.Follower
	snapshots, continued atomic.Int64
}

// Create counts.
func (c *counting) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	c.snapshots.Add(1)
	return c.Follower.Create(ctx, about)
}

// Continue counts.
func (c *counting) Continue(ctx context.Context, at replicate.State) error {
	c.continued.Add(1)
	return c.Follower.Continue(ctx, at)
}

func follow(t testing.TB, primary *store.Store, f replicate.Follower, o replicate.Options) *following {
	ctx, cancel := context.WithCancel(context.Background())
	r := &following{done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.err = primary.Replicate(ctx, f, o)
	}()
	r.cut = func() {
		cancel()
		<-r.done
	}
	t.Cleanup(r.cut)
	return r
}

// requireEqual holds a follower to be equal to its primary, to which nobody writes but
// time.
func requireEqual(t testing.TB, primary, follower *store.Store) {
	t.Helper()
	var want, got string
	rests := func() bool {
		position := primary.Position()
		want, got = digest(t, primary), digest(t, follower)
		return follower.Position() == position && primary.Position() == position
	}
	require.Eventually(t, func() bool { return follower.Position() >= primary.Position() }, time.Minute, time.Millisecond)
	require.Eventually(t, rests, time.Minute, time.Millisecond)
	require.Equal(t, want, got)
}

func newFollower(t testing.TB, c store.Clock) *store.Store {
	s := store.New(store.Options{Follower: true, Clock: c})
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func newPrimary(t testing.TB, o store.Options) *store.Store {
	s := store.New(o)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// TestAFollowerEqualsItsPrimary after random histories, whether it was there from the
// start, came late, was cut off and went on, or had to begin again.
func TestAFollowerEqualsItsPrimary(t *testing.T) {
	seed := seedOf(t)
	c, r := new(leapingClock), rand.New(rand.NewPCG(seed, 1000))
	p := newPrimary(t, store.Options{Clock: c, Backlog: replicate.Backlog{Bytes: 1}})
	var all []*store.Store
	streams := map[int]*following{}
	for round := range *historyRounds {
		all = append(all, newFollower(t, c))
		for i, f := range all {
			switch at := streams[i]; {
			case at == nil:
				streams[i] = follow(t, p, f.Follower(), replicate.Options{})
			case r.IntN(3) == 0:
				at.cut()
				streams[i] = nil
			}
		}
		busy(t, p, c, seed+uint64(round), 2, 200)
		for i, f := range all {
			if streams[i] != nil {
				requireEqual(t, p, f)
			}
		}
	}
}

// TestFollowersWhileWritersWrite: at marked positions a follower that stops there is what
// the primary was, and no transaction is ever seen in part.
func TestFollowersWhileWritersWrite(t *testing.T) {
	seed := seedOf(t)
	c := new(leapingClock)
	p := newPrimary(t, store.Options{Clock: c})
	f, late := newFollower(t, c), newFollower(t, c)
	follow(t, p, f.Follower(), replicate.Options{})
	var readers sync.WaitGroup
	over := make(chan struct{})
	t.Cleanup(readers.Wait)
	t.Cleanup(func() { close(over) })
	for _, s := range []*store.Store{f, late} {
		readers.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					requireWhole(t, s)
				}
			}
		})
	}
	for round := range *historyRounds {
		g := follow(t, p, late.Follower(), replicate.Options{})
		busy(t, p, c, seed+uint64(round), 2, 300)
		requireEqual(t, p, f)
		requireEqual(t, p, late)
		if round%2 == 0 {
			g.cut()
		}
	}
}

// requireWhole looks at the accounts, whose sum is 0 but within a transaction.
func requireWhole(t *testing.T, s *store.Store) {
	for db := range 2 {
		sum := int64(0)
		err := s.Select(db).View(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			sum = 0
			for i := range 5 {
				n, _, err := types.NewCounter(tx, fmt.Sprint("account", i)).Get(ctx)
				if err != nil {
					return err
				}
				sum += n
			}
			return nil
		})
		if err != nil || sum != 0 {
			t.Errorf("the accounts sum up to %d (%v)", sum, err)
		}
	}
}

// TestAChain of followers, each of the one before it.
func TestAChain(t *testing.T) {
	seed := seedOf(t)
	c := new(leapingClock)
	p := newPrimary(t, store.Options{Clock: c})
	busy(t, p, c, seed, 1, 500)
	f, g := newFollower(t, c), newFollower(t, c)
	follow(t, f, g.Follower(), replicate.Options{})
	follow(t, p, f.Follower(), replicate.Options{})
	busy(t, p, c, seed+1, 2, 500)
	requireEqual(t, p, f)
	requireEqual(t, p, g)
	require.Equal(t, p.ReplicationStatus().History, g.ReplicationStatus().History)
}

// TestAFollowerServesReadsOnly, until it is promoted.
func TestAFollowerServesReadsOnly(t *testing.T) {
	ctx, c := t.Context(), new(leapingClock)
	p, f := newPrimary(t, store.Options{Clock: c}), newFollower(t, c)
	require.ErrorIs(t, p.Promote(ctx), replicate.ErrNotFollower)
	key := types.NewString[string](p, "k")
	require.NoError(t, key.Set(ctx, "v"))
	_, err := key.Expire(ctx, time.Hour)
	require.NoError(t, err)
	r := follow(t, p, f.Follower(), replicate.Options{})
	requireEqual(t, p, f)

	mine := types.NewString[string](f, "k")
	require.ErrorIs(t, mine.Set(ctx, "w"), store.ErrReplica)
	require.ErrorIs(t, f.FlushAll(ctx), store.ErrReplica)
	require.ErrorIs(t, f.Restore(ctx, nil), store.ErrReplica)
	require.ErrorIs(t, f.Update(ctx, func(context.Context, *store.Tx) error { return errors.New("ran") }), store.ErrReplica)
	_, err = types.NewList[string](f, "l").WaitPopFront(ctx)
	require.ErrorIs(t, err, store.ErrReplica)
	v, ok, err := mine.Get(ctx)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "v", v)

	r.cut()
	c.leap(2 * time.Hour)
	_, ok, err = mine.Get(ctx)
	require.NoError(t, err)
	require.False(t, ok, "its time has come")
	n, err := f.Len(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, n, "but the primary has not told of it")
	require.EqualValues(t, 2, f.Position())

	require.NoError(t, f.Promote(ctx))
	require.ErrorIs(t, f.Promote(ctx), replicate.ErrNotFollower)
	require.NoError(t, types.NewString[string](f, "other").Set(ctx, "w"))
	require.Eventually(t, func() bool {
		n, err := f.Len(ctx)
		return err == nil && n == 1
	}, time.Minute, time.Millisecond, "it expires keys by itself now")
	require.ErrorIs(t, p.Replicate(ctx, f.Follower(), replicate.Options{}), replicate.ErrNotFollower)
}

// TestPromotionInAChain: who follows the promoted store goes on, and so does one that
// followed the same primary and is not ahead. What is written then reaches them.
func TestPromotionInAChain(t *testing.T) {
	seed := seedOf(t)
	c := new(leapingClock)
	p := newPrimary(t, store.Options{Clock: c})
	f, below, beside := newFollower(t, c), newFollower(t, c), newFollower(t, c)
	follow(t, f, below.Follower(), replicate.Options{})
	r, q := follow(t, p, f.Follower(), replicate.Options{}), follow(t, p, beside.Follower(), replicate.Options{})
	busy(t, p, c, seed, 1, 300)
	requireEqual(t, p, f)
	requireEqual(t, p, below)
	requireEqual(t, p, beside)
	r.cut()
	q.cut()
	old := f.ReplicationStatus().History
	require.NoError(t, f.Promote(t.Context()))
	require.NotEqual(t, old, f.ReplicationStatus().History)
	counted := &counting{Follower: beside.Follower()}
	follow(t, f, counted, replicate.Options{})
	busy(t, f, c, seed+1, 2, 300)
	requireEqual(t, f, below)
	requireEqual(t, f, beside)
	require.Zero(t, counted.snapshots.Load())
	require.Equal(t, f.ReplicationStatus().History, below.ReplicationStatus().History)
	require.Equal(t, f.ReplicationStatus().History, beside.ReplicationStatus().History)

	busy(t, p, c, seed+2, 1, 10) // the old primary goes another way
	again := &counting{Follower: beside.Follower()}
	follow(t, p, again, replicate.Options{})
	require.Eventually(t, func() bool { return again.snapshots.Load() == 1 }, time.Minute, time.Millisecond)
	require.Eventually(t, func() bool { return digest(t, p) == digest(t, beside) }, time.Minute, time.Millisecond)
}
