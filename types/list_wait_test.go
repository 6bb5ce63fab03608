package types_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// listWaits is the blocking calls on a list, each of which takes one element.
func listWaits(l list) map[string]func(context.Context) (string, error) {
	first := func(end types.End) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			_, vs, err := types.WaitPopFirst(ctx, end, 1, l)
			return strings.Join(vs, " "), err
		}
	}
	return map[string]func(context.Context) (string, error){
		"WaitPopFront": l.WaitPopFront, "WaitPopBack": l.WaitPopBack, "first front": first(types.Front), "first back": first(types.Back),
		"WaitMove": func(ctx context.Context) (string, error) {
			v, err := l.WaitMove(ctx, l, types.Front, types.Back)
			if err == nil {
				_, err = l.Remove(ctx, 0, v)
			}
			return v, err
		},
	}
}

// push adds elements at the back, from within a bubble.
func push(t *testing.T, l list, vs ...string) {
	t.Helper()
	_, err := l.PushBack(context.Background(), vs...)
	require.NoError(t, err)
}

func TestListWaitEnds(t *testing.T) {
	for name := range listWaits(list{}) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := store.New(store.Options{})
				l := types.NewList[string](s, "l")
				wait := listWaits(l)[name]
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				begin := time.Now()
				_, err := wait(ctx)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, time.Minute, time.Since(begin))

				require.ErrorIs(t, whileWaiting(wait, func(cancel func()) { cancel() }).err, context.Canceled)
				push(t, l, "there already")
				v, err := wait(context.Background())
				require.NoError(t, err)
				require.Equal(t, "there already", v)
				got := whileWaiting(wait, func(func()) { push(t, l, "v") })
				require.NoError(t, got.err)
				require.Equal(t, "v", got.v)
				elements(t, l)
				require.ErrorIs(t, whileWaiting(wait, func(func()) { _ = s.Close() }).err, store.ErrClosed)
			})
		})
	}
}

// TestListWaitForTheRightType leaves a waiter waiting while its key holds something
// else.
func TestListWaitForTheRightType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := store.New(store.Options{}), context.Background()
		l, text := types.NewList[string](s, "l"), types.NewString[string](s, "l")
		got := whileWaiting(l.WaitPopFront, func(func()) {
			require.NoError(t, text.Set(ctx, "text"))
			_, err := text.Delete(ctx)
			require.NoError(t, err)
			require.NoError(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
				_, err := l.In(tx).PushBack(ctx, "gone before anyone sees it")
				require.NoError(t, err)
				_, err = l.In(tx).Delete(ctx)
				return err
			}))
			other := types.NewList[string](s, "other")
			push(t, other, "renamed")
			require.NoError(t, s.Rename(ctx, "other", "l"))
		})
		require.NoError(t, got.err)
		require.Equal(t, "renamed", got.v)
		require.NoError(t, text.Set(ctx, "text"))
		_, err := l.WaitPopFront(ctx)
		require.ErrorIs(t, err, store.ErrWrongType)
	})
}

// TestListWaitIsServedInOrder has the one who waits longest served first, before
// the pusher's call returns.
func TestListWaitIsServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Options{})
		l := types.NewList[string](s, "l")
		var got [3]string
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				_, vs, err := types.WaitPopFirst(context.Background(), types.Front, 1, types.NewList[string](s, "empty"), l)
				require.NoError(t, err)
				got[i] = vs[0]
			})
			synctest.Wait()
		}
		push(t, l, "a", "b", "c", "d")
		elements(t, l, "d")
		all.Wait()
		require.Equal(t, [3]string{"a", "b", "c"}, got)
	})
}

// TestListWaitMoveServesOthers has an element wander through two lists to the last
// who waits, before the pusher's call returns.
func TestListWaitMoveServesOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Options{})
		a, b, c := types.NewList[string](s, "a"), types.NewList[string](s, "b"), types.NewList[string](s, "c")
		var moved [2]string
		var all sync.WaitGroup
		for i, step := range [][2]list{{b, c}, {a, b}} {
			all.Go(func() {
				v, err := step[0].WaitMove(context.Background(), step[1], types.Front, types.Back)
				require.NoError(t, err)
				moved[i] = v
			})
			synctest.Wait()
		}
		got := whileWaiting(c.WaitPopBack, func(func()) { push(t, a, "v") })
		require.NoError(t, got.err)
		require.Equal(t, "v", got.v)
		all.Wait()
		require.Equal(t, [2]string{"v", "v"}, moved)
		for _, l := range []list{a, b, c} {
			elements(t, l)
		}
	})
}

// TestListWaitMoveWhenMemoryIsUsedUp refuses the move of one that waits, as one
// that comes is refused, and leaves the element.
func TestListWaitMoveWhenMemoryIsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Options{MaxMemory: 1 << 20})
		src, dst := types.NewList[string](s, "src"), types.NewList[string](s, "dst")
		wait := func(ctx context.Context) (string, error) { return src.WaitMove(ctx, dst, types.Front, types.Back) }
		big := strings.Repeat("x", 2<<20)
		got := whileWaiting(wait, func(func()) { push(t, src, big) })
		require.ErrorIs(t, got.err, store.ErrNoMemory)
		elements(t, src, big)
		got = whileWaiting(types.NewList[string](s, "other").WaitPopBack, func(cancel func()) { cancel() })
		require.ErrorIs(t, got.err, context.Canceled, "who takes may wait")
	})
}

// TestListWaitWithACodecThatUsesTheStore decodes in the waiter, not under the lock
// of whoever pushes.
func TestListWaitWithACodecThatUsesTheStore(t *testing.T) {
	for name := range listWaits(list{}) {
		synctest.Test(t, func(t *testing.T) {
			s, asked := store.New(store.Options{}), 0
			l := types.NewListCodec(s, "l", asker{s, "l", &asked})
			got := whileWaiting(listWaits(l)[name], func(func()) { push(t, l, "v") })
			require.NoError(t, got.err, name)
			require.Equal(t, "v", got.v)
		})
	}
}

// TestWaitPopFirstDecodesWithTheListsCodec has two lists whose codecs differ.
func TestWaitPopFirstDecodesWithTheListsCodec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, asked := store.New(store.Options{}), 0
		plain, marked := types.NewList[string](s, "plain"), types.NewListCodec(s, "marked", asker{s, "marked", &asked})
		var which int
		got := whileWaiting(func(ctx context.Context) (vs []string, err error) {
			which, vs, err = types.WaitPopFirst(ctx, types.Back, 2, plain, marked)
			return vs, err
		}, func(func()) { push(t, marked, "a", "b", "c") })
		require.NoError(t, got.err)
		require.Equal(t, []string{"c", "b"}, got.v)
		require.Equal(t, 1, which)
	})
}

func TestListWaitInATransaction(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for name := range listWaits(list{}) {
		l := types.NewList[string](s, "l")
		require.NoError(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := listWaits(l.In(tx))[name](ctx)
			require.ErrorIs(t, err, store.ErrEmpty, name)
			_, err = listWaits(types.NewList[string](s, "not joined"))[name](ctx)
			require.ErrorIs(t, err, store.ErrInTx, name)
			_, err = l.In(tx).PushBack(ctx, "v")
			require.NoError(t, err)
			v, err := listWaits(l.In(tx))[name](ctx)
			require.Equal(t, "v", v)
			return err
		}, "l"))
	}
}

// TestListWaitIsServedAndCancelledAtOnce cancels a wait while its element is being
// brought: it is returned, for it is in the list no more.
func TestListWaitIsServedAndCancelledAtOnce(t *testing.T) {
	const rounds = 200
	s := newStore(t)
	l := types.NewList[string](s, "l")
	for name, wait := range listWaits(l) {
		for i := range rounds {
			ctx, cancel := context.WithCancel(t.Context())
			began, done := make(chan struct{}), make(chan waited[string])
			go func() {
				close(began)
				v, err := wait(ctx)
				done <- waited[string]{v, err}
			}()
			<-began
			serveAndCancel(t, s, l, fmt.Sprint(i), cancel)
			got := <-done
			n, err := l.Len(t.Context())
			require.NoError(t, err)
			if got.err != nil {
				require.ErrorIs(t, got.err, context.Canceled, name)
				require.EqualValues(t, 1, n, "%s: the element is lost", name)
				_, err = l.Delete(t.Context())
				require.NoError(t, err)
				continue
			}
			require.Equal(t, fmt.Sprint(i), got.v)
			require.Zero(t, n)
		}
	}
}

// serveAndCancel pushes an element, and cancels before the pusher has served
// anyone.
func serveAndCancel(t *testing.T, s *store.Store, l list, v string, cancel func()) {
	t.Helper()
	runtime.Gosched() // most waiters wait by now
	require.NoError(t, s.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := l.In(tx).PushBack(ctx, v)
		cancel()
		for range 100 {
			runtime.Gosched() // and most are on their way to cancel
		}
		return err
	}, l.Key()))
}
