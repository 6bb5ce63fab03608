package types_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func TestZSetPop(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z := newZSet(t, s, "z", scored{"a", 1}, scored{"b", 2}, scored{"c", 3}, scored{"d", 4}, scored{"e", 5}, scored{"f", 6})
	m, ok, err := z.PopMin(ctx)
	require.NoError(t, err)
	require.Equal(t, []any{scored{"a", 1}, true}, []any{m, ok})
	m, ok, err = z.PopMax(ctx)
	require.NoError(t, err)
	require.Equal(t, []any{scored{"f", 6}, true}, []any{m, ok})
	list, err := z.PopMinN(ctx, 2)
	require.NoError(t, err)
	require.Equal(t, []scored{{"b", 2}, {"c", 3}}, list)
	for _, pop := range []func() ([]scored, error){
		func() ([]scored, error) { return z.PopMinN(ctx, 0) },
		func() ([]scored, error) { return z.PopMaxN(ctx, 0) },
	} {
		list, err = pop()
		require.NoError(t, err)
		require.Empty(t, list)
	}
	_, err = z.PopMinN(ctx, -1)
	require.ErrorIs(t, err, store.ErrCount)
	_, err = z.PopMaxN(ctx, -1)
	require.ErrorIs(t, err, store.ErrCount)
	list, err = z.PopMaxN(ctx, 9)
	require.NoError(t, err)
	require.Equal(t, []scored{{"e", 5}, {"d", 4}}, list)
	_, ok, err = z.PopMin(ctx)
	require.NoError(t, err)
	require.False(t, ok)
}

func TestPopFirstScored(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	a, b := newZSet(t, s, "a"), newZSet(t, s, "b", scored{"x", 1}, scored{"y", 2}, scored{"z", 3})
	for _, pop := range []func(types.ScoreEnd, int64, ...types.ZSet[string]) (int, []scored, error){
		func(end types.ScoreEnd, n int64, sets ...types.ZSet[string]) (int, []scored, error) {
			return types.PopFirstScored(ctx, end, n, sets...)
		},
		func(end types.ScoreEnd, n int64, sets ...types.ZSet[string]) (int, []scored, error) {
			return types.WaitPopFirstScored(ctx, end, n, sets...)
		},
	} {
		b = newZSet(t, s, "b", scored{"x", 1}, scored{"y", 2}, scored{"z", 3})
		which, list, err := pop(types.Lowest, 1, a, b)
		require.NoError(t, err)
		require.Equal(t, []any{1, []scored{{"x", 1}}}, []any{which, list})
		which, list, err = pop(types.Highest, 5, a, b)
		require.NoError(t, err)
		require.Equal(t, []any{1, []scored{{"z", 3}, {"y", 2}}}, []any{which, list})
		for _, n := range []int64{0, -1} {
			_, _, err = pop(types.Lowest, n, b)
			require.ErrorIs(t, err, store.ErrCount)
		}
		_, _, err = pop(types.Lowest, 1)
		require.ErrorIs(t, err, store.ErrNoKeys)
	}
	which, list, err := types.PopFirstScored(ctx, types.Lowest, 1, a, b)
	require.NoError(t, err)
	require.Equal(t, -1, which)
	require.Empty(t, list)
}

func TestZSetSample(t *testing.T) {
	z := abc(t, newStore(t))
	samples(t, []scored{{"a", 1}, {"b", 2}, {"c", 3}}, z.Random, z.Sample, z.SampleRepeating)
}

// TestZSetPopsOfALargeSet: what was taken out keeps its bytes, whatever becomes of the
// memory that it stood in.
func TestZSetPopsOfALargeSet(t *testing.T) {
	z, list := tied(t, newStore(t), 1000)
	have, err := z.PopMinN(t.Context(), 300)
	require.NoError(t, err)
	require.Equal(t, list[:300], have)
	have, err = z.PopMaxN(t.Context(), 300)
	require.NoError(t, err)
	slices.Reverse(have)
	require.Equal(t, list[700:], have)
}
