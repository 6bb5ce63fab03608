package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func TestListPop(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l := newList(t, s, "l", 1, 2, 3)
	v, ok, err := l.PopBack(ctx)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 3, v)
	v, ok, err = l.PopFront(ctx)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 1, v)
	elements(t, l, 2)
	_, _, err = l.PopFront(ctx)
	require.NoError(t, err)
	_, ok, err = l.PopFront(ctx)
	require.NoError(t, err)
	require.False(t, ok)
	there, err := l.Exists(ctx)
	require.NoError(t, err)
	require.False(t, there, "a list that loses its last element is gone")
}

func TestListPopN(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l := newList(t, s, "l", 1, 2, 3, 4, 5, 6)
	vs, err := l.PopBackN(ctx, 2)
	require.NoError(t, err)
	require.Equal(t, []int{6, 5}, vs)
	vs, err = l.PopFrontN(ctx, 2)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, vs)
	vs, err = l.PopFrontN(ctx, 0)
	require.NoError(t, err)
	require.Empty(t, vs)
	_, err = l.PopBackN(ctx, -1)
	require.ErrorIs(t, err, store.ErrCount)
	elements(t, l, 3, 4)
	vs, err = l.PopBackN(ctx, 1<<62)
	require.NoError(t, err)
	require.Equal(t, []int{4, 3}, vs)
	vs, err = l.PopBackN(ctx, 1)
	require.NoError(t, err)
	require.Empty(t, vs)
}

func TestPopFirst(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	a, b, c := types.NewList[int](s, "a"), newList(t, s, "b", 1, 2, 3), newList(t, s.Select(3), "b", 7, 8)
	which, vs, err := types.PopFirst(ctx, types.Front, 2, a, b, c)
	require.NoError(t, err)
	require.Equal(t, 1, which)
	require.Equal(t, []int{1, 2}, vs)
	which, vs, err = types.PopFirst(ctx, types.Back, 9, b, c)
	require.NoError(t, err)
	require.Equal(t, 0, which)
	require.Equal(t, []int{3}, vs)
	which, vs, err = types.PopFirst(ctx, types.Back, 1, b, c)
	require.NoError(t, err)
	require.Equal(t, 1, which, "the same key of another database")
	require.Equal(t, []int{8}, vs)
	which, vs, err = types.PopFirst(ctx, types.Back, 1, a, b)
	require.NoError(t, err)
	require.Equal(t, -1, which)
	require.Empty(t, vs)
	_, _, err = types.PopFirst[int](ctx, types.Back, 1)
	require.ErrorIs(t, err, store.ErrNoKeys)
	for _, n := range []int64{0, -1} {
		_, _, err = types.PopFirst(ctx, types.Back, n, c)
		require.ErrorIs(t, err, store.ErrCount)
		_, _, err = types.WaitPopFirst(ctx, types.Back, n, a)
		require.ErrorIs(t, err, store.ErrCount)
	}
	elements(t, c, 7)
}

func TestListMove(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for name, c := range map[string]struct {
		from, to   types.End
		v          string
		a, b, same []string
	}{
		"front to front": {types.Front, types.Front, "1", []string{"2", "3"}, []string{"1", "x", "y"}, []string{"1", "2", "3"}},
		"front to back":  {types.Front, types.Back, "1", []string{"2", "3"}, []string{"x", "y", "1"}, []string{"2", "3", "1"}},
		"back to front":  {types.Back, types.Front, "3", []string{"1", "2"}, []string{"3", "x", "y"}, []string{"3", "1", "2"}},
		"back to back":   {types.Back, types.Back, "3", []string{"1", "2"}, []string{"x", "y", "3"}, []string{"1", "2", "3"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, s.FlushAll(ctx))
			a, b, same := newList(t, s, "a", "1", "2", "3"), newList(t, s, "b", "x", "y"), newList(t, s, "same", "1", "2", "3")
			v, ok, err := a.Move(ctx, b, c.from, c.to)
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, c.v, v)
			elements(t, a, c.a...)
			elements(t, b, c.b...)
			v, err = same.WaitMove(ctx, same, c.from, c.to)
			require.NoError(t, err)
			require.Equal(t, c.v, v)
			elements(t, same, c.same...)
			_, ok, err = types.NewList[string](s, "none").Move(ctx, a, c.from, c.to)
			require.NoError(t, err)
			require.False(t, ok)
		})
	}
	l := newList(t, s, "l", "v")
	require.NoError(t, types.NewString[string](s, "text").Set(ctx, "v"))
	_, _, err := l.Move(ctx, types.NewList[string](s, "text"), types.Front, types.Back)
	require.ErrorIs(t, err, store.ErrWrongType)
	elements(t, l, "v")
}
