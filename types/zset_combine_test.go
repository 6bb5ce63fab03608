package types_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func TestZSetCombine(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	a := newZSet(t, s, "a", scored{"x", 1}, scored{"y", 2})
	b := newZSet(t, s, "b", scored{"y", 30}, scored{"z", 5})
	none := newZSet(t, s, "none")
	for name, c := range map[string]struct {
		o     types.CombineOptions
		union []scored
		inter []scored
	}{
		"sum":          {types.CombineOptions{}, []scored{{"x", 1}, {"z", 5}, {"y", 32}}, []scored{{"y", 32}}},
		"min":          {types.CombineOptions{Aggregate: types.Min}, []scored{{"x", 1}, {"y", 2}, {"z", 5}}, []scored{{"y", 2}}},
		"max":          {types.CombineOptions{Aggregate: types.Max}, []scored{{"x", 1}, {"z", 5}, {"y", 30}}, []scored{{"y", 30}}},
		"weights":      {types.CombineOptions{Weights: []float64{10, -1}}, []scored{{"y", -10}, {"z", -5}, {"x", 10}}, []scored{{"y", -10}}},
		"weighted max": {types.CombineOptions{Weights: []float64{10, 1}, Aggregate: types.Max}, []scored{{"z", 5}, {"x", 10}, {"y", 30}}, []scored{{"y", 30}}},
	} {
		t.Run(name, func(t *testing.T) {
			have, err := a.Union(ctx, c.o, b)
			require.NoError(t, err)
			require.Equal(t, c.union, have)
			have, err = a.Inter(ctx, c.o, b)
			require.NoError(t, err)
			require.Equal(t, c.inter, have)
			dst := types.NewZSet[string](s, "dst")
			n, err := dst.StoreUnion(ctx, c.o, a, b)
			require.NoError(t, err)
			require.EqualValues(t, len(c.union), n)
			holds(t, dst, c.union...)
			n, err = dst.StoreInter(ctx, c.o, a, b)
			require.NoError(t, err)
			require.EqualValues(t, len(c.inter), n)
			holds(t, dst, c.inter...)
		})
	}
	have, err := a.Union(ctx, types.CombineOptions{})
	require.NoError(t, err)
	require.Equal(t, []scored{{"x", 1}, {"y", 2}}, have)
	have, err = a.Inter(ctx, types.CombineOptions{}, b, none)
	require.NoError(t, err)
	require.Empty(t, have)
}

func TestZSetDiff(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	a := newZSet(t, s, "a", scored{"x", 1}, scored{"y", 2}, scored{"z", 3})
	b, c := newZSet(t, s, "b", scored{"y", 9}), newZSet(t, s, "c", scored{"z", 9}, scored{"q", 9})
	have, err := a.Diff(ctx, b, c)
	require.NoError(t, err)
	require.Equal(t, []scored{{"x", 1}}, have)
	n, err := a.StoreDiff(ctx, a, b)
	require.NoError(t, err, "a set may be stored into itself")
	require.EqualValues(t, 2, n)
	holds(t, a, scored{"x", 1}, scored{"z", 3})
	n, err = a.StoreDiff(ctx, a, a)
	require.NoError(t, err)
	require.Zero(t, n)
	there, err := a.Exists(ctx)
	require.NoError(t, err)
	require.False(t, there, "nothing is stored as no key")
}

func TestZSetInterLen(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	a := newZSet(t, s, "a", scored{"x", 1}, scored{"y", 2}, scored{"z", 3})
	b := newZSet(t, s, "b", scored{"z", 1}, scored{"y", 1}, scored{"q", 1})
	for limit, want := range map[int64]int64{0: 2, 1: 1, 2: 2, 9: 2} {
		n, err := a.InterLen(ctx, limit, b)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	_, err := a.InterLen(ctx, -1, b)
	require.ErrorIs(t, err, store.ErrCount)
}

func TestZSetCombineOptionsThatDoNotFit(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	a := abc(t, s)
	for _, c := range []struct {
		weights []float64
		want    error
	}{
		{[]float64{1}, store.ErrOptions},
		{[]float64{1, 2, 3}, store.ErrOptions},
		{[]float64{1, math.NaN()}, store.ErrNaN},
	} {
		o := types.CombineOptions{Weights: c.weights}
		_, err := a.Union(ctx, o, a)
		require.ErrorIs(t, err, c.want)
		_, err = a.StoreInter(ctx, o, a, a)
		require.ErrorIs(t, err, c.want)
	}
	for _, call := range []func() (int64, error){
		func() (int64, error) { return a.StoreUnion(ctx, types.CombineOptions{}) },
		func() (int64, error) { return a.StoreInter(ctx, types.CombineOptions{}) },
		func() (int64, error) { return a.StoreDiff(ctx) },
	} {
		_, err := call()
		require.ErrorIs(t, err, store.ErrNoKeys)
	}
	holds(t, a, scored{"a", 1}, scored{"b", 2}, scored{"c", 3})
}

// TestZSetCombineWithPlainSets counts the members of a Set as having the score 1.
func TestZSetCombineWithPlainSets(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z, plain := abc(t, s), types.NewSet[string](s, "plain")
	_, err := plain.Add(ctx, "b", "d")
	require.NoError(t, err)
	have, err := z.Union(ctx, types.CombineOptions{Weights: []float64{1, 10}}, plain)
	require.NoError(t, err)
	require.Equal(t, []scored{{"a", 1}, {"c", 3}, {"d", 10}, {"b", 12}}, have)
	n, err := z.InterLen(ctx, 0, plain)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	n, err = z.StoreDiff(ctx, plain, z)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	holds(t, z, scored{"d", 1})
}
