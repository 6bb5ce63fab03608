package engine

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// copier is a tracker that keeps what it is told.
type copier struct {
	Tracker
	mu   sync.Mutex
	told []string // messages: names joined by spaces, "*" for all keys
}

func listen(t testing.TB, e *Engine, mode TrackMode) *copier {
	t.Helper()
	x := new(copier)
	x.Tell = func(keys []string) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if keys == nil {
			keys = []string{"*"}
		}
		x.told = append(x.told, strings.Join(keys, " "))
	}
	mode.On = true
	change(t, e, func(tx *Tx) error { tx.Track(&x.Tracker, mode); return nil })
	return x
}

// heard returns the messages since the last call.
func (x *copier) heard() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	told := x.told
	x.told = nil
	return told
}

// read remembers keys, as a reading command does.
func (x *copier) read(e *Engine, keys ...Key) {
	tx := e.Begin(keys, false, false)
	tx.Remember(&x.Tracker, keys)
	tx.Commit()
}

func trackStats(e *Engine) TrackStats {
	tx := e.Begin(nil, true, false)
	defer tx.Commit()
	return tx.TrackStats()
}

// checkRemembered holds the counters to what is there.
func checkRemembered(t testing.TB, e *Engine) {
	t.Helper()
	tx := e.Begin(nil, true, false)
	defer tx.Commit()
	var keys, items int64
	for _, s := range tx.held {
		if s.interest == nil {
			continue
		}
		for _, x := range s.interest.tracked {
			keys++
			x.each(func(*Tracker) { items++ })
		}
	}
	st := tx.TrackStats()
	require.Equal(t, keys, st.Keys)
	require.Equal(t, items, st.Items)
}

// values are the keys' values in both databases, by name.
func values(e *Engine) map[string]string {
	tx := e.beginAll(false)
	defer tx.Commit()
	all := map[string]string{}
	for db := range 2 {
		for i := range e.stripes {
			if sp := e.stripes[i].space(db); sp != nil {
				for ent := range sp.keys.all() {
					all[string(ent.Key())] += ent.dump(db)
				}
			}
		}
	}
	return all
}

// TestTrackersMissNoChange makes random changes through every mutator. Whoever has
// read a key is told when it is another, whoever listens to a prefix of every
// change, and what is rolled back has not been.
func TestTrackersMissNoChange(t *testing.T) {
	clock := newFakeClock()
	r := rand.New(rand.NewPCG(7, 7))
	e := newEngine(t, Options{Clock: clock, Stripes: 8})
	e.Configure(func(c *Config) { c.Limits = smallLimits })
	reader, caster := listen(t, e, TrackMode{}), listen(t, e, TrackMode{Broadcast: true, Prefixes: []string{"key1"}})
	read := map[string]bool{}
	for range 4000 {
		for range 3 {
			k := writer{r, 0}.key()
			reader.read(e, k)
			read[string(k.B)] = true
		}
		before := values(e)
		tx := e.Begin(nil, true, true)
		for range 1 + r.IntN(4) {
			require.NoError(t, writer{r, clock.ms()}.mutate(tx))
		}
		if r.IntN(3) == 0 {
			tx.Rollback()
			require.Empty(t, reader.heard())
			require.Empty(t, caster.heard())
			require.EqualValues(t, len(read), trackStats(e).Keys)
			continue
		}
		tx.Commit()
		if r.IntN(8) == 0 {
			clock.advance(time.Duration(r.IntN(200)) * time.Millisecond)
		}
		after := values(e)
		toReader, toCaster := words(reader.heard()), words(caster.heard())
		for _, name := range slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after))) {
			if before[name] == after[name] {
				continue
			}
			require.True(t, !read[name] || toReader[name] || toReader["*"], name)
			require.True(t, !strings.HasPrefix(name, "key1") || toCaster[name] || toCaster["*"], name)
		}
		for name := range toReader {
			require.True(t, name == "*" || read[name], "%s was told twice", name)
			delete(read, name)
		}
		if toReader["*"] {
			clear(read)
		}
		checkRemembered(t, e)
	}
}

func words(messages []string) map[string]bool {
	all := map[string]bool{}
	for _, m := range messages {
		for name := range strings.FieldsSeq(m) {
			all[name] = true
		}
	}
	return all
}

func TestTrackersAreToldOfRemovals(t *testing.T) {
	e, clock := full(t, AllKeysRandom, 20)
	x := listen(t, e, TrackMode{NoLoop: true})
	for name := range values(e) {
		x.read(e, key("%s", name))
	}
	gone := evicted(t, e, 20, 5)
	require.Len(t, x.heard(), len(gone), "evicted")
	clock.advance(2 * time.Hour)
	left := e.Len(0)
	require.Len(t, x.heard(), 20-len(gone)-int(left), "expired")
	require.Equal(t, left, trackStats(e).Keys)
}

// TestOwnChangesOfWaiters: what a waiter takes is its own change, what it was
// brought is not.
func TestOwnChangesOfWaiters(t *testing.T) {
	e := newEngine(t, Options{})
	k := key("list")
	pusher, popper := listen(t, e, TrackMode{NoLoop: true}), listen(t, e, TrackMode{NoLoop: true})
	cast := listen(t, e, TrackMode{Broadcast: true, NoLoop: true, Prefixes: []string{""}})
	w := park(e, k)
	try := w.Try
	w.Try = func(tx *Tx) error {
		tx.By(&cast.Tracker)
		return try(tx)
	}
	pusher.read(e, k)
	popper.read(e, k)
	tx := e.Begin([]Key{k}, false, false)
	tx.By(&pusher.Tracker)
	_, err := tx.ListPush(k, true, []byte("v"))
	require.NoError(t, err)
	tx.Commit()
	<-w.Done()
	require.Empty(t, pusher.heard())
	require.Equal(t, []string{"list"}, popper.heard())
	require.Equal(t, []string{"list"}, cast.heard(), "somebody else changed it too")
}

// TestWaitersAreOthers: what a waiter takes that tracks nothing is no change of
// whoever brought it.
func TestWaitersAreOthers(t *testing.T) {
	e := newEngine(t, Options{})
	k := key("list")
	pusher := listen(t, e, TrackMode{Broadcast: true, NoLoop: true, Prefixes: []string{""}})
	push := func() {
		tx := e.Begin([]Key{k}, false, false)
		tx.By(&pusher.Tracker)
		_, err := tx.ListPush(k, true, []byte("v"))
		require.NoError(t, err)
		tx.Commit()
	}
	push()
	require.Empty(t, pusher.heard())
	change(t, e, func(tx *Tx) error { _, err := tx.Delete(k); return err })
	require.Equal(t, []string{"list"}, pusher.heard())
	w := park(e, k)
	push()
	<-w.Done()
	require.Equal(t, []string{"list"}, pusher.heard())
}

// TestRestartIsByTheSame: a transaction that begins again works for the same one.
func TestRestartIsByTheSame(t *testing.T) {
	e := newEngine(t, Options{})
	x := listen(t, e, TrackMode{NoLoop: true})
	high, low := keyIn(e, 40), keyIn(e, 3)
	x.read(e, high, low)
	other := e.BeginKey(low)
	tx := e.Begin([]Key{high}, false, true)
	tx.By(&x.Tracker)
	require.NoError(t, tx.PutString(high, []byte("v"), 0))
	require.ErrorIs(t, tx.PutString(low, []byte("v"), 0), ErrRestart)
	again := make(chan *Tx)
	go func() { again <- tx.Restart() }()
	other.Commit()
	tx = <-again
	require.EqualValues(t, 2, e.Remembered(), "nothing was changed")
	require.NoError(t, tx.PutString(high, []byte("v"), 0))
	tx.Commit()
	require.Empty(t, x.heard())
	require.EqualValues(t, 1, e.Remembered())
}

func TestBroadcastOnceATransaction(t *testing.T) {
	e := newEngine(t, Options{})
	all, some := listen(t, e, TrackMode{Broadcast: true, Prefixes: []string{""}}), listen(t, e, TrackMode{Broadcast: true, Prefixes: []string{"b", "a1"}})
	own := listen(t, e, TrackMode{Broadcast: true, NoLoop: true, Prefixes: []string{"a"}})
	change(t, e, func(tx *Tx) error {
		for i, name := range []string{"c", "b1", "a2", "a1", "b1", "a"} {
			if tx.By(nil); i > 2 {
				tx.By(&own.Tracker)
			}
			if err := tx.PutString(key("%s", name), nil, 0); err != nil {
				return err
			}
		}
		return nil
	})
	require.Equal(t, []string{"a a1 a2 b1 c"}, all.heard())
	require.Equal(t, []string{"a1", "b1"}, some.heard())
	require.Equal(t, []string{"a2"}, own.heard())
	require.Equal(t, 4, trackStats(e).Prefixes)
}

func TestTrimRemembered(t *testing.T) {
	e := newEngine(t, Options{})
	x, y := listen(t, e, TrackMode{NoLoop: true}), listen(t, e, TrackMode{})
	for i := range 1000 {
		x.read(e, key("k%d", i))
	}
	y.read(e, key("k1"))
	e.TrimRemembered(1000)
	require.Empty(t, x.heard(), "there is no more than that")
	e.TrimRemembered(400)
	told := words(x.heard())
	require.Len(t, told, 600)
	require.EqualValues(t, 400, e.Remembered())
	for i := range 1000 {
		put(t, e, fmt.Sprint("k", i))
	}
	again := words(x.heard())
	require.Len(t, again, 400)
	for name := range told {
		require.NotContains(t, again, name, "it was forgotten")
	}
	require.Equal(t, []string{"k1"}, y.heard())
	checkRemembered(t, e)
}

// TestTrackersThatAreGone leave nothing behind, however many come and go.
func TestTrackersThatAreGone(t *testing.T) {
	e := newEngine(t, Options{})
	stays := listen(t, e, TrackMode{})
	for i := range 10 {
		stays.read(e, key("k%d", i))
	}
	for range 1000 {
		x := listen(t, e, TrackMode{})
		for i := range 10 {
			x.read(e, key("k%d", i))
		}
		e.Forget(&x.Tracker)
		require.LessOrEqual(t, trackStats(e).Items, int64(40))
	}
	checkRemembered(t, e)
	put(t, e, "k1")
	require.Equal(t, []string{"k1"}, stays.heard())
	e.Forget(&stays.Tracker)
	require.Zero(t, trackStats(e))
	for i := range e.stripes {
		require.Nil(t, e.stripes[i].interest, "nobody is left")
	}
}

// TestModesOfTrackers: one that is off hears nothing, what was remembered for it
// stays, and one that broadcasts does not hear of it.
func TestModesOfTrackers(t *testing.T) {
	e := newEngine(t, Options{})
	x := listen(t, e, TrackMode{})
	mode := func(m TrackMode) {
		change(t, e, func(tx *Tx) error { tx.Track(&x.Tracker, m); return nil })
	}
	x.read(e, key("a"), key("b"), key("c"))
	mode(TrackMode{})
	put(t, e, "a")
	mode(TrackMode{On: true, Broadcast: true, Prefixes: []string{"p"}})
	put(t, e, "b")
	change(t, e, func(tx *Tx) error { _, err := tx.FlushDB(3); return err })
	require.Equal(t, []string{"*"}, x.heard())
	x.read(e, key("c"))
	mode(TrackMode{On: true})
	put(t, e, "a", "b", "c", "p")
	require.Equal(t, []string{"c"}, x.heard())
}
