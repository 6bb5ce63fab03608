package types_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func TestSetCombinations(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	a, b, c := newSet(t, s, "a", 1, 2, 3, 4), newSet(t, s, "b", 2, 3, 9), newSet(t, s.Select(1), "a", 3, 9)
	none := types.NewSet[int](s, "none")
	type sets = []types.Set[int]
	for name, test := range map[string]struct {
		read func(types.Set[int], context.Context, ...types.Set[int]) ([]int, error)
		put  func(types.Set[int], context.Context, ...types.Set[int]) (int64, error)
		of   sets
		want []int
	}{
		"inter":             {types.Set[int].Inter, types.Set[int].StoreInter, sets{a, b}, []int{2, 3}},
		"inter of three":    {types.Set[int].Inter, types.Set[int].StoreInter, sets{a, b, c}, []int{3}},
		"inter of one":      {types.Set[int].Inter, types.Set[int].StoreInter, sets{a}, []int{1, 2, 3, 4}},
		"inter with none":   {types.Set[int].Inter, types.Set[int].StoreInter, sets{a, none}, nil},
		"union":             {types.Set[int].Union, types.Set[int].StoreUnion, sets{a, b, none, c}, []int{1, 2, 3, 4, 9}},
		"union of nothing":  {types.Set[int].Union, types.Set[int].StoreUnion, sets{none, none}, nil},
		"diff":              {types.Set[int].Diff, types.Set[int].StoreDiff, sets{a, b}, []int{1, 4}},
		"diff of three":     {types.Set[int].Diff, types.Set[int].StoreDiff, sets{b, c, none}, []int{2}},
		"diff with itself":  {types.Set[int].Diff, types.Set[int].StoreDiff, sets{a, a}, nil},
		"diff from nothing": {types.Set[int].Diff, types.Set[int].StoreDiff, sets{none, a}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			have, err := test.read(test.of[0], ctx, test.of[1:]...)
			require.NoError(t, err)
			require.ElementsMatch(t, test.want, have)
			require.NoError(t, types.NewString[string](s, "dst").Set(ctx, "whatever it held"))
			dst := types.NewSet[int](s, "dst")
			n, err := test.put(dst, ctx, test.of...)
			require.NoError(t, err)
			require.EqualValues(t, len(test.want), n)
			members(t, dst, test.want...)
		})
	}
	n, err := a.StoreDiff(ctx, a, b)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	members(t, a, 1, 4)
	for _, put := range []func(context.Context, ...types.Set[int]) (int64, error){a.StoreInter, a.StoreUnion, a.StoreDiff} {
		_, err := put(ctx)
		require.ErrorIs(t, err, store.ErrNoKeys)
	}
	members(t, a, 1, 4)
}

func TestSetInterLen(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	a, b := newSet(t, s, "a", "x", "y", "z"), newSet(t, s, "b", "x", "y", "q")
	for limit, want := range map[int64]int64{0: 2, 1: 1, 2: 2, 9: 2} {
		n, err := a.InterLen(ctx, limit, b)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	n, err := a.InterLen(ctx, 0)
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
	n, err = a.InterLen(ctx, 0, b, types.NewSet[string](s, "none"))
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = a.InterLen(ctx, -1, b)
	require.ErrorIs(t, err, store.ErrCount)
}

// TestSetAsASortedSet has a set take part where sorted sets are combined.
func TestSetAsASortedSet(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z := newZSet(t, s, "z", scored{"a", 2}, scored{"b", 3})
	set := newSet(t, s, "set", "b", "c")
	list, err := z.Union(ctx, types.CombineOptions{}, set)
	require.NoError(t, err)
	require.ElementsMatch(t, []scored{{"a", 2}, {"b", 4}, {"c", 1}}, list)
}
