package store_test

import (
	"bytes"
	"errors"
	"io"
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

func openFollower(t testing.TB, dir string, c store.Clock, d store.Durability) *store.Store {
	s, err := store.Open(dir, store.Options{Follower: true, Clock: c, Durability: d})
	require.NoError(t, err)
	return s
}

// TestADurableFollower has what it had when it is opened again, and goes on from there,
// under the primary's positions; when the primary was opened again it begins anew.
func TestADurableFollower(t *testing.T) {
	for name, d := range map[string]store.Durability{"log": {}, "always": {Sync: store.SyncAlways}, "no log": {NoLog: true}} {
		t.Run(name, func(t *testing.T) {
			seed := seedOf(t)
			c, dir, source := new(leapingClock), t.TempDir(), t.TempDir()
			p, err := store.Open(source, store.Options{Clock: c})
			require.NoError(t, err)
			busy(t, p, c, seed, 1, 300)
			snapshots := []int64{1, 0, 0, 1, 0}
			for round, want := range snapshots {
				if round == 3 {
					require.NoError(t, p.Close())
					p, err = store.Open(source, store.Options{Clock: c})
					require.NoError(t, err)
				}
				f := openFollower(t, dir, c, d)
				s := &counting{Follower: f.Follower()}
				r := follow(t, p, s, replicate.Options{})
				busy(t, p, c, seed+uint64(round), 2, 100)
				requireEqual(t, p, f)
				require.Equal(t, want, s.snapshots.Load(), "round %d", round)
				require.Equal(t, p.ReplicationStatus().History, f.KeptStatus().History)
				if round == 1 {
					require.NoError(t, f.Save(t.Context()))
				}
				r.cut()
				require.NoError(t, f.Close())
				busy(t, p, c, seed+uint64(round)+100, 1, 50)
			}
			require.NoError(t, p.Close())
		})
	}
}

// TestAFollowersDirectoryIsTakenOver by opening it to write: that is another line, which
// the old primary does not go on from, and neither does one that was promoted.
func TestAFollowersDirectoryIsTakenOver(t *testing.T) {
	for _, promote := range []bool{false, true} {
		dir := t.TempDir()
		p := newPrimary(t, store.Options{})
		fillAll(t, p, "a")
		f := openFollower(t, dir, nil, store.Durability{})
		r := follow(t, p, f.Follower(), replicate.Options{})
		requireEqual(t, p, f)
		want := digest(t, f)
		r.cut()
		if promote {
			require.NoError(t, f.Promote(t.Context()))
			require.NoError(t, types.NewString[string](f, "own").Set(t.Context(), "v"))
			want = digest(t, f)
		}
		require.NoError(t, f.Close())

		q, err := store.Open(dir, store.Options{})
		require.NoError(t, err)
		require.False(t, q.ReplicationStatus().Follower)
		require.Equal(t, want, digest(t, q))
		require.NoError(t, types.NewString[string](q, "own").Set(t.Context(), "w"))
		require.NoError(t, q.Close())
		write(t, p, 1)

		f = openFollower(t, dir, nil, store.Durability{})
		s := &counting{Follower: f.Follower()}
		r = follow(t, p, s, replicate.Options{})
		require.Eventually(t, func() bool { return s.snapshots.Load() == 1 }, time.Minute, time.Millisecond)
		require.Eventually(t, func() bool { return digest(t, p) == digest(t, f) }, time.Minute, time.Millisecond)
		r.cut()
		require.NoError(t, f.Close())
	}
}

// TestAPromotedDirectoryFollowsAgain from a snapshot, as it went another way meanwhile.
func TestAPromotedDirectoryFollowsAgain(t *testing.T) {
	dir, p := t.TempDir(), newPrimary(t, store.Options{})
	write(t, p, 3)
	f := openFollower(t, dir, nil, store.Durability{})
	r := follow(t, p, f.Follower(), replicate.Options{})
	requireEqual(t, p, f)
	r.cut()
	require.NoError(t, f.Promote(t.Context()))
	require.NoError(t, types.NewString[string](f, "own").Set(t.Context(), "v"))
	require.NoError(t, f.Close())
	write(t, p, 3)
	f = openFollower(t, dir, nil, store.Durability{})
	r = follow(t, p, f.Follower(), replicate.Options{})
	requireEqual(t, p, f)
	r.cut()
	require.NoError(t, f.Close())
}

// TestAPrimaryThatHasLostItsLast changes when it starts again, and makes others: a follower
// that has the old ones does not go on from them.
func TestAPrimaryThatHasLostItsLast(t *testing.T) {
	o := store.Options{Durability: store.Durability{NoLog: true, Save: []store.SaveRule{}}}
	dir, f, g := t.TempDir(), newFollower(t, nil), newFollower(t, nil)
	p, err := store.Open(dir, o)
	require.NoError(t, err)
	write(t, p, 10)
	require.NoError(t, p.Save(t.Context()))
	require.NoError(t, types.NewString[string](p, "lost").Set(t.Context(), "v"))
	r := follow(t, p, f.Follower(), replicate.Options{})
	requireEqual(t, p, f)
	r.cut()
	require.NoError(t, p.Close())

	p, err = store.Open(dir, o)
	require.NoError(t, err)
	require.EqualValues(t, 10, p.Position())
	follow(t, p, g.Follower(), replicate.Options{})
	require.Eventually(t, func() bool { return g.Position() == 10 }, time.Minute, time.Millisecond)
	write(t, p, 10)
	r = follow(t, p, f.Follower(), replicate.Options{})
	requireEqual(t, p, f)
	require.NoError(t, p.Close())
	<-r.done
}

// heldLog is a log whose Sync waits while it is held.
type heldLog struct {
	persist.MemoryLog
	hold atomic.Pointer[chan struct{}]
}

// Sync waits.
func (l *heldLog) Sync() error {
	if c := l.hold.Load(); c != nil {
		<-*c
	}
	return l.MemoryLog.Sync()
}

// TestNothingLeavesBeforeItIsDurable, by record or by snapshot, with SyncAlways; with
// other policies it does.
func TestNothingLeavesBeforeItIsDurable(t *testing.T) {
	for _, sync := range []store.Sync{store.SyncAlways, store.SyncEverySecond} {
		synctest.Test(t, func(t *testing.T) {
			log := new(heldLog)
			p, err := store.OpenPlaces(t.Context(), store.Options{
				Durability: store.Durability{Snapshots: new(persist.MemorySnapshots), Log: log, Sync: sync}})
			require.NoError(t, err)
			early, late := store.New(store.Options{Follower: true}), store.New(store.Options{Follower: true})
			follow(t, p, early.Follower(), replicate.Options{})
			synctest.Wait()
			c := make(chan struct{})
			log.hold.Store(&c)
			written := make(chan error)
			go func() { written <- types.NewString[string](p, "k").Set(t.Context(), "v") }()
			synctest.Wait()
			require.EqualValues(t, 1, p.Position())
			l := follow(t, p, late.Follower(), replicate.Options{})
			synctest.Wait()
			for _, f := range []*store.Store{early, late} {
				n, err := f.Len(t.Context())
				require.NoError(t, err)
				require.Equal(t, sync != store.SyncAlways, n == 1)
			}
			close(c)
			require.NoError(t, <-written)
			synctest.Wait()
			requireEqual(t, p, early)
			requireEqual(t, p, late)
			l.cut()
			require.NoError(t, errors.Join(p.Close(), early.Close(), late.Close()))
		})
	}
}

// TestAFollowersAppendIsDurable when it returns, if the follower's policy says so.
func TestAFollowersAppendIsDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(heldLog)
		p := store.New(store.Options{})
		f, err := store.OpenPlaces(t.Context(), store.Options{Follower: true,
			Durability: store.Durability{Snapshots: new(persist.MemorySnapshots), Log: log, Sync: store.SyncAlways}})
		require.NoError(t, err)
		s := newSlow(f.Follower())
		s.goOn()
		r := follow(t, p, s, replicate.Options{})
		synctest.Wait()
		c := make(chan struct{})
		log.hold.Store(&c)
		write(t, p, 1)
		synctest.Wait()
		require.EqualValues(t, 1, f.Position())
		require.Zero(t, f.KeptStatus().Durable)
		close(c)
		synctest.Wait()
		require.EqualValues(t, 1, f.KeptStatus().Durable)
		r.cut()
		require.NoError(t, errors.Join(p.Close(), f.Close()))
	})
}

func backupOf(t testing.TB, s *store.Store) io.Reader {
	var b bytes.Buffer
	_, err := s.Backup(t.Context(), &b)
	require.NoError(t, err)
	return &b
}

// TestAPrimaryIsRestored: its followers have the new content, and so has one that was away.
func TestAPrimaryIsRestored(t *testing.T) {
	seed := seedOf(t)
	c := new(leapingClock)
	p, from := newPrimary(t, store.Options{Clock: c}), newPrimary(t, store.Options{Clock: c})
	f, away := newFollower(t, c), newFollower(t, c)
	busy(t, p, c, seed, 1, 100)
	busy(t, from, c, seed+1, 1, 100)
	follow(t, p, f.Follower(), replicate.Options{})
	r := follow(t, p, away.Follower(), replicate.Options{})
	requireEqual(t, p, f)
	requireEqual(t, p, away)
	r.cut()
	require.NoError(t, p.Restore(t.Context(), backupOf(t, from)))
	requireEqual(t, p, f)
	busy(t, p, c, seed+2, 1, 100)
	requireEqual(t, p, f)
	follow(t, p, away.Follower(), replicate.Options{})
	requireEqual(t, p, away)
}
