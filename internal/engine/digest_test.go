package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func digest(t testing.TB, e *Engine) Digest {
	t.Helper()
	d, err := e.Digest(t.Context())
	require.NoError(t, err)
	return d
}

// rebuilt is an engine with other stripes and limits that gets the same content key by
// key and element by element, in another order.
func rebuilt(t *testing.T, e *Engine) *Engine {
	t.Helper()
	n := newEngine(t, Options{Stripes: 1, Databases: e.Databases(), Clock: e.Clock(), Replica: true})
	from, to := e.Begin(nil, true, false), n.Begin(nil, true, false)
	to.raw = true // time deletes nothing meanwhile
	for db := range e.counts {
		for i := range e.stripes {
			sp := e.stripes[i].space(db)
			if sp == nil {
				continue
			}
			for ent := range sp.keys.all() {
				k := KeyOf(ent.Key()).In(db)
				require.NoError(t, again(to, k, ent))
				_, err := to.SetDeadline(k, ent.Deadline())
				require.NoError(t, err)
			}
		}
	}
	to.Commit()
	from.Commit()
	return n
}

// again makes a value of its elements.
func again(tx *Tx, k Key, e *Entry) (err error) {
	if e.Kind() == String {
		return errors.Join(tx.PutText(k, []byte("before"), 5), tx.PutText(k, e.Bytes(), 0))
	}
	add := func(parts ...[]byte) {
		var failed error
		switch e.Kind() {
		case List:
			_, failed = tx.ListPush(k, true, parts[0])
		case Set:
			_, failed = tx.SetAdd(k, parts[0])
		case ZSet:
			score, _ := e.ZSet().Score(parts[0])
			failed = errors.Join(zput(tx, k, parts[0], 77), zput(tx, k, parts[0], score))
		default:
			_, failed = tx.HashPut(k, parts[0], parts[1])
			failed = errors.Join(failed, tx.HashDeadline(k, e.Hash().Deadline(parts[0]), parts[0]))
		}
		err = errors.Join(err, failed)
	}
	e.Each(add)
	return err
}

// TestEqualContentHasAnEqualDigest whatever its history, encodings and stripes are, and
// other content has another one.
func TestEqualContentHasAnEqualDigest(t *testing.T) {
	for seed := range uint64(3) {
		s := newScene(t, rand.NewPCG(seed, 51))
		seen := map[Digest]string{}
		for range 100 {
			s.transaction()
			d, all := digest(t, s.e), s.e.everything()
			if was, ok := seen[d]; ok {
				require.Equal(t, was, all, "seed %d", seed)
			}
			seen[d] = all
		}
		same := map[string]Digest{}
		for d, all := range seen {
			require.NotContains(t, same, all, "seed %d: another digest of the same", seed)
			same[all] = d
		}
		twin := rebuilt(t, s.e)
		require.True(t, s.e.everything() == twin.everything(), "seed %d", seed)
		require.Equal(t, digest(t, s.e), digest(t, twin), "seed %d", seed)
		s.end()
	}
	require.Equal(t, Digest{}, digest(t, newEngine(t, Options{})))
}

// TestEveryChangeIsInTheDigest makes the same store again and again but for one thing.
func TestEveryChangeIsInTheDigest(t *testing.T) {
	list := func(v ...string) func(tx *Tx) error {
		return func(tx *Tx) error { _, err := tx.ListPush(key("k"), true, bytesOf(v...)...); return err }
	}
	set := func(v ...string) func(tx *Tx) error {
		return func(tx *Tx) error { _, err := tx.SetAdd(key("k"), bytesOf(v...)...); return err }
	}
	hash := func(v ...string) func(tx *Tx) error {
		return func(tx *Tx) error { _, err := tx.HashPut(key("k"), bytesOf(v...)...); return err }
	}
	scores := func(m string, s float64) func(tx *Tx) error {
		return func(tx *Tx) error {
			return errors.Join(zput(tx, key("k"), []byte(m), s), zput(tx, key("k"), []byte("z"), 3))
		}
	}
	text := func(k Key, v string, at int64) func(tx *Tx) error {
		return func(tx *Tx) error { return tx.PutString(k, []byte(v), at) }
	}
	long := string(make([]byte, 3*stringPage))
	seen := map[Digest]int{}
	for i, f := range []func(tx *Tx) error{
		text(key("k"), "v", 0), text(key("k").In(1), "v", 0), text(key("kv"), "", 0), text(key(""), "kv", 0), text(key("k"), "v", 1<<45),
		text(key("k"), le(1)+"x", 0), text(key("k%s", le(9)), "x", 0),
		text(key("k"), "v", 1<<45+1), text(key("k"), "w", 0), text(key("j"), "v", 0), text(key("k"), long, 0), text(key("k"), long[1:], 0),
		text(key("k"), long[1:]+"x", 0), text(key("k"), "x"+long[1:], 0),
		list("v"), list("v", ""), list("", "v"), list("v", "w"), list("w", "v"), list("vw"), list("v", "w", "w"),
		set("v"), set("v", ""), set("v", "w"), set("vw"), set("v", "w", "x"),
		hash("f", "v"), hash("fv", ""), hash("f", "v", "g", "w"), hash("f", "w", "g", "v"), hash("f", "vg"),
		func(tx *Tx) error {
			return errors.Join(hash("f", "v")(tx), tx.HashDeadline(key("k"), 1<<45, []byte("f")))
		},
		func(tx *Tx) error {
			return errors.Join(hash("f", "v")(tx), tx.HashDeadline(key("k"), 1<<46, []byte("f")))
		},
		scores("m", 1), scores("m", 1.5), scores("n", 1), scores("m", math.Inf(1)), scores("m", -1),
		func(tx *Tx) error { return errors.Join(text(key("k"), "v", 0)(tx), text(key("j"), "w", 0)(tx)) },
		func(tx *Tx) error { return errors.Join(text(key("k"), "w", 0)(tx), text(key("j"), "v", 0)(tx)) },
	} {
		e := newEngine(t, Options{Stripes: 2, Clock: newFakeClock()})
		change(t, e, f)
		d := digest(t, e)
		require.NotContains(t, seen, d, "%d and %d", i, seen[d])
		seen[d] = i
		change(t, e, func(tx *Tx) error { tx.SetActiveExpire(false); return nil })
	}
}

func le(n uint64) string { return string(binary.LittleEndian.AppendUint64(nil, n)) }

func TestADigestIsTwiceAsManyDigits(t *testing.T) {
	e := newEngine(t, Options{})
	require.Equal(t, "0000000000000000000000000000000000000000000000000000000000000000", digest(t, e).String())
	put(t, e, "k")
	require.Len(t, digest(t, e).String(), 64)
	require.NotEqual(t, digest(t, newEngine(t, Options{})).String(), digest(t, e).String())
}

// TestCutsTakeTurns: who waits for one gets it in the order of the calls, unless its
// context ends before.
func TestCutsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, Options{Stripes: 2})
		put(t, e, "k")
		c, err := e.Cut()
		require.NoError(t, err)
		var order []int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				c, err := e.CutCtx(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				c.Close()
			})
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = e.Digest(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = e.CutCtx(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Empty(t, order)
		c.Close()
		wg.Wait()
		require.Equal(t, []int{0, 1, 2}, order)
		_, err = e.CutCtx(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded, "even if it is free")
		require.NotZero(t, digest(t, e))
	})
}

// TestADigestOfACutEndsWithItsContext as do other visits of all parts.
func TestADigestOfACutEndsWithItsContext(t *testing.T) {
	e := newEngine(t, Options{})
	for _, n := range numbers(0, 100) {
		put(t, e, string(n))
	}
	c, err := e.Cut()
	require.NoError(t, err)
	defer c.Close()
	failed := errors.New("failed")
	require.ErrorIs(t, c.EachPart(t.Context(), func(ctx context.Context, part int) error {
		if part == 1 {
			return failed
		}
		<-ctx.Done()
		return ctx.Err()
	}), failed)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Digest(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
