package engine

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/invariants"
)

// together begins a transaction that only reads, beside others.
func together(t *testing.T, e *Engine, k Key) *Tx {
	t.Helper()
	e.stripe(k.Hash).openNow()
	tx, err := e.ReadKeyCtx(context.Background(), k)
	require.NoError(t, err)
	require.NotNil(t, tx.sharer)
	return tx
}

func TestReadersAreInAStripeTogether(t *testing.T) {
	e := newEngine(t, Options{})
	put(t, e, "k")
	k := key("k")
	a, b := together(t, e, k), together(t, e, k)
	for _, tx := range []*Tx{a, b, a} {
		ent, err := tx.FindAs(k, String)
		require.NoError(t, err)
		require.Equal(t, "value", string(ent.Bytes()))
	}
	require.NotSame(t, a, b)
	x, y := a.Keep([]byte("x")), b.Keep([]byte("y"))
	require.Equal(t, "xy", string(x)+string(y), "each has memory of its own")
	a.Commit()
	ent, err := b.Look(key("none"))
	for err == ErrRestart { // of another stripe
		b = b.Restart()
		ent, err = b.Look(key("none"))
	}
	require.NoError(t, err)
	require.Nil(t, ent)
	b.Commit()
	s := e.Stats()
	require.EqualValues(t, 2, s.Hits, "a transaction that begins again has found nothing")
	require.EqualValues(t, 1, s.Misses)
}

// TestWhatIsDueIsNotDeletedTogether: the reader who finds it begins again, alone.
func TestWhatIsDueIsNotDeletedTogether(t *testing.T) {
	for _, replica := range []bool{false, true} {
		clock := newFakeClock()
		e := newEngine(t, Options{Clock: clock, Replica: replica})
		change(t, e, func(tx *Tx) error { tx.SetActiveExpire(false); return nil })
		putUntil(t, e, "k", clock.ms()+10)
		h := key("h")
		change(t, e, func(tx *Tx) error {
			_, err := tx.HashPut(h, bytesOf("f", "1", "g", "2")...)
			require.NoError(t, err)
			return tx.HashDeadline(h, clock.ms()+10, []byte("f"))
		})
		clock.advance(11 * time.Millisecond)
		for i, look := range []func(*Tx) (*Entry, error){
			func(tx *Tx) (*Entry, error) { return tx.Find(key("k")) },
			func(tx *Tx) (*Entry, error) { return tx.Look(key("k")) },
			func(tx *Tx) (*Entry, error) { return tx.Peek(key("k")) },
		} {
			tx := together(t, e, key("k"))
			ent, err := look(tx)
			require.Nil(t, ent)
			if !replica && i == 0 {
				require.ErrorIs(t, err, ErrRestart)
				tx = tx.Restart()
				require.Nil(t, tx.sharer)
				ent, err = look(tx)
				require.Nil(t, ent)
			}
			require.NoError(t, err)
			tx.Commit()
		}
		tx := together(t, e, h)
		live := func() (int, error) {
			ent, err := tx.Find(h)
			require.NoError(t, err)
			v, err := tx.Live(ent)
			if err != nil {
				return 0, err
			}
			return v.Len(), nil
		}
		n, err := live()
		if !replica {
			require.ErrorIs(t, err, ErrRestart)
			tx = tx.Restart()
			n, err = live()
			require.EqualValues(t, 1, n)
			require.EqualValues(t, 1, e.Len(0))
		} else {
			require.EqualValues(t, 2, n, "a replica hides")
			require.EqualValues(t, 2, e.Len(0))
		}
		require.NoError(t, err)
		tx.Commit()
		require.EqualValues(t, 2, e.Stats().Misses)
		checkAccounts(t, e)
	}
}

// TestUsesOfReadersAreCounted under every policy that has to know of them, although they
// come together.
func TestUsesOfReadersAreCounted(t *testing.T) {
	const readers, each = 4, 50
	for _, p := range []Policy{AllKeysLRU, AllKeysLFU, AllKeysTinyLFU} {
		clock := newFakeClock()
		e := newEngine(t, Options{Clock: clock, Seed: 1})
		e.Configure(func(c *Config) { c.Policy, c.LFULogFactor = p, 0 }) // each use counts
		put(t, e, "k")
		clock.advance(10 * time.Second)
		var all sync.WaitGroup
		for range readers {
			all.Go(func() {
				for range each {
					tx := together(t, e, key("k"))
					_, err := tx.Find(key("k"))
					require.NoError(t, err)
					runtime.Gosched()
					tx.Commit()
				}
			})
		}
		all.Wait()
		tx := together(t, e, key("k"))
		ent, err := tx.Peek(key("k"))
		require.NoError(t, err)
		switch p {
		case AllKeysLRU:
			require.Zero(t, ent.Idle(clock.ms()))
		case AllKeysLFU:
			require.EqualValues(t, lfuInit+readers*each, tx.Freq(ent))
		default:
			require.EqualValues(t, 1+readers*each, tx.Freq(ent))
		}
		tx.Commit()
		require.EqualValues(t, readers*each, e.Stats().Hits)
	}
}

// TestReadersDrawTheirOwn random numbers, of which the stripe's source knows nothing.
func TestReadersDrawTheirOwn(t *testing.T) {
	e := newEngine(t, Options{Seed: 7})
	k := key("k")
	a, b := together(t, e, k), together(t, e, k)
	require.NotSame(t, a.random(), b.random())
	require.NotEqual(t, []int{a.IntN(1e9), a.IntN(1e9)}, []int{b.IntN(1e9), b.IntN(1e9)})
	a.Commit()
	b.Commit()
	require.Nil(t, e.stripe(k.Hash).rng)
}

// TestReaderThatNeedsMoreBeginsAgain, with all that it needs.
func TestReaderThatNeedsMoreBeginsAgain(t *testing.T) {
	e := newEngine(t, Options{})
	for _, need := range []func(*Tx) error{
		func(tx *Tx) error { return tx.NeedStripe(1) },
		func(tx *Tx) error { return tx.NeedStripe(60) },
		(*Tx).NeedAll,
	} {
		tx := together(t, e, keyIn(e, 5))
		require.ErrorIs(t, need(tx), ErrRestart)
		tx = tx.Restart()
		for need(tx) != nil {
			tx = tx.Restart()
		}
		require.Greater(t, len(tx.held), 1)
		tx.Commit()
	}
}

// TestReaderInATransaction: a wait for one's own transaction is refused, as by
// BeginKeyCtx.
func TestReaderInATransaction(t *testing.T) {
	e := newEngine(t, Options{})
	ctx := e.WithTx(context.Background())
	outer := e.BeginKey(keyIn(e, 5))
	_, err := e.ReadKeyCtx(ctx, keyIn(e, 5))
	require.ErrorIs(t, err, ErrInTx)
	tx, err := e.ReadKeyCtx(ctx, keyIn(e, 6))
	if invariants.Enabled {
		require.ErrorIs(t, err, ErrInTx)
	} else {
		require.NoError(t, err)
		tx.Commit()
	}
	outer.Commit()
}

// TestReaderMustNotWrite: the checked build panics.
func TestReaderMustNotWrite(t *testing.T) {
	if !invariants.Enabled {
		t.Skip("with -tags invariants only")
	}
	e := newEngine(t, Options{})
	put(t, e, "k")
	for _, write := range []func(*Tx){
		func(tx *Tx) { _ = tx.PutString(key("k"), nil, 0) },
		func(tx *Tx) { _, _ = tx.Delete(key("k")) },
		func(tx *Tx) { tx.changes++; tx.Commit() },
	} {
		require.Panics(t, func() { write(together(t, e, key("k"))) })
		e.stripe(key("k").Hash).gate.open.Load().count.Store(0) // it has not left
	}
}

// TestReadersWhoWaitComeTogether: where goroutines wait for one another, the gate opens
// by itself, and the next who writes shuts it.
func TestReadersWhoWaitComeTogether(t *testing.T) {
	e := newEngine(t, Options{})
	put(t, e, "k")
	k := key("k")
	s := e.stripe(k.Hash)
	for s.gate.open.Load() == nil {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				tx, err := e.ReadKeyCtx(context.Background(), k)
				require.NoError(t, err)
				runtime.Gosched()
				tx.Commit()
			})
		}
		all.Wait()
	}
	put(t, e, "k")
	require.Nil(t, s.gate.open.Load())
}
