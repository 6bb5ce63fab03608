package durable

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// places is where a store is kept, however often it is opened.
type places struct {
	snaps persist.MemorySnapshots
	log   fakeLog
}

func (p *places) options() Options {
	return Options{Snapshots: &p.snaps, Log: &p.log, Policy: Always}
}

// keptEngine is an engine with its keeper.
type keptEngine struct {
	*journaled
	k *Keeper
}

func openKept(t testing.TB, o Options) keptEngine {
	e := engine.New(engine.Options{})
	k, err := Open(t.Context(), e, o)
	require.NoError(t, err)
	return keptEngine{&journaled{Engine: e, j: k.journal}, k}
}

// close ends the engine and its keeper.
func (e keptEngine) close(t testing.TB) {
	e.Close()
	require.NoError(t, e.k.Close())
}

func (e keptEngine) digest(t testing.TB) string {
	d, err := e.Digest(t.Context())
	require.NoError(t, err)
	return d.String()
}

// again closes a store and opens it again: it has what it had.
func (e keptEngine) again(t testing.TB, o Options) keptEngine {
	digest, position := e.digest(t), e.Position()
	e.close(t)
	e = openKept(t, o)
	require.Equal(t, digest, e.digest(t))
	require.Equal(t, position, e.Position())
	return e
}

// TestReopened: a store that is opened again has what it had, and its position, from
// snapshot and log.
func TestReopened(t *testing.T) {
	p := new(places)
	digest, position := "", int64(0)
	for round := range 6 {
		e := openKept(t, p.options())
		require.Equal(t, position, e.Position())
		if round > 0 {
			require.Equal(t, digest, e.digest(t))
		}
		for i := range 100 {
			require.NoError(t, e.put(t.Context(), fmt.Sprint(round, i)))
			if i == 50 && round%2 == 1 {
				require.NoError(t, e.k.Save(t.Context()))
			}
		}
		digest, position = e.digest(t), e.Position()
		require.EqualValues(t, 100*(round+1), position)
		e.close(t)
	}
}

// TestRewriteShortensTheLog: records before a snapshot are dropped, and those behind it
// are not.
func TestRewriteShortensTheLog(t *testing.T) {
	p := new(places)
	e := openKept(t, p.options())
	for i := range 10 {
		require.NoError(t, e.put(t.Context(), fmt.Sprint(i)))
	}
	require.NoError(t, e.k.Save(t.Context()))
	require.NoError(t, e.put(t.Context(), "k"))
	require.Len(t, p.log.segments, 1)
	require.EqualValues(t, 10, p.log.segments[0].behind)
	require.Len(t, p.log.segments[0].records, 1)
	digest := e.digest(t)
	e.close(t)
	e = openKept(t, p.options())
	require.Equal(t, digest, e.digest(t))
	require.EqualValues(t, 1, e.k.Found().Log.Records)
	e.close(t)
}

// TestLogsThatGrowAreRewritten by themselves.
func TestLogsThatGrowAreRewritten(t *testing.T) {
	p := new(places)
	o := p.options()
	o.Config = Config{GrowthPercent: 100, GrowthLeast: 10_000}
	e := openKept(t, o)
	require.Eventually(t, func() bool {
		for i := range 1000 {
			require.NoError(t, e.put(t.Context(), fmt.Sprint("key ", i%10)))
		}
		s := e.k.Status()
		return s.Rewrite.Count > 2 && s.LogSize < 20_000
	}, 20*time.Second, time.Millisecond)
	e.close(t)
}

// TestTheLogIsSwitched off and on while writers write: what is there when it is on again
// is there after a restart.
func TestTheLogIsSwitched(t *testing.T) {
	p := new(places)
	e := openKept(t, p.options())
	stop := e.keepWriting(t, 2, "k")
	for range 20 {
		require.NoError(t, e.k.SetLog(t.Context(), false))
		require.False(t, e.k.LogOn())
		require.NoError(t, e.put(t.Context(), "k"))
		require.NoError(t, e.k.SetLog(t.Context(), true))
		require.True(t, e.k.LogOn())
		require.NoError(t, e.put(t.Context(), "k"))
	}
	stop()
	e = e.again(t, p.options())
	e.close(t)
}

// TestRulesTakeSnapshots: after so many changes and so much time, and not before; and a
// store that rests has nothing to wake up for.
func TestRulesTakeSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(places)
		o := p.options()
		o.LogOff = true
		o.Config.Rules = []Rule{{time.Hour, 1}, {time.Minute, 100}}
		e := openKept(t, o)
		saves := func() int64 { return e.k.Status().Save.Count }
		time.Sleep(100 * time.Hour)
		require.Zero(t, saves())
		require.NoError(t, e.put(t.Context(), "k"))
		time.Sleep(2 * time.Second)
		require.EqualValues(t, 1, saves(), "the last one is more than an hour ago")
		require.NoError(t, e.put(t.Context(), "k"))
		time.Sleep(59 * time.Minute)
		require.EqualValues(t, 1, saves())
		time.Sleep(time.Minute)
		require.EqualValues(t, 2, saves())
		for i := range 100 {
			require.NoError(t, e.put(t.Context(), fmt.Sprint(i)))
		}
		time.Sleep(57 * time.Second)
		require.EqualValues(t, 2, saves())
		time.Sleep(4 * time.Second)
		require.EqualValues(t, 3, saves())
		require.NoError(t, e.put(t.Context(), "at the end"))
		e.close(t)
		again := openKept(t, o)
		found, err := again.get(t.Context(), "at the end")
		require.NoError(t, err)
		require.True(t, found, "Close saves")
		again.close(t)
	})
}

// brokenPlace is a place for snapshots that fails while it is told to.
type brokenPlace struct {
	persist.Snapshotter
	broken atomic.Bool
}

func (b *brokenPlace) fail() error {
	if b.broken.Load() {
		return errDisk
	}
	return nil
}

func (b *brokenPlace) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	if err := b.fail(); err != nil {
		return nil, err
	}
	return b.Snapshotter.Create(ctx, about)
}

// TestASnapshotThatFails refuses writes until one succeeds, as Redis does.
func TestASnapshotThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(places)
		place := &brokenPlace{Snapshotter: &p.snaps}
		place.broken.Store(true)
		o := Options{Snapshots: place, Config: Config{Rules: []Rule{{time.Minute, 1}}}}
		e := openKept(t, o)
		require.NoError(t, e.put(t.Context(), "k"))
		time.Sleep(2 * time.Minute)
		require.ErrorIs(t, e.put(t.Context(), "k"), engine.ErrUnsaved)
		require.ErrorIs(t, e.put(t.Context(), "k"), engine.ErrDisk)
		_, err := e.get(t.Context(), "k")
		require.NoError(t, err)
		require.ErrorIs(t, e.k.Status().Save.Err, errDisk)
		place.broken.Store(false)
		time.Sleep(10 * time.Second)
		require.NoError(t, e.put(t.Context(), "k"))

		place.broken.Store(true)
		e.k.Configure(func(c *Config) { c.GoOn = true })
		time.Sleep(2 * time.Minute)
		require.ErrorIs(t, e.k.Status().Save.Err, errDisk)
		require.NoError(t, e.put(t.Context(), "k"))
		place.broken.Store(false)
		e.close(t)
	})
}

// TestALogIsMended by itself once the disk is well, and nothing that was acknowledged, or
// stands in memory, is lost.
func TestALogIsMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(places)
		place := &brokenPlace{Snapshotter: &p.snaps}
		o := p.options()
		o.Snapshots = place
		e := openKept(t, o)
		require.NoError(t, e.put(t.Context(), "before"))
		place.broken.Store(true)
		p.log.fails = func(string) error { return place.fail() }
		require.ErrorIs(t, e.put(t.Context(), "in flight"), engine.ErrNotDurable)
		time.Sleep(time.Hour)
		require.ErrorIs(t, e.put(t.Context(), "later"), engine.ErrDisk)
		require.ErrorIs(t, e.Refusal(), engine.ErrDisk)
		place.broken.Store(false)
		time.Sleep(time.Minute)
		require.NoError(t, e.put(t.Context(), "after"))
		require.NoError(t, e.Refusal())
		digest := e.digest(t)
		e.close(t)
		e = openKept(t, o)
		require.Equal(t, digest, e.digest(t))
		for _, name := range []string{"before", "in flight", "after"} {
			found, err := e.get(t.Context(), name)
			require.NoError(t, err)
			require.True(t, found, name)
		}
		e.close(t)
	})
}

// TestRestoreWhileWritersWrite: the new content is there in one moment, for good.
func TestRestoreWhileWritersWrite(t *testing.T) {
	from := openKept(t, Options{})
	for i := range 100 {
		require.NoError(t, from.put(t.Context(), fmt.Sprint("new ", i)))
	}
	var backup persist.MemorySnapshots
	_, err := Backup(t.Context(), from.Engine, from.k, nil, &backup)
	require.NoError(t, err)
	from.close(t)

	p := new(places)
	e := openKept(t, p.options())
	stop := e.keepWriting(t, 2, "old ")
	for range 10 {
		in, err := backup.Open(t.Context())
		require.NoError(t, err)
		require.NoError(t, Restore(t.Context(), e.Engine, e.k, in))
		found, err := e.get(t.Context(), "new 7")
		require.NoError(t, err)
		require.True(t, found)
	}
	stop()
	e = e.again(t, p.options())
	digest, position := e.digest(t), e.Position()
	require.NoError(t, e.k.Reload(t.Context()))
	require.Equal(t, digest, e.digest(t))
	require.Equal(t, position, e.Position())
	e.close(t)
}

// TestFinishLetsNoWriteIn: what is acknowledged is in the last snapshot.
func TestFinishLetsNoWriteIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(places)
		o := p.options()
		o.LogOff = true
		e := openKept(t, o)
		require.NoError(t, e.put(t.Context(), "before"))
		require.NoError(t, e.k.Finish(t.Context(), SaveLast, false))
		acknowledged := false
		go func() { acknowledged = e.put(t.Context(), "after") == nil }()
		synctest.Wait()
		require.False(t, acknowledged)
		e.close(t)
		synctest.Wait()
		require.False(t, acknowledged)
		e = openKept(t, o)
		for name, want := range map[string]bool{"before": true, "after": false} {
			found, err := e.get(t.Context(), name)
			require.NoError(t, err)
			require.Equal(t, want, found, name)
		}
		e.close(t)
	})
}

// TestASaveThatWasWaitedFor: its caller hears that it has failed, and nobody is refused.
func TestASaveThatWasWaitedFor(t *testing.T) {
	p := new(places)
	place := &brokenPlace{Snapshotter: &p.snaps}
	e := openKept(t, Options{Snapshots: place, Config: Config{Rules: []Rule{{time.Hour, 1}}}})
	place.broken.Store(true)
	require.ErrorIs(t, e.k.Save(t.Context()), errDisk)
	require.NoError(t, e.put(t.Context(), "k"))
	place.broken.Store(false)
	e.close(t)
}
