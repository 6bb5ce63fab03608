package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

var errNo = errors.New("no")

func TestUpdateIsAllOrNothing(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	put(t, s, "a", "b")
	change := func(ctx context.Context, tx *store.Tx) error {
		put(t, tx, "c")
		_, err := tx.Delete(ctx, "a")
		require.NoError(t, err)
		require.NoError(t, tx.Rename(ctx, "b", "d"))
		require.NoError(t, tx.Flush(ctx))
		put(t, tx, "e")
		return nil
	}
	err := s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, change(ctx, tx))
		return errNo
	}, "a")
	require.ErrorIs(t, err, errNo)
	require.Equal(t, "a b", value(t, s, "a")+" "+value(t, s, "b"))
	require.PanicsWithValue(t, "oops", func() {
		_ = s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
			require.NoError(t, change(ctx, tx))
			panic("oops")
		})
	})
	keys, err := s.Keys(ctx, "*")
	require.NoError(t, err, "a panic has given the locks back")
	require.ElementsMatch(t, []string{"a", "b"}, keys)
	require.NoError(t, s.Update(ctx, change))
	keys, _ = s.Keys(ctx, "*")
	require.Equal(t, []string{"e"}, keys)
}

func TestViewRefusesWrites(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	put(t, s, "a")
	err := s.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		require.Equal(t, "a", value(t, tx, "a"))
		return types.NewString[string](tx, "a").Set(ctx, "b")
	}, "a")
	require.ErrorIs(t, err, store.ErrReadOnly)
	require.Equal(t, "a", value(t, s, "a"))
}

func TestTxIsRefusedAfterItsEnd(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	var kept *store.Tx
	require.NoError(t, s.Update(ctx, func(_ context.Context, tx *store.Tx) error {
		kept = tx
		return nil
	}))
	require.ErrorIs(t, types.NewString[int](kept, "a").Set(ctx, 1), store.ErrTxDone)
	_, err := kept.Select(1).Delete(ctx, "a")
	require.ErrorIs(t, err, store.ErrTxDone)
}

// TestCallsInsideThatWouldWait shows that what would wait for the transaction it
// is made in fails instead.
func TestCallsInsideThatWouldWait(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	put(t, s, "a")
	outside := types.NewString[string](s, "a")
	nothing := func(context.Context, *store.Tx) error { return nil }
	w, err := s.Watch(ctx, "a")
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, _, err := outside.Get(ctx)
		require.ErrorIs(t, err, store.ErrInTx)
		require.ErrorIs(t, outside.Set(ctx, "x"), store.ErrInTx)
		require.ErrorIs(t, s.Update(ctx, nothing, "a"), store.ErrInTx)
		require.ErrorIs(t, s.View(ctx, nothing, "a"), store.ErrInTx)
		require.ErrorIs(t, s.FlushAll(ctx), store.ErrInTx)
		require.ErrorIs(t, w.Update(ctx, nothing), store.ErrInTx)
		_, err = s.Watch(ctx, "a")
		require.ErrorIs(t, err, store.ErrInTx)
		for _, err := range s.Scan(ctx, store.ScanOptions{Batch: 1000}) {
			require.ErrorIs(t, err, store.ErrInTx)
		}
		return nil
	}, "a"))
}

func TestUpdateTakesOtherKeysAlong(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	var wg sync.WaitGroup
	const workers, rounds, keys = 4, 200, 20
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				from, to := fmt.Sprint((i*7+w)%keys), fmt.Sprint((i*11+3*w)%keys)
				err := s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
					if _, err := types.NewCounter(tx, from).Decr(ctx); err != nil {
						return err
					}
					_, err := types.NewCounter(tx, to).Incr(ctx)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var sum int64
	require.NoError(t, s.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		sum = 0
		for i := range keys {
			n, _, err := types.NewCounter(tx, fmt.Sprint(i)).Get(ctx)
			if err != nil {
				return err
			}
			sum += n
		}
		return nil
	}))
	require.Zero(t, sum)
}

// TestUpdateRunsAgain makes a transaction touch a key that another holds and whose
// lock comes before its own: it must not wait while it holds that, so it is undone
// and runs again.
func TestUpdateRunsAgain(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	low, high := "a", "b"
	for i := 0; xxhash.Sum64String(low)>>58 >= xxhash.Sum64String(high)>>58; i++ {
		low = fmt.Sprint(i)
	}
	held, release, over := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		over <- s.Update(ctx, func(context.Context, *store.Tx) error {
			close(held)
			<-release
			return nil
		}, low)
	}()
	<-held
	runs := 0
	require.NoError(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		runs++
		if _, err := types.NewCounter(tx, high).Incr(ctx); err != nil {
			return err
		}
		_, err := types.NewCounter(tx, low).Incr(ctx)
		if err != nil {
			close(release)
		}
		return err
	}))
	require.NoError(t, <-over)
	require.Equal(t, 2, runs)
	for _, key := range []string{low, high} {
		n, _, err := types.NewCounter(s, key).Get(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 1, n, "the first run is undone")
	}
}

func TestTxOnAnotherDatabase(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	require.NoError(t, s.Update(ctx, func(_ context.Context, tx *store.Tx) error {
		put(t, tx.Select(2), "a")
		return nil
	}))
	require.Equal(t, "a", value(t, s.Select(2), "a"))
	require.Empty(t, value(t, s, "a"))
}

func TestUpdateThatMayNotStart(t *testing.T) {
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := func(context.Context, *store.Tx) error { panic("it ran") }
	require.ErrorIs(t, s.Update(ctx, never), context.Canceled)
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Update(t.Context(), never), store.ErrClosed)
}

func TestWatch(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	n := types.NewCounter(s, "n")
	bump := func(ctx context.Context, tx *store.Tx) error {
		_, err := n.In(tx).Incr(ctx)
		return err
	}
	w, err := s.Watch(ctx, "n", "other")
	require.NoError(t, err)
	require.False(t, w.Changed())
	require.NoError(t, w.Update(ctx, bump))
	require.ErrorIs(t, w.Update(ctx, bump), store.ErrTxDone)
	w.Close()

	w, err = s.Watch(ctx, "n")
	require.NoError(t, err)
	_, err = n.Incr(ctx)
	require.NoError(t, err)
	require.True(t, w.Changed())
	require.ErrorIs(t, w.Update(ctx, bump), store.ErrChanged)
	got, _, _ := n.Get(ctx)
	require.EqualValues(t, 2, got)

	w, err = s.Watch(ctx, "n")
	require.NoError(t, err)
	w.Close()
	w.Close()
	require.ErrorIs(t, w.Update(ctx, bump), store.ErrTxDone)
}

// TestWatchersLoseNoUpdate is the classic: many read, compute and write back
// without a lock, and try again when somebody was quicker.
func TestWatchersLoseNoUpdate(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	n := types.NewCounter(s, "n")
	once := func() error {
		w, err := s.Watch(ctx, "n")
		if err != nil {
			return err
		}
		defer w.Close()
		v, _, err := n.Get(ctx)
		if err != nil {
			return err
		}
		return w.Update(ctx, func(ctx context.Context, tx *store.Tx) error { return n.In(tx).Set(ctx, v+1) })
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				err := once()
				for errors.Is(err, store.ErrChanged) {
					err = once()
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	v, _, _ := n.Get(ctx)
	require.EqualValues(t, 400, v)
}

func TestUpdateUnderMaxMemory(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	put(t, s, "a")
	s.SetMaxMemory(1, store.NoEviction)
	err := s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Delete(ctx, "a"); err != nil {
			return err
		}
		return types.NewString[string](tx, "b").Set(ctx, "x")
	})
	require.ErrorIs(t, err, store.ErrNoMemory)
	require.Equal(t, "a", value(t, s, "a"))
	s.SetMaxMemory(1, store.AllKeysRandom)
	require.NoError(t, types.NewString[string](s, "b").Set(ctx, "x"))
	require.EqualValues(t, 1, s.Stats().Evicted)
}

func ExampleStore_Update() {
	ctx := context.Background()
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	from, to := types.NewCounter(s, "account:1"), types.NewCounter(s, "account:2")
	_ = from.Set(ctx, 100)

	err := s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := from.In(tx).Add(ctx, -30); err != nil {
			return err
		}
		_, err := to.In(tx).Add(ctx, 30)
		return err
	}, from.Key(), to.Key())

	a, _, _ := from.Get(ctx)
	b, _, _ := to.Get(ctx)
	fmt.Println(a, b, err)
	// Output: 70 30 <nil>
}

func ExampleStore_Watch() {
	ctx := context.Background()
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	stock := types.NewCounter(s, "stock")
	_ = stock.Set(ctx, 7)

	w, _ := s.Watch(ctx, stock.Key())
	defer w.Close()
	n, _, _ := stock.Get(ctx)
	_ = stock.Set(ctx, 6) // somebody is quicker
	err := w.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		return stock.In(tx).Set(ctx, n-1)
	})
	fmt.Println(errors.Is(err, store.ErrChanged))
	// Output: true
}
