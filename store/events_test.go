package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// listen is Events with options that ends with the test.
func listen(t testing.TB, s *store.Store, pattern string, o store.EventOptions) *store.Events {
	t.Helper()
	e, err := s.EventsWith(t.Context(), pattern, o)
	require.NoError(t, err)
	t.Cleanup(e.Close)
	return e
}

// next reads one event, which must be there.
func next(t testing.TB, e *store.Events) store.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ev, err := e.Next(ctx)
	require.NoError(t, err)
	return ev
}

const patience = 20 * time.Second

// told reads events until one of the key "end" and returns them as words.
func told(t testing.TB, s *store.Store, e *store.Events) (words []string) {
	t.Helper()
	put(t, s, "end")
	for ev := next(t, e); ev.Key != "end"; ev = next(t, e) {
		words = append(words, fmt.Sprintf("%d %s %s", ev.DB, ev.Key, ev.Name))
	}
	return words
}

func TestEventsOfKeysThatMatch(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		o             store.EventOptions
		want          []string
	}{
		{"every key", "*", store.EventOptions{}, []string{"0 a:1 set", "0 a:1 expire", "0 b:1 set", "0 a:2 set", "0 a:1 del"}},
		{"a pattern", "[ae]*", store.EventOptions{}, []string{"0 a:1 set", "0 a:1 expire", "0 a:2 set", "0 a:1 del"}},
		{"some events", "*", store.EventOptions{Names: []store.EventName{store.EventDel, store.EventNew, store.EventSet}}, []string{"0 a:1 new", "0 a:1 set", "0 b:1 new", "0 b:1 set", "0 a:2 new", "0 a:2 set", "0 a:1 del"}},
		{"every database", "[ae]*", store.EventOptions{AllDatabases: true}, []string{"0 a:1 set", "0 a:1 expire", "0 a:2 set", "1 a:1 set", "0 a:1 del"}},
	} {
		s, ctx := newStore(t), t.Context()
		e := listen(t, s, c.pattern, c.o)
		_, err := types.NewString[int](s, "a:1").SetWith(ctx, 1, types.SetOptions{Expiry: types.After(time.Hour)})
		require.NoError(t, err)
		put(t, s, "b:1", "a:2")
		put(t, s.Select(1), "a:1")
		_, err = s.Delete(ctx, "a:1")
		require.NoError(t, err)
		require.Equal(t, c.want, told(t, s, e), c.name)
	}
}

func TestRenameAndMoveTellBothNames(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	put(t, s, "a")
	e := listen(t, s, "*", store.EventOptions{AllDatabases: true})
	require.NoError(t, s.Rename(ctx, "a", "b"))
	_, err := s.Move(ctx, "b", 3)
	require.NoError(t, err)
	for _, want := range []store.Event{
		{Name: store.EventRenameFrom, Key: "a", Other: "b"},
		{Name: store.EventRenameTo, Key: "b", Other: "a"},
		{Name: store.EventMoveFrom, Key: "b", Other: "b", OtherDB: 3},
		{Name: store.EventMoveTo, Key: "b", DB: 3, Other: "b"},
	} {
		want.Type = store.StringType
		require.Equal(t, want, next(t, e))
	}
}

// TestEventsOfTransactions: one that is undone has none, one that runs again none of
// its first try, and those of one stand together however many write.
func TestEventsOfTransactions(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	e := listen(t, s, "*", store.EventOptions{Buffer: 1 << 16})
	require.ErrorIs(t, s.Update(ctx, func(_ context.Context, tx *store.Tx) error {
		put(t, tx, "a", "b")
		return errNo
	}), errNo)
	require.Panics(t, func() {
		_ = s.Update(ctx, func(_ context.Context, tx *store.Tx) error {
			put(t, tx, "a")
			panic("oops")
		})
	})
	require.Empty(t, told(t, s, e))

	const writers, rounds, keys = 8, 50, 4
	all := inParallel(writers, func(w int) error {
		for range rounds {
			err := s.Update(ctx, func(_ context.Context, tx *store.Tx) error {
				for k := range keys {
					key := fmt.Sprint((w*7 + k*5) % 13) // in no order: some transactions run again
					if err := types.NewString[int](tx, key).Set(ctx, w); err != nil {
						return err
					}
				}
				return tx.Rename(ctx, fmt.Sprint(w*7%13), fmt.Sprintf("w%d", w))
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, all)
	for range writers * rounds {
		for range keys {
			require.Equal(t, store.EventSet, next(t, e).Name)
		}
		from, to := next(t, e), next(t, e)
		require.Equal(t, store.EventRenameFrom, from.Name)
		require.Equal(t, store.EventRenameTo, to.Name)
		require.Equal(t, from.Key, to.Other)
	}
	require.Empty(t, told(t, s, e))
}

// inParallel runs f for each of n goroutines.
func inParallel(n int, f func(i int) error) error {
	errs := make(chan error, n)
	for i := range n {
		go func() { errs <- f(i) }()
	}
	var all error
	for range n {
		all = errors.Join(all, <-errs)
	}
	return all
}

func TestSlowReaderLearnsWhatItLost(t *testing.T) {
	s := newStore(t)
	e := listen(t, s, "*", store.EventOptions{Buffer: 20})
	gap := func(lost int64) {
		t.Helper()
		_, err := e.Next(t.Context())
		require.ErrorIs(t, err, store.ErrGap)
		var g *store.GapError
		require.ErrorAs(t, err, &g)
		require.Equal(t, lost, g.Lost)
		require.EqualError(t, err, fmt.Sprintf("reside: events were lost: %d", lost))
	}
	read := func(from, to int) {
		t.Helper()
		for i := from; i < to; i++ {
			require.Equal(t, fmt.Sprint(i), next(t, e).Key)
		}
	}
	write := func(from, to int) {
		for i := from; i < to; i++ {
			put(t, s, fmt.Sprint(i))
		}
	}
	write(0, 10)
	read(0, 5)
	write(10, 30) // 25 to 29 do not fit
	read(5, 15)
	write(30, 40)
	read(15, 25)
	gap(5)
	read(30, 40)
	write(40, 62) // 60 and 61 do not fit, and nothing comes behind them
	read(40, 60)
	gap(2)
	write(62, 70)
	read(62, 70)
}

// TestReaderThatStallsStopsNobody: many write, one reads now and then; what it got and
// what it lost are all there is.
func TestReaderThatStallsStopsNobody(t *testing.T) {
	s := newStore(t)
	e := listen(t, s, "*", store.EventOptions{Buffer: 64, Names: []store.EventName{store.EventIncrBy, store.EventDel}})
	const writers, rounds = 8, 400
	written := make(chan error, 1)
	go func() {
		written <- inParallel(writers, func(w int) error {
			for range rounds {
				if _, err := types.NewCounter(s, fmt.Sprint("c", w)).Incr(t.Context()); err != nil {
					return err
				}
			}
			return nil
		})
	}()
	var got, lost int64
	for range 10 {
		next(t, e)
		got++
	}
	require.NoError(t, <-written)
	_, err := s.Delete(t.Context(), "c0")
	require.NoError(t, err)
	for got+lost < writers*rounds+1 {
		_, err := e.Next(t.Context())
		var g *store.GapError
		if errors.As(err, &g) {
			lost += g.Lost
			continue
		}
		require.NoError(t, err)
		got++
	}
	require.EqualValues(t, writers*rounds+1, got+lost)
	require.LessOrEqual(t, got, int64(10+64+64), "the buffer is bounded")
}

// TestOrderOfAKey: the events of a key come in the order of what is done to it.
func TestOrderOfAKey(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	e := listen(t, s, "*", store.EventOptions{Buffer: 1 << 16})
	const writers, rounds = 6, 200
	require.NoError(t, inParallel(writers, func(w int) error {
		l := types.NewList[int](s, fmt.Sprint("l", w%2))
		for i := range rounds {
			if _, err := l.PushBack(ctx, i); err != nil {
				return err
			}
			if _, _, err := l.PopFront(ctx); err != nil {
				return err
			}
		}
		return nil
	}))
	have := map[string]int{}
	put(t, s, "end")
	for ev := next(t, e); ev.Key != "end"; ev = next(t, e) {
		switch ev.Name {
		case store.EventRPush:
			have[ev.Key]++
		case store.EventLPop:
			have[ev.Key]--
			require.GreaterOrEqual(t, have[ev.Key], 0, "a pop before its push")
		case store.EventDel:
			require.Zero(t, have[ev.Key], "deleted with elements")
		}
	}
	require.Equal(t, map[string]int{"l0": 0, "l1": 0}, have)
}

// TestListenersComeAndGo while others write: none hears twice, none misses what is
// written after it has come, and none is left.
func TestListenersComeAndGo(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	stop := make(chan struct{})
	writing := make(chan error, 1)
	go func() {
		writing <- inParallel(2, func(w int) error {
			for {
				select {
				case <-stop:
					return nil
				default:
				}
				if _, err := types.NewCounter(s, fmt.Sprint("noise", w)).Incr(ctx); err != nil {
					return err
				}
			}
		})
	}()
	require.NoError(t, inParallel(4, func(l int) error {
		for i := range 100 {
			key := fmt.Sprintf("own:%d:%d", l, i)
			e, err := s.Events(ctx, key)
			if err != nil {
				return err
			}
			if err := types.NewString[int](s, key).Set(ctx, i); err != nil {
				return err
			}
			if ev, err := e.Next(ctx); err != nil || ev.Key != key {
				return fmt.Errorf("%v %w", ev, err)
			}
			e.Close()
		}
		return nil
	}))
	close(stop)
	require.NoError(t, <-writing)
}

func TestHowEventsEnd(t *testing.T) {
	ended := func(e *store.Events) error {
		var last error
		for _, err := range e.All() {
			last = err
		}
		return last
	}
	t.Run("Close", func(t *testing.T) {
		s := newStore(t)
		e := listen(t, s, "*", store.EventOptions{})
		put(t, s, "a")
		e.Close()
		e.Close()
		put(t, s, "b")
		_, err := e.Next(t.Context())
		require.ErrorIs(t, err, store.ErrClosed)
		require.NoError(t, ended(e))
	})
	t.Run("Close while a loop waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			e := listen(t, newStore(t), "*", store.EventOptions{})
			done := make(chan error)
			go func() { done <- ended(e) }()
			synctest.Wait()
			e.Close()
			require.NoError(t, <-done)
		})
	})
	t.Run("its context", func(t *testing.T) {
		s := newStore(t)
		ctx, cancel := context.WithCancel(t.Context())
		e, err := s.Events(ctx, "*")
		require.NoError(t, err)
		done := make(chan error)
		go func() { done <- ended(e) }()
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		_, err = s.Events(ctx, "*")
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("the reader's context", func(t *testing.T) {
		e := listen(t, newStore(t), "*", store.EventOptions{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := e.Next(ctx)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("the store", func(t *testing.T) {
		s := store.New(store.Options{})
		e := listen(t, s, "*", store.EventOptions{})
		put(t, s, "a", "b")
		require.NoError(t, s.Close())
		require.Equal(t, "a", next(t, e).Key, "what was told before is still read")
		require.Equal(t, "b", next(t, e).Key)
		require.ErrorIs(t, ended(e), store.ErrClosed)
		_, err := s.Events(t.Context(), "*")
		require.ErrorIs(t, err, store.ErrClosed)
	})
	t.Run("a loop that is left goes on", func(t *testing.T) {
		s := newStore(t)
		e := listen(t, s, "*", store.EventOptions{})
		put(t, s, "a", "b")
		for _, want := range []string{"a", "b"} {
			for ev, err := range e.All() {
				require.NoError(t, err)
				require.Equal(t, want, ev.Key)
				break
			}
		}
	})
}

// TestStoreForgetsEventsThatEnded, however they did.
func TestStoreForgetsEventsThatEnded(t *testing.T) {
	s := newStore(t)
	for _, end := range []func(*store.Events, context.CancelFunc){
		func(e *store.Events, _ context.CancelFunc) { e.Close() },
		func(_ *store.Events, cancel context.CancelFunc) { cancel() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		ended := func() weak.Pointer[store.Events] {
			e, err := s.Events(ctx, "*")
			require.NoError(t, err)
			put(t, s, "k")
			end(e, cancel)
			return weak.Make(e)
		}()
		for until := time.Now().Add(patience); ended.Value() != nil; runtime.GC() {
			require.True(t, time.Now().Before(until), "it is kept")
		}
		cancel()
	}
}

// TestEveryReaderThatWaitsIsWoken when there is something for each.
func TestEveryReaderThatWaitsIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		e := listen(t, s, "*", store.EventOptions{})
		read := make(chan error, 3)
		for range cap(read) {
			go func() {
				_, err := e.Next(t.Context())
				read <- err
			}()
		}
		synctest.Wait()
		require.NoError(t, s.Update(t.Context(), func(_ context.Context, tx *store.Tx) error {
			put(t, tx, "a", "b", "c")
			return nil
		}))
		for range cap(read) {
			require.NoError(t, <-read)
		}
	})
}

// TestReadersShareAStream: what many read at once is all there is, each event once.
func TestReadersShareAStream(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	e := listen(t, s, "*", store.EventOptions{})
	const readers, each = 4, 100
	written := make(chan error, 1)
	go func() {
		written <- inParallel(readers, func(r int) error {
			for i := range each {
				if err := types.NewString[int](s, fmt.Sprint(r*each+i)).Set(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}()
	keys := make(chan string, readers*each)
	require.NoError(t, inParallel(readers, func(int) error {
		for range each {
			ev, err := e.Next(ctx)
			if err != nil {
				return err
			}
			keys <- ev.Key
		}
		return nil
	}))
	require.NoError(t, <-written)
	seen := map[string]bool{}
	for range readers * each {
		seen[<-keys] = true
	}
	require.Len(t, seen, readers*each)
}

func TestEventsRefuses(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	require.NoError(t, s.Update(ctx, func(ctx context.Context, _ *store.Tx) error {
		_, err := s.Events(ctx, "*")
		require.ErrorIs(t, err, store.ErrInTx)
		return nil
	}))
	_, err := s.EventsWith(ctx, "*", store.EventOptions{Buffer: -1})
	require.ErrorIs(t, err, store.ErrOptions)
	_, err = s.EventsWith(ctx, "*", store.EventOptions{OldBytes: -1})
	require.ErrorIs(t, err, store.ErrOptions)
}

// TestCloseInsideATransaction does not wait for the transaction that it is in.
func TestCloseInsideATransaction(t *testing.T) {
	s := newStore(t)
	e := listen(t, s, "*", store.EventOptions{})
	require.NoError(t, s.Update(t.Context(), func(_ context.Context, tx *store.Tx) error {
		put(t, tx, "a")
		e.Close()
		return nil
	}))
}
