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
	"github.com/residedb/reside/replicate"
)

// sibling is an engine for Adopt with so many keys.
func sibling(t testing.TB, e *engine.Engine, keys int) *engine.Engine {
	other := e.Sibling()
	for i := range keys {
		k := engine.KeyOf(fmt.Append(nil, "other ", i))
		tx := other.BeginKey(k)
		require.NoError(t, tx.PutString(k, []byte("value"), 0))
		tx.Commit()
	}
	return other
}

func (e keptEngine) requireAt(t testing.TB, want Line) {
	require.Equal(t, want, Line{e.k.History(), e.Position()})
}

// TestAnotherLine is gone to, at a position before that of the old one, and is there when
// the store is opened again; so is what comes behind it.
func TestAnotherLine(t *testing.T) {
	for _, off := range []bool{false, true} {
		p := new(places)
		o := p.options()
		o.LogOff = off
		e := openKept(t, o)
		for i := range 50 {
			require.NoError(t, e.put(t.Context(), fmt.Sprint(i)))
		}
		require.NoError(t, e.k.Save(t.Context()))
		to, told := Line{replicate.NewHistory(), 10}, 0
		require.NoError(t, Adopt(t.Context(), e.Engine, e.k, sibling(t, e.Engine, 3), to, func(*engine.Tx) { told++ }))
		require.Equal(t, 1, told)
		e.requireAt(t, to)
		require.EqualValues(t, 3, e.Len(0))
		require.NoError(t, e.put(t.Context(), "behind"))
		if off {
			require.NoError(t, e.k.Save(t.Context()))
		}
		digest := e.digest(t)
		e.close(t)

		e = openKept(t, o)
		require.Equal(t, digest, e.digest(t))
		require.Equal(t, Line{to.History, 11}, Line{e.k.History(), e.Position()})
		own := Line{NewPromoted(), 11}
		require.NoError(t, Adopt(t.Context(), e.Engine, e.k, nil, own, func(*engine.Tx) { told++ }))
		require.Equal(t, digest, e.digest(t))
		e.close(t)

		e = openKept(t, o)
		require.Equal(t, digest, e.digest(t))
		e.requireAt(t, own)
		e.close(t)
	}
}

// TestAllEndsBetweenSnapshotAndLog of another line: the store is opened there. With a
// snapshot that says nothing of another line before it, it is not.
func TestAllEndsBetweenSnapshotAndLog(t *testing.T) {
	for name, opens := range map[string]bool{replicate.NewHistory(): true, NewPromoted(): true, newHistory(0): false} {
		p := new(places)
		e := openKept(t, p.options())
		require.NoError(t, e.put(t.Context(), "old"))
		p.log.fails = func(call string) error {
			if call == "begin" {
				return errDisk
			}
			return nil
		}
		err := Adopt(t.Context(), e.Engine, e.k, sibling(t, e.Engine, 3), Line{name, 10}, func(*engine.Tx) {})
		require.ErrorIs(t, err, errDisk)
		e.Close()
		require.ErrorIs(t, e.k.Close(), errDisk)

		p.log.fails = nil
		again := engine.New(engine.Options{})
		k, err := Open(t.Context(), again, p.options())
		if !opens {
			require.ErrorIs(t, err, persist.ErrHistory)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, Line{name, 10}, Line{k.History(), again.Position()})
		require.EqualValues(t, 3, again.Len(0))
		again.Close()
		require.NoError(t, k.Close())
	}
}

// TestReadersOfTheOldLine do not wait for what will never be durable, and those of the new
// one wait.
func TestReadersOfTheOldLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(places)
		e := openKept(t, p.options())
		for i := range 50 {
			require.NoError(t, e.put(t.Context(), fmt.Sprint(i)))
		}
		var held atomic.Bool
		release := make(chan struct{})
		p.log.fails = func(call string) error {
			if call == "begin" && held.Load() {
				<-release
			}
			return nil
		}
		held.Store(true)
		other, adopted := sibling(t, e.Engine, 3), make(chan error)
		go func() {
			adopted <- Adopt(t.Context(), e.Engine, e.k, other, Line{replicate.NewHistory(), 10}, func(*engine.Tx) {})
		}()
		synctest.Wait()
		require.NoError(t, e.Settle(t.Context(), engine.Mark{Position: 50}))
		require.ErrorIs(t, e.k.WaitDurable(t.Context(), 50), errFuture)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, e.Settle(ctx, engine.Mark{Position: 10}), context.DeadlineExceeded)
		close(release)
		require.NoError(t, <-adopted)
		require.NoError(t, e.Settle(t.Context(), engine.Mark{Position: 10}))
		e.close(t)
	})
}

// TestAnotherLineWithoutADisk: what could not be made durable at once is later.
func TestAnotherLineWithoutADisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(places)
		place := &brokenPlace{Snapshotter: &p.snaps}
		o := p.options()
		o.Snapshots = place
		e := openKept(t, o)
		require.NoError(t, e.put(t.Context(), "old"))
		place.broken.Store(true)
		to := Line{replicate.NewHistory(), 10}
		require.ErrorIs(t, Adopt(t.Context(), e.Engine, e.k, sibling(t, e.Engine, 3), to, func(*engine.Tx) {}), errDisk)
		require.EqualValues(t, 3, e.Len(0))
		require.ErrorIs(t, e.put(t.Context(), "new"), engine.ErrDisk)
		place.broken.Store(false)
		time.Sleep(time.Minute)
		require.NoError(t, e.put(t.Context(), "new"))
		digest := e.digest(t)
		e.close(t)
		e = openKept(t, o)
		require.Equal(t, digest, e.digest(t))
		require.Equal(t, Line{to.History, 11}, Line{e.k.History(), e.Position()})
		e.close(t)
	})
}
