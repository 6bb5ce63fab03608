package engine

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

func TestExpiryBoundary(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock})
	change(t, e, func(tx *Tx) error { tx.SetActiveExpire(false); return nil })
	putUntil(t, e, "k", clock.ms()+10)
	clock.advance(10 * time.Millisecond)
	require.True(t, exists(t, e, key("k")), "at its deadline a key is still there")
	clock.advance(time.Millisecond)
	require.EqualValues(t, 1, e.Len(0), "nobody has looked yet")
	require.False(t, exists(t, e, key("k")))
	require.EqualValues(t, 0, e.Len(0), "whoever looks deletes it")
	require.EqualValues(t, 1, e.Stats().Expired)
	checkAccounts(t, e)
}

func TestActiveExpiry(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock})
	for i := range 1000 {
		putUntil(t, e, string(key("k%d", i).B), clock.ms()+10)
	}
	h := key("hash")
	change(t, e, func(tx *Tx) error {
		for i := range 100 {
			if _, err := tx.HashPut(h, key("f%d", i).B, []byte("v")); err != nil {
				return err
			}
		}
		return tx.HashDeadline(h, clock.ms()+10, bytesOf("f1", "f2", "f3")...)
	})
	require.Equal(t, 1, clock.pending())
	clock.advance(10 * time.Millisecond)
	require.EqualValues(t, 1001, e.Len(0))
	clock.advance(time.Millisecond)
	require.EqualValues(t, 1, e.Len(0), "without anybody looking")
	change(t, e, func(tx *Tx) error {
		ent, err := tx.Peek(h)
		require.Equal(t, 97, ent.Hash().Len())
		return err
	})
	require.Zero(t, clock.pending(), "nothing is due any more")
	require.Equal(t, 1, clock.rung)
	checkAccounts(t, e)
}

// TestActiveExpiryBoundary: a key whose deadline is the very moment of a run stays.
func TestActiveExpiryBoundary(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock, Stripes: 1})
	putUntil(t, e, "past", clock.ms()+10)
	putUntil(t, e, "now", clock.ms()+11)
	clock.advance(11 * time.Millisecond)
	require.EqualValues(t, 1, e.Len(0))
	require.True(t, exists(t, e, key("now")))
	clock.advance(expiryGap * time.Millisecond)
	require.EqualValues(t, 0, e.Len(0))
}

func TestIdleStoreHasNoTimer(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock})
	put(t, e, "a", "b")
	require.Zero(t, clock.pending())
	clock.advance(24 * time.Hour)
	require.Zero(t, clock.rung)
}

// TestWakeUps lets keys expire all day long. Deadlines that stand close together
// share a wake-up, others have their own.
func TestWakeUps(t *testing.T) {
	const keys = 20_000
	clock, day := newFakeClock(), 24*time.Hour
	e := newEngine(t, Options{Clock: clock})
	for i := range keys / 2 { // all day, and very many in one minute
		putUntil(t, e, string(key("day%d", i).B), clock.ms()+int64(i)*2*day.Milliseconds()/keys)
		putUntil(t, e, string(key("minute%d", i).B), clock.ms()+time.Hour.Milliseconds()+int64(i)*2*time.Minute.Milliseconds()/keys)
	}
	require.Equal(t, 1, clock.pending())
	clock.advance(day + time.Second)
	require.EqualValues(t, 0, e.Len(0))
	require.Zero(t, clock.pending())
	require.LessOrEqual(t, clock.rung, keys/2+60*10+1, "ten a second at most")
	t.Logf("%d keys, %d wake-ups", keys, clock.rung)
}

func TestSoonerDeadlineTakesTheTimer(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock})
	putUntil(t, e, "late", clock.ms()+time.Hour.Milliseconds())
	putUntil(t, e, "soon", clock.ms()+1000)
	require.Equal(t, 1, clock.pending(), "the timer before was stopped")
	clock.advance(1001 * time.Millisecond)
	require.EqualValues(t, 1, e.Len(0))
	require.Equal(t, 1, clock.pending())
	clock.advance(time.Hour)
	require.EqualValues(t, 0, e.Len(0))
}

// TestReplacedTimerRings has a timer ring in the moment in which it is replaced:
// the one that took its place must stay the only one.
func TestReplacedTimerRings(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock})
	putUntil(t, e, "late", clock.ms()+2000)
	late := clock.next(clock.Now().Add(time.Hour)) // it rings, but its goroutine has not run
	clock.now = clock.now.Add(-2001 * time.Millisecond)
	putUntil(t, e, "soon", clock.ms()+1000)
	late.f()
	require.Equal(t, 1, clock.pending())
	e.Close()
	require.Zero(t, clock.pending(), "Close stops it")
}

func TestFarDeadline(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock})
	putUntil(t, e, "k", 1<<62)
	clock.advance(100 * time.Hour)
	require.True(t, exists(t, e, key("k")))
	require.Equal(t, 1, clock.pending())
	require.Zero(t, clock.rung)
}

func TestActiveExpiryOffAndOn(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock})
	putUntil(t, e, "a", clock.ms()+10)
	change(t, e, func(tx *Tx) error { tx.SetActiveExpire(false); return nil })
	require.Zero(t, clock.pending())
	putUntil(t, e, "b", clock.ms()+5)
	clock.advance(time.Second)
	require.EqualValues(t, 2, e.Len(0))
	change(t, e, func(tx *Tx) error { tx.SetActiveExpire(true); return nil })
	clock.advance(time.Second)
	require.EqualValues(t, 0, e.Len(0))
	e.Close()
	change(t, e, func(tx *Tx) error { tx.SetActiveExpire(true); return nil })
	putUntil(t, e, "c", clock.ms()+5)
	require.Zero(t, clock.pending(), "a closed engine has no background work")
}

// TestReplicaHides checks that a replica shows no key whose time has come, yet
// deletes only what the primary tells it to.
func TestReplicaHides(t *testing.T) {
	clock, log := newFakeClock(), new(tape)
	primary := newEngine(t, Options{Clock: clock})
	primary.Attach(primary.Tap(log.sink))
	putUntil(t, primary, "k", clock.ms()+10)
	h := key("hash")
	change(t, primary, func(tx *Tx) error {
		if _, err := tx.HashPut(h, bytesOf("f", "v", "g", "w")...); err != nil {
			return err
		}
		return tx.HashDeadline(h, clock.ms()+10, []byte("f"))
	})
	replica := log.replay(t, Options{Clock: clock, Replica: true})
	require.Equal(t, primary.Dump(), replica.Dump())
	timers := clock.pending()
	require.Equal(t, 1, timers, "the primary's")

	clock.advance(11 * time.Millisecond)
	require.False(t, exists(t, replica, key("k")))
	require.EqualValues(t, 2, replica.Len(0), "hidden, not deleted")
	require.EqualValues(t, 1, primary.Len(0))

	for _, r := range log.records[replica.Position():] {
		require.NoError(t, replica.Apply(r))
	}
	require.EqualValues(t, 1, replica.Len(0), "the primary's effect deletes it")
	require.Equal(t, primary.Dump(), replica.Dump())
	checkAccounts(t, replica)
}

// TestExpiredKeyIsWrittenAgain replays, long after, a key that expired and came back.
func TestExpiredKeyIsWrittenAgain(t *testing.T) {
	for _, replica := range []bool{false, true} {
		clock, log := newFakeClock(), new(tape)
		primary := newEngine(t, Options{Clock: clock})
		primary.Attach(primary.Tap(log.sink))
		change(t, primary, func(tx *Tx) error { tx.SetActiveExpire(false); return nil })
		putUntil(t, primary, "k", clock.ms()+10)
		clock.advance(time.Second)
		put(t, primary, "k")
		clock.advance(time.Hour)
		copied := log.replay(t, Options{Clock: clock, Replica: replica})
		require.EqualValues(t, 1, copied.Len(0))
		require.Equal(t, primary.Dump(), copied.Dump())
		require.Equal(t, primary.Position(), copied.Position())
		checkAccounts(t, copied)
	}
}

func TestRandomKeyOfReplica(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock, Replica: true, Seed: 1})
	for i := range 50 {
		putUntil(t, e, string(key("dead%d", i).B), clock.ms()-1)
	}
	put(t, e, "a", "b", "c", "d")
	counts := map[string]int{}
	for range 4000 {
		change(t, e, func(tx *Tx) error {
			ent, err := tx.RandomEntry(0)
			counts[string(ent.Key())]++
			return err
		})
	}
	dstest.Uniform(t, counts, 4)
	require.EqualValues(t, 54, e.Len(0))
}

// TestDeadlinesAtRandom moves deadlines and time about and checks what is kept of
// them.
func TestDeadlinesAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock})
	for range 3000 {
		k := key("k%d", r.IntN(40))
		at := clock.ms() + r.Int64N(300) - 20
		change(t, e, func(tx *Tx) (err error) {
			switch r.IntN(7) {
			case 0:
				err = tx.PutString(k, nil, at*r.Int64N(2))
			case 1:
				_, err = tx.SetDeadline(k, at*r.Int64N(2))
			case 2:
				_, err = tx.Delete(k)
			case 3:
				_, err = tx.Rename(k, key("k%d", r.IntN(40)))
			case 4:
				if _, err = tx.HashPut(k, bytesOf("f", "v", "g", "v")...); err == nil {
					err = tx.HashDeadline(k, at, []byte("f"))
				}
			case 5:
				_, err = tx.HashDelete(k, []byte("f"))
			case 6:
				_, err = tx.HashPut(k, bytesOf("f", "w")...)
			}
			if err == ErrWrongType {
				err = nil
			}
			return err
		})
		if r.IntN(10) == 0 {
			clock.advance(time.Duration(r.IntN(100)) * time.Millisecond)
		}
		checkAccounts(t, e)
	}
}
