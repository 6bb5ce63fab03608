package types_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// upTo are the numbers below n.
func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func TestListIterators(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for _, n := range []int{0, 1, 127, 128, 129, 256, 1000} {
		l, want := newList(t, s, "l", upTo(n)...), upTo(n)
		have, err := collect(l.All(ctx))
		require.NoError(t, err)
		require.Equal(t, want, append([]int{}, have...))
		have, err = collect(l.Backward(ctx))
		require.NoError(t, err)
		slices.Reverse(want)
		require.Equal(t, want, append([]int{}, have...))
		_, err = l.Delete(ctx)
		require.NoError(t, err)
	}
}

// TestListIteratorsWithWritesInTheBody replaces every element and pushes at the end
// that the loop runs to: it meets what was pushed.
func TestListIteratorsWithWritesInTheBody(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l, seen := newList(t, s, "l", upTo(300)...), 0
	for v, err := range l.All(ctx) {
		require.NoError(t, err)
		require.NoError(t, l.Set(ctx, int64(seen), -v))
		if seen < 200 {
			_, err = l.PushBack(ctx, 1000+seen)
			require.NoError(t, err)
		}
		seen++
	}
	require.Equal(t, 500, seen)
	v, _, err := l.Index(ctx, 499)
	require.NoError(t, err)
	require.Equal(t, -1199, v)
	seen = 0
	for _, err := range l.Backward(ctx) {
		require.NoError(t, err)
		if seen < 200 {
			_, err = l.PushFront(ctx, seen)
			require.NoError(t, err)
		}
		seen++
	}
	require.Equal(t, 700, seen)
}

func TestListIteratorsThatEnd(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l := newList(t, s, "l", upTo(300)...)
	for v, err := range l.All(ctx) {
		require.NoError(t, err)
		if v == 5 {
			break
		}
	}
	seen := 0
	for _, err := range l.Backward(ctx) {
		if seen++; seen <= 128 {
			require.NoError(t, err)
			require.NoError(t, types.NewString[int](s, "l").Set(ctx, 1))
		} else {
			require.ErrorIs(t, err, store.ErrWrongType)
		}
	}
	require.Equal(t, 129, seen)
}
