package engine

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/effect"
)

// history runs random transactions, undone ones too, while time passes.
func history(t testing.TB, seed uint64, transactions int) (*Engine, *tape) {
	clock := newFakeClock()
	e, log := newEngine(t, Options{Clock: clock, Stripes: 8, Databases: 3}), new(tape)
	e.Configure(func(c *Config) { c.Limits = smallLimits })
	change(t, e, func(tx *Tx) error { attach(tx, log); return nil })
	r := rand.New(rand.NewPCG(seed, 61))
	for range transactions {
		w := writer{r, clock.ms()}
		tx := e.Begin(nil, true, true)
		for range 1 + r.IntN(4) {
			require.NoError(t, w.grow(tx))
			require.NoError(t, w.mutate(tx))
		}
		if r.IntN(5) == 0 {
			tx.Rollback()
		} else {
			tx.Commit()
		}
		clock.advance(time.Duration(r.IntN(5)) * time.Millisecond)
	}
	return e, log
}

// TestReplayDoesWhatApplyDoes with the records of random histories.
func TestReplayDoesWhatApplyDoes(t *testing.T) {
	for seed := range uint64(10) {
		e, log := history(t, seed, 300)
		o := Options{Stripes: 2, Databases: 3, Clock: e.Clock()}
		f := newEngine(t, o)
		f.Configure(func(c *Config) { c.Limits = smallLimits })
		r := f.Recover()
		for _, rec := range log.records {
			require.NoError(t, r.Replay(rec))
		}
		require.NoError(t, r.End(func(tx *Tx) { require.Equal(t, e.Position(), tx.Position()) }))
		require.Equal(t, e.Position(), f.Position(), "seed %d", seed)
		require.Equal(t, e.everything(), f.everything(), "seed %d", seed)
		require.Equal(t, e.details(), f.details(), "seed %d", seed)
		checkAccounts(t, f)
		put(t, f, "next")
		require.Equal(t, e.Position()+1, f.Position())
	}
}

// TestASnapshotAndRecordsBehindItAreTheWhole at every position of a history.
func TestASnapshotAndRecordsBehindItAreTheWhole(t *testing.T) {
	s := newScene(t, rand.NewPCG(1, 62))
	log := new(tape)
	change(t, s.e, func(tx *Tx) error { attach(tx, log); return nil })
	type snapshot struct {
		position int64
		parts    [][][]byte
	}
	var all []snapshot
	for range 40 {
		c, err := s.e.Cut()
		require.NoError(t, err)
		all = append(all, snapshot{c.Position, exportCut(t, c)})
		c.Close()
		for range 10 {
			s.transaction()
			s.clock.advance(time.Millisecond)
		}
	}
	for _, snap := range all {
		e := newEngine(t, Options{Stripes: 16, Databases: 3, Clock: s.clock})
		e.Configure(func(c *Config) { c.Limits = smallLimits })
		r := e.Recover()
		for _, chunks := range snap.parts {
			for _, c := range chunks {
				require.NoError(t, r.Load(c))
			}
		}
		e.SetPosition(snap.position)
		require.Equal(t, snap.position, e.Position())
		for _, rec := range log.records[snap.position:] {
			require.NoError(t, r.Replay(rec))
		}
		require.NoError(t, r.End(nil))
		require.Equal(t, s.e.Position(), e.Position())
		require.Equal(t, s.e.everything(), e.everything(), "from %d", snap.position)
		checkAccounts(t, e)
	}
	s.end()
}

// TestReplayRefuses records that cannot be, or not in this place.
func TestReplayRefuses(t *testing.T) {
	good := effectOf(effect.StringPut, numbersOf(0, 0), "v")
	for name, recs := range map[string][]Record{
		"the second first":      {{Seq: 2, Effects: good}},
		"the first twice":       {{Seq: 1, Effects: good}, {Seq: 1, Effects: good}},
		"one left out":          {{Seq: 1, Effects: good}, {Seq: 3, Effects: good}},
		"half an effect":        {{Seq: 1, Effects: good[:len(good)-1]}},
		"an effect of a chunk":  {{Seq: 1, Effects: effectOf(effect.Build, numbersOf(int64(Set), 0, 0, 1), "m")}},
		"an effect on no list":  {{Seq: 1, Effects: effectOf(effect.ListPop, numbersOf(0, 1))}},
		"the wrong kind of key": {{Seq: 1, Effects: good}, {Seq: 2, Effects: effectOf(effect.SetAdd, nil, "m")}},
	} {
		e := newEngine(t, Options{})
		r := e.Recover()
		for i, rec := range recs {
			err := r.Replay(rec)
			require.Equal(t, i == len(recs)-1, err != nil, name)
			if err != nil {
				require.ErrorContains(t, err, "record ", name)
			}
		}
		_ = r.End(nil)
	}
}

// TestRecordsSeeWhatHasExpired: they alone say which key's time has come, and when it was
// used.
func TestRecordsSeeWhatHasExpired(t *testing.T) {
	e := newEngine(t, Options{Clock: newFakeClock()})
	e.Configure(func(c *Config) { c.Policy = AllKeysLFU })
	r := e.Recover()
	require.NoError(t, r.Replay(Record{Seq: 1, Clock: 50, Effects: effectOf(effect.StringPut, numbersOf(100, 0), "before")}))
	require.NoError(t, r.Replay(Record{Seq: 2, Clock: 600_000, Effects: effectOf(effect.StringWrite, numbersOf(0), "BE")}))
	require.NoError(t, r.Replay(Record{Seq: 3, Clock: 600_000, Effects: effect.Append(nil, false, effect.StringPut, 0, []byte("new"), numbersOf(0, 0), bytesOf("v"))}))
	require.NoError(t, r.End(func(tx *Tx) {
		require.Equal(t, "BEfore", string(e.stripe(key("k").Hash).lookup(key("k")).Bytes()))
		require.EqualValues(t, 10, peek(tx, key("new")).access>>8, "minutes")
	}))
}

// TestARecordNeedsWholeKeys: none comes before the last chunk.
func TestARecordNeedsWholeKeys(t *testing.T) {
	e := newEngine(t, Options{})
	r := e.Recover()
	require.NoError(t, r.Load(effectOf(effect.Build, numbersOf(int64(Set), 0, 0, 2), "m")))
	require.ErrorIs(t, r.Replay(Record{Seq: 1, Effects: effectOf(effect.SetAdd, nil, "n")}), ErrMalformed)
	called := false
	require.ErrorIs(t, r.End(func(*Tx) { called = true }), ErrMalformed)
	require.False(t, called)
	put(t, e, "others may use it")
}

// TestSetPosition is before transactions of stripes that count, and behind them.
func TestSetPosition(t *testing.T) {
	e := newEngine(t, Options{})
	put(t, e, "a", "b", "c")
	e.SetPosition(100)
	require.EqualValues(t, 100, e.Position())
	put(t, e, "d")
	require.EqualValues(t, 101, e.Position())
	log := new(tape)
	change(t, e, func(tx *Tx) error { attach(tx, log); return nil })
	put(t, e, "e")
	require.EqualValues(t, 102, e.Position())
	require.EqualValues(t, 102, log.records[0].Seq)
	c, err := e.Cut()
	require.NoError(t, err)
	require.EqualValues(t, 102, c.Position)
	c.Close()
}

// TestReplayAllocatesNothing for records of keys that are there.
func TestReplayAllocatesNothing(t *testing.T) {
	r := newEngine(t, Options{}).Recover()
	rec := Record{Clock: 1, Effects: effectOf(effect.StringPut, numbersOf(0, 0), "value")}
	next := func() {
		rec.Seq++
		if err := r.Replay(rec); err != nil {
			t.Error(err)
		}
	}
	next()
	require.Zero(t, testing.AllocsPerRun(1000, next))
	require.NoError(t, r.End(nil))
}

// TestMemoryGoesBackDuringReplay: what records delete does not stay.
func TestMemoryGoesBackDuringReplay(t *testing.T) {
	const n = 100_000
	e := newEngine(t, Options{Stripes: 4})
	r := e.Recover()
	value := make([]byte, 200)
	seq := int64(0)
	replay := func(op effect.Op, i int, ints []int64, blobs ...[]byte) {
		seq++
		require.NoError(t, r.Replay(Record{Seq: seq, Clock: 1, Effects: effect.Append(nil, false, op, 0, number(i), ints, blobs)}))
	}
	before := heapInUse()
	for i := range n {
		replay(effect.StringPut, i, numbersOf(0, 0), value)
	}
	full := heapInUse() - before
	for i := range n - n/50 {
		replay(effect.Delete, i, nil)
	}
	require.Less(t, heapInUse()-before, full/4)
	require.NoError(t, r.End(nil))
	checkAccounts(t, e)
}

// FuzzReplay replays any bytes. They never panic, and what they do is accounted for.
func FuzzReplay(f *testing.F) {
	_, log := history(f, 1, 40)
	for _, rec := range log.records {
		if len(rec.Effects) < 4<<10 {
			f.Add(rec.Effects)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if absurd(b) {
			return
		}
		e := sample(t, nil)
		e.SetPosition(4)
		r := e.Recover()
		err := r.Replay(Record{Seq: 5, Clock: 1 << 40, Effects: b})
		require.NoError(t, r.End(nil))
		if err == nil {
			require.EqualValues(t, 5, e.Position())
			checkAccounts(t, e)
			twin := sample(t, nil)
			require.NoError(t, twin.Apply(Record{Clock: 1 << 40, Effects: b}))
			require.Equal(t, twin.everything(), e.everything())
		}
	})
}
