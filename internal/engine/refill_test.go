package engine

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sibling is a sibling of e with the content of parts, at a position.
func sibling(t testing.TB, e *Engine, parts [][][]byte, position int64) *Engine {
	t.Helper()
	n := e.Sibling()
	r := n.Recover()
	for _, c := range slices.Concat(parts...) {
		require.NoError(t, r.Load(c))
	}
	require.NoError(t, r.End(nil))
	n.SetPosition(position)
	return n
}

// TestRefillWhileCutsAreVisited gives an engine other content again and again, between
// transactions and steps of cuts.
func TestRefillWhileCutsAreVisited(t *testing.T) {
	whole := 0
	for seed := range uint64(2) {
		s, other := newScene(t, rand.NewPCG(seed, 71)), newScene(t, rand.NewPCG(seed, 72))
		for i := range 40 {
			for range 60 {
				s.step()
			}
			for range 10 {
				other.transaction()
			}
			if i%4 == 3 { // the engine's own content of a moment ago
				other.e.Close()
				other.e = s.e.Fork(s.clock)
			}
			from := sibling(t, s.e, exported(t, other.e), int64(1000*i))
			if i%2 == 0 { // boxes that cuts have read
				c, err := from.Cut()
				require.NoError(t, err)
				require.NoError(t, c.Visit(t.Context(), new(tally)))
				require.ErrorIs(t, s.e.Refill(from), ErrBusy)
				c.Close()
			}
			require.NoError(t, s.e.Refill(from))
			require.Equal(t, other.e.everything(), s.e.everything())
			require.EqualValues(t, 1000*i, s.e.Position())
			require.Zero(t, from.Memory())
			require.Zero(t, from.Len(0))
			checkAccounts(t, s.e)
		}
		whole += s.whole
		s.end()
		other.end()
	}
	require.Greater(t, whole, 8)
}

func TestRefillNeedsASibling(t *testing.T) {
	e := newEngine(t, Options{Stripes: 4})
	put(t, e, "k")
	require.ErrorIs(t, e.Refill(newEngine(t, Options{Stripes: 8})), ErrSibling)
	require.ErrorIs(t, e.Refill(newEngine(t, Options{Stripes: 4, Databases: 2})), ErrSibling)
	require.True(t, exists(t, e, key("k")))
	require.NoError(t, e.Refill(e.Sibling()))
	require.False(t, exists(t, e, key("k")))
}

// TestRefillTellsWhoeverCares: watches, trackers, and waiters.
func TestRefillTellsWhoeverCares(t *testing.T) {
	e := newEngine(t, Options{Stripes: 4})
	put(t, e, "both", "before")
	f := e.Fork(e.Clock())
	t.Cleanup(f.Close)
	change(t, f, func(tx *Tx) error {
		_, err := tx.ListPush(key("list"), true, []byte("v"))
		_, err2 := tx.Delete(key("before"))
		return errors.Join(err, err2, tx.PutString(key("after"), nil, 0))
	})
	watches := map[string]*Watch{}
	for _, name := range []string{"both", "before", "after", "never"} {
		watches[name] = new(Watch)
		e.Watch(watches[name], key("%s", name))
	}
	x := listen(t, e, TrackMode{})
	x.read(e, key("both"), key("never"))
	cast := listen(t, e, TrackMode{Broadcast: true, Prefixes: []string{""}})
	w := park(e, key("list"))
	require.NoError(t, e.Refill(sibling(t, e, exported(t, f), 500)))
	for name, w := range watches {
		require.Equal(t, name != "never", w.Dirty(), name)
		e.Unwatch(w)
	}
	require.Equal(t, []string{"*"}, x.heard())
	require.Contains(t, cast.heard(), "*")
	require.Zero(t, trackStats(e).Keys)
	<-w.Done()
	require.False(t, exists(t, e, key("list")), "the waiter has taken what it waited for")
	require.EqualValues(t, 501, e.Position())
	checkAccounts(t, e)
}

// TestWhatRefillBringsExpiresAndIsEvicted as if it had always been there.
func TestWhatRefillBringsExpiresAndIsEvicted(t *testing.T) {
	for _, policy := range []Policy{AllKeysTinyLFU, AllKeysLFU, AllKeysLRU, VolatileTTL} {
		clock := newFakeClock()
		e := newEngine(t, Options{Stripes: 4, Clock: clock})
		e.Configure(func(c *Config) { c.Policy = policy })
		for i := range 200 {
			putUntil(t, e, string(number(i)), clock.ms()+50+int64(i%2)*1000)
		}
		from := sibling(t, e, exported(t, e), e.Position())
		clock.advance(500 * time.Millisecond)
		require.EqualValues(t, 100, e.Len(0))
		require.EqualValues(t, 200, from.Len(0), "a sibling's keys stay")
		require.NoError(t, e.Refill(from))
		clock.advance(200 * time.Millisecond)
		require.EqualValues(t, 100, e.Len(0))
		e.Configure(func(c *Config) { c.MaxMemory = e.Memory() / 2 })
		require.NoError(t, e.MakeRoom())
		require.InDelta(t, 50, e.Len(0), 10)
		checkAccounts(t, e)
		clock.advance(time.Second)
		require.Zero(t, e.Len(0))
		require.Zero(t, e.Memory())
	}
}

// TestACutHasWhatOneOfTheOtherEngineHadRead: the numbers of cuts do not meet.
func TestACutHasWhatOneOfTheOtherEngineHadRead(t *testing.T) {
	e := newEngine(t, Options{Stripes: 2})
	from := e.Sibling()
	for i, kind := range bigKinds {
		fill(t, from, i, key("%s", kind.name), 3)
	}
	exported(t, from)
	want := from.everything()
	require.NoError(t, e.Refill(from))
	require.Equal(t, want, loaded(t, Options{}, exported(t, e)).everything())
}

// TestRefillKeepsHowOftenKeysWereUsed although the stripes of the other engine have another
// time.
func TestRefillKeepsHowOftenKeysWereUsed(t *testing.T) {
	e := newEngine(t, Options{Stripes: 1})
	e.Configure(func(c *Config) { c.Policy = AllKeysTinyLFU })
	for i := range 3000 {
		put(t, e, "other")
		put(t, e, string(number(i)))
		require.NoError(t, e.delete(KeyOf(number(i))))
	}
	from := e.Sibling()
	put(t, from, "k")
	for range 4 {
		change(t, from, func(tx *Tx) error { _, err := tx.Find(key("k")); return err })
	}
	freq := func(e *Engine) (n uint8) {
		change(t, e, func(tx *Tx) error { n = tx.Freq(peek(tx, key("k"))); return nil })
		return n
	}
	want := freq(from)
	require.EqualValues(t, 5, want)
	require.NoError(t, e.Refill(from))
	require.Equal(t, want, freq(e))
}

// TestRefillIsOneMomentToOthers: transactions on several keys go on meanwhile, and none
// sees some keys of before and some of behind.
func TestRefillIsOneMomentToOthers(t *testing.T) {
	e := newEngine(t, Options{Stripes: 8})
	keys := []Key{key("a"), key("b"), key("c"), key("d"), key("e")}
	write := func(e *Engine, v []byte) error {
		tx := e.Begin(keys, false, false)
		defer tx.Commit()
		for _, k := range keys {
			if err := tx.PutString(k, v, 0); err != nil {
				return err
			}
		}
		return nil
	}
	require.NoError(t, write(e, []byte("0")))
	parts := exported(t, e)
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			tx := e.Begin(keys, false, false)
			first := string(peek(tx, keys[0]).Bytes())
			for _, k := range keys {
				if v := string(peek(tx, k).Bytes()); v != first {
					t.Errorf("%s and %s", first, v)
				}
			}
			tx.Commit()
			if err := write(e, number(i)); err != nil {
				t.Error(err)
			}
			select {
			case <-over:
				return
			default:
			}
		}
	})
	for i := range 200 {
		require.NoError(t, e.Refill(sibling(t, e, parts, int64(i))))
	}
	close(over)
	wg.Wait()
}
