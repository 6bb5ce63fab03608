package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/effect"
)

// exported is the chunks of all parts of a cut.
func exported(t testing.TB, e *Engine) [][][]byte {
	t.Helper()
	c, err := e.Cut()
	require.NoError(t, err)
	defer c.Close()
	return exportCut(t, c)
}

func exportCut(t testing.TB, c *Cut) [][][]byte {
	t.Helper()
	parts := make([][][]byte, c.Parts())
	var mu sync.Mutex
	keys := 0
	require.NoError(t, c.EachPart(t.Context(), func(ctx context.Context, part int) error {
		return c.Export(ctx, part, func(n int, effects []byte) error {
			mu.Lock()
			defer mu.Unlock()
			keys += n
			parts[part] = append(parts[part], slices.Clone(effects))
			return nil
		})
	}))
	require.EqualValues(t, c.Keys, keys)
	return parts
}

// loaded is a new engine with the content of parts, each of which is loaded by a
// goroutine.
func loaded(t testing.TB, o Options, parts [][][]byte) *Engine {
	t.Helper()
	e := newEngine(t, o)
	e.Configure(func(c *Config) { c.Limits = smallLimits })
	r := e.Recover()
	var wg sync.WaitGroup
	for _, chunks := range parts {
		wg.Go(func() {
			for _, c := range chunks {
				if err := r.Load(c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, r.End(nil))
	return e
}

// forms is how strings and sorted sets are kept.
func (e *Engine) forms() map[string]string {
	all := map[string]string{}
	for k, v := range e.details() {
		if kind := k[len("db0 "):]; kind[0] == 's' && kind[1] == 't' || kind[0] == 'z' {
			all[k] = v
		}
	}
	return all
}

// TestWhatIsExportedIsLoaded loads random content into engines with other stripes.
func TestWhatIsExportedIsLoaded(t *testing.T) {
	keys := 0
	for seed := range uint64(12) {
		s := newScene(t, rand.NewPCG(seed, 41))
		for range 60 {
			s.transaction()
		}
		parts := exported(t, s.e)
		for _, stripes := range []int{1, 4, 16} {
			e := loaded(t, Options{Stripes: stripes, Databases: 3, Clock: s.clock}, parts)
			require.Equal(t, s.e.everything(), e.everything(), "seed %d", seed)
			require.Equal(t, s.e.forms(), e.forms(), "seed %d", seed)
			require.Equal(t, digest(t, s.e), digest(t, e), "seed %d", seed)
			checkAccounts(t, e)
			keys += int(e.Len(0) + e.Len(1))
		}
		s.end()
	}
	require.Greater(t, keys, 200)
}

// TestBigCollectionsComeInChunks: the first effect of a collection says how many elements
// there will be, no chunk is much longer than it should be, and each names its keys.
func TestBigCollectionsComeInChunks(t *testing.T) {
	n := 50_000
	if *longFlag {
		n = 1_000_000
	}
	for kind, k := range bigKinds {
		t.Run(k.name, func(t *testing.T) {
			e := newEngine(t, Options{Stripes: 1})
			fill(t, e, kind, key("big"), n)
			fill(t, e, kind, key("small"), 10)
			if k.name == "hash" {
				change(t, e, func(tx *Tx) error { return tx.HashDeadline(key("big"), 1<<45, numbers(100, 5000)...) })
			}
			parts := exported(t, e)
			all := map[string]int64{}
			require.Greater(t, len(parts[0]), 5)
			for _, chunk := range parts[0] {
				require.Less(t, len(chunk), effect.ChunkTarget+100)
				r := effect.NewReader(chunk)
				for ef, ok := r.Next(); ok; ef, ok = r.Next() {
					name := string(ef.Key)
					if _, there := all[name]; !there {
						require.Equal(t, effect.Build, ef.Op)
						require.EqualValues(t, List+Kind([]int{3, 1, 2, 0}[kind]), ef.Ints[0])
						all[name] = ef.Ints[3]
					} else {
						require.Equal(t, effect.Extend, ef.Op)
					}
					all[name] -= int64(len(ef.Blobs) / []int{3, 1, 2, 1}[kind])
				}
				require.NoError(t, r.Err())
			}
			require.Equal(t, map[string]int64{"big": 0, "small": 0}, all)
			require.Equal(t, e.everything(), loaded(t, Options{}, parts).everything())
		})
	}
}

// TestLongStringsComeInPieces has strings of a page, a byte more, and many pages.
func TestLongStringsComeInPieces(t *testing.T) {
	e := newEngine(t, Options{Stripes: 2})
	r := rand.New(rand.NewPCG(1, 42))
	for _, n := range []int{0, 1, maxPackedValue, maxPackedValue + 1, stringPage - 1, stringPage, stringPage + 1, 2 * stringPage, 1<<20 + 5} {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		k := key("of %d", n)
		change(t, e, func(tx *Tx) error {
			return errors.Join(tx.PutString(k, b, int64(n)<<30), tx.PutText(k.In(1), b, 0))
		})
		change(t, e, func(tx *Tx) error { _, err := tx.WriteString(k.In(1), 0, []byte("x")); return err })
	}
	parts := exported(t, e)
	for _, chunk := range slices.Concat(parts...) {
		require.Less(t, len(chunk), effect.ChunkTarget+100)
	}
	f := loaded(t, Options{}, parts)
	require.Equal(t, e.forms(), f.forms())
	require.True(t, e.everything() == f.everything())
	checkAccounts(t, f)
}

// TestALongElementIsAChunkOfItsOwn between shorter ones.
func TestALongElementIsAChunkOfItsOwn(t *testing.T) {
	e := newEngine(t, Options{Stripes: 1})
	long := bytes.Repeat([]byte("long"), 100_000)
	change(t, e, func(tx *Tx) error {
		_, err := tx.ListPush(key("k"), true, []byte("a"), long, []byte("b"))
		return err
	})
	parts := exported(t, e)
	require.Len(t, parts[0], 3)
	require.Less(t, len(parts[0][1]), len(long)+20)
	require.Equal(t, e.everything(), loaded(t, Options{}, parts).everything())
}

// TestAChunkKeepsTheSignOfZero of scores in a large sorted set that is small by now.
func TestAChunkKeepsTheSignOfZero(t *testing.T) {
	minus := math.Copysign(0, -1)
	e, k := newEngine(t, Options{Stripes: 1}), key("k")
	log := new(tape)
	e.Attach(e.Tap(log.sink))
	change(t, e, func(tx *Tx) error {
		return errors.Join(zfill(tx, k, 1, numbers(0, 200)), zput(tx, k, []byte("a"), minus), tx.ZSetRemoveRange(k, 2, 200),
			tx.Replace(key("copy"), ZSet, peek(tx, k).CloneObject(), 0))
	})
	f := loaded(t, Options{}, exported(t, e))
	for _, e := range []*Engine{e, f, log.replay(t, Options{})} {
		for _, k := range []Key{k, key("copy")} {
			change(t, e, func(tx *Tx) error { return zput(tx, k, []byte("b"), minus) })
			for _, m := range []string{"a", "b"} {
				tx := e.BeginKey(k)
				score, _ := peek(tx, k).ZSet().Score([]byte(m))
				tx.Commit()
				require.True(t, math.Signbit(score), m)
			}
		}
	}
}

func peek(tx *Tx, k Key) *Entry {
	e, _ := tx.Peek(k)
	return e
}

// TestAnExportEndsWithItsErrors or with that of its context.
func TestAnExportEndsWithItsErrors(t *testing.T) {
	e := newEngine(t, Options{Stripes: 1})
	fill(t, e, 0, key("k"), 20_000)
	c, err := e.Cut()
	require.NoError(t, err)
	defer c.Close()
	failed, calls := errors.New("no room"), 0
	require.ErrorIs(t, c.Export(t.Context(), 0, func(int, []byte) error {
		calls++
		return failed
	}), failed)
	require.Equal(t, 1, calls)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, c.Export(ctx, 0, nil), context.Canceled)
}

// TestExportAndLoadAllocateLittle for each of many strings.
func TestExportAndLoadAllocateLittle(t *testing.T) {
	e := newEngine(t, Options{Stripes: 1})
	for i := range 20_000 {
		put(t, e, fmt.Sprint("key", i))
	}
	parts := exported(t, e)
	allocs := testing.AllocsPerRun(3, func() {
		c, err := e.Cut()
		require.NoError(t, err)
		require.NoError(t, c.Export(t.Context(), 0, func(int, []byte) error { return nil }))
		c.Close()
	})
	require.Less(t, allocs, 200.0)
	f := newEngine(t, Options{Stripes: 1})
	allocs = testing.AllocsPerRun(1, func() {
		r := f.Recover()
		change(t, f, func(tx *Tx) error { _, err := tx.FlushDB(0); return err })
		for _, c := range parts[0] {
			require.NoError(t, r.Load(c))
		}
		require.NoError(t, r.End(nil))
	})
	require.Less(t, allocs, 500.0)
}

// TestKeysExpireAfterTheRecovery and not before; what the end attaches hears of it.
func TestKeysExpireAfterTheRecovery(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Stripes: 4, Clock: clock})
	fields := numbers(0, 10)
	change(t, e, func(tx *Tx) error {
		_, err := tx.HashPut(key("hash"), double(fields)...)
		return errors.Join(err, tx.HashDeadline(key("hash"), clock.ms()+20, fields...),
			tx.PutString(key("short"), []byte("v"), clock.ms()+20), tx.PutString(key("long"), make([]byte, 5000), clock.ms()+20))
	})
	parts := exported(t, e)
	e.Close()
	f := newEngine(t, Options{Stripes: 4, Clock: clock})
	r := f.Recover()
	for _, c := range slices.Concat(parts...) {
		require.NoError(t, r.Load(c))
	}
	f.SetPosition(70)
	clock.advance(time.Second)
	require.EqualValues(t, 3, f.Len(0))
	log := new(tape)
	require.NoError(t, r.End(func(tx *Tx) { attach(tx, log) }))
	clock.advance(time.Second)
	require.Zero(t, f.Len(0))
	require.EqualValues(t, 71, log.records[0].Seq)
	checkAccounts(t, f)
}
