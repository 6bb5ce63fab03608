package types_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// waits is the blocking calls on a set, each of which takes one member.
func waits(z types.ZSet[string]) map[string]func(context.Context) (scored, error) {
	first := func(end types.ScoreEnd) func(context.Context) (scored, error) {
		return func(ctx context.Context) (scored, error) {
			_, list, err := types.WaitPopFirstScored(ctx, end, 1, z)
			if len(list) == 0 {
				return scored{}, err
			}
			return list[0], err
		}
	}
	return map[string]func(context.Context) (scored, error){
		"WaitPopMin": z.WaitPopMin, "WaitPopMax": z.WaitPopMax,
		"first lowest": first(types.Lowest), "first highest": first(types.Highest),
	}
}

func TestZSetWaitEnds(t *testing.T) {
	for name := range waits(types.ZSet[string]{}) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := store.New(store.Options{})
				z := types.NewZSet[string](s, "z")
				wait := waits(z)[name]
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				begin := time.Now()
				_, err := wait(ctx)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, time.Minute, time.Since(begin))

				require.ErrorIs(t, whileWaiting(wait, func(cancel func()) { cancel() }).err, context.Canceled)
				got := whileWaiting(wait, func(func()) { add(t, z, scored{"m", 1}) })
				require.NoError(t, got.err)
				require.Equal(t, scored{"m", 1}, got.v)
				there, err := z.Exists(context.Background())
				require.NoError(t, err)
				require.False(t, there, "the member was taken")
				require.ErrorIs(t, whileWaiting(wait, func(func()) { _ = s.Close() }).err, store.ErrClosed)
			})
		})
	}
}

func add(t *testing.T, z types.ZSet[string], members ...scored) {
	t.Helper()
	_, err := z.AddMany(context.Background(), members...)
	require.NoError(t, err)
}

// TestZSetWaitIsServedInOrder has the one who waits longest served first, before
// the adder's call returns.
func TestZSetWaitIsServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store.New(store.Options{})
		z, ctx := types.NewZSet[string](s, "z"), context.Background()
		var got [3]scored
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				m, err := z.WaitPopMax(ctx)
				require.NoError(t, err)
				got[i] = m
			})
			synctest.Wait()
		}
		add(t, z, scored{"a", 1}, scored{"b", 2}, scored{"c", 3}, scored{"d", 4})
		holds(t, z, scored{"a", 1})
		all.Wait()
		require.Equal(t, [3]scored{{"d", 4}, {"c", 3}, {"b", 2}}, got)
	})
}

// TestZSetWaitWithACodecThatUsesTheStore decodes in the waiter, not under the lock
// of whoever adds.
func TestZSetWaitWithACodecThatUsesTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, asked := store.New(store.Options{}), 0
		z := types.NewZSetCodec(s, "z", asker{s, "z", &asked})
		got := whileWaiting(z.WaitPopMin, func(func()) { add(t, z, scored{"m", 1}) })
		require.NoError(t, got.err)
		require.Equal(t, scored{"m", 1}, got.v)
	})
}

func TestZSetWaitInATransaction(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for name := range waits(types.ZSet[string]{}) {
		z := types.NewZSet[string](s, "z")
		require.NoError(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := waits(z.In(tx))[name](ctx)
			require.ErrorIs(t, err, store.ErrEmpty, name)
			_, err = z.In(tx).Add(ctx, "m", 1)
			require.NoError(t, err)
			m, err := waits(z.In(tx))[name](ctx)
			require.Equal(t, scored{"m", 1}, m)
			return err
		}, "z"))
	}
}

// TestZSetWaitLosesNothing has takers that give up all the time: what was added
// comes out once.
func TestZSetWaitLosesNothing(t *testing.T) {
	const members, takers = 2000, 4
	s, ctx := newStore(t), t.Context()
	sets := []types.ZSet[string]{types.NewZSet[string](s, "a"), types.NewZSet[string](s, "b")}
	taken := make(chan string, members)
	stop, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for i := range takers {
		all.Go(func() {
			for stop.Err() == nil {
				short, cancel := context.WithTimeout(stop, 200*time.Microsecond)
				_, list, err := types.WaitPopFirstScored(short, types.ScoreEnd(i%2), int64(1+i%3), sets...)
				cancel()
				if err != nil {
					continue
				}
				for _, m := range list {
					taken <- m.Member
				}
			}
		})
	}
	for i := range members {
		_, err := sets[i%2].Add(ctx, fmt.Sprint(i), float64(i%7))
		require.NoError(t, err)
	}
	seen := map[string]bool{}
	for range members {
		m := <-taken
		require.False(t, seen[m], "%s came twice", m)
		seen[m] = true
	}
	cancel()
	all.Wait()
	require.Empty(t, taken)
}
