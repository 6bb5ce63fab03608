package types_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func ExampleZSet() {
	ctx := context.Background()
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()

	board := types.NewZSet[string](s, "points")
	_, _ = board.AddMany(ctx, types.Scored[string]{"ada", 40}, types.Scored[string]{"bob", 25}, types.Scored[string]{"eve", 10})
	_, _ = board.Incr(ctx, "bob", 20)
	top, _ := board.Range(ctx, types.ByRank(0, 1).Reverse())
	rank, ok, _ := board.RevRank(ctx, "eve")
	fmt.Println(top, rank, ok)
	// Output: [{bob 45} {ada 40}] 2 true
}

type scored = types.Scored[string]

// newZSet makes a sorted set of the members.
func newZSet(t testing.TB, db store.DB, key string, members ...scored) types.ZSet[string] {
	t.Helper()
	z := types.NewZSet[string](db, key)
	_, err := z.AddMany(t.Context(), members...)
	require.NoError(t, err)
	return z
}

// abc is a set of a 1, b 2, c 3.
func abc(t testing.TB, db store.DB) types.ZSet[string] {
	return newZSet(t, db, "abc", scored{"a", 1}, scored{"b", 2}, scored{"c", 3})
}

// holds checks what is in a set.
func holds(t testing.TB, z types.ZSet[string], want ...scored) {
	t.Helper()
	have, err := z.Range(t.Context(), types.ByRank(0, -1))
	require.NoError(t, err)
	require.ElementsMatch(t, want, have)
}

func TestZSetAdd(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z := types.NewZSet[string](s, "z")
	added, err := z.Add(ctx, "a", 1)
	require.NoError(t, err)
	require.True(t, added)
	added, err = z.Add(ctx, "a", 2)
	require.NoError(t, err)
	require.False(t, added)
	n, err := z.AddMany(ctx, scored{"a", 3}, scored{"b", math.Inf(-1)}, scored{"c", 1})
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	n, err = z.AddMany(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = z.AddMany(ctx, scored{"new", 1}, scored{"nan", math.NaN()})
	require.ErrorIs(t, err, store.ErrNaN)
	holds(t, z, scored{"b", math.Inf(-1)}, scored{"c", 1}, scored{"a", 3})
}

func TestZSetAddWith(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	more := []scored{{"a", 0}, {"b", 5}, {"d", 4}}
	for name, c := range map[string]struct {
		o              types.AddOptions
		added, changed int64
		want           []scored
	}{
		"always":           {types.AddOptions{}, 1, 2, []scored{{"a", 0}, {"c", 3}, {"d", 4}, {"b", 5}}},
		"absent":           {types.AddOptions{If: types.IfAbsent}, 1, 0, []scored{{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}}},
		"present":          {types.AddOptions{If: types.IfPresent}, 0, 2, []scored{{"a", 0}, {"c", 3}, {"b", 5}}},
		"higher":           {types.AddOptions{Only: types.Higher}, 1, 1, []scored{{"a", 1}, {"c", 3}, {"d", 4}, {"b", 5}}},
		"lower":            {types.AddOptions{Only: types.Lower}, 1, 1, []scored{{"a", 0}, {"b", 2}, {"c", 3}, {"d", 4}}},
		"present and less": {types.AddOptions{If: types.IfPresent, Only: types.Lower}, 0, 1, []scored{{"a", 0}, {"b", 2}, {"c", 3}}},
	} {
		t.Run(name, func(t *testing.T) {
			z := abc(t, s)
			added, changed, err := z.AddWith(ctx, c.o, more...)
			require.NoError(t, err)
			require.Equal(t, []int64{c.added, c.changed}, []int64{added, changed})
			holds(t, z, c.want...)
			_, err = z.Delete(ctx)
			require.NoError(t, err)
		})
	}
	z := abc(t, s)
	for _, rule := range []types.ScoreRule{types.Higher, types.Lower} {
		_, _, err := z.AddWith(ctx, types.AddOptions{If: types.IfAbsent, Only: rule}, more...)
		require.ErrorIs(t, err, store.ErrOptions)
		_, _, err = z.IncrWith(ctx, "a", 1, types.AddOptions{If: types.IfAbsent, Only: rule})
		require.ErrorIs(t, err, store.ErrOptions)
	}
}

func TestZSetIncr(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z := types.NewZSet[string](s, "z")
	for _, want := range []float64{1.5, 3} {
		score, err := z.Incr(ctx, "a", 1.5)
		require.NoError(t, err)
		require.Equal(t, want, score)
	}
	score, ok, err := z.IncrWith(ctx, "a", -1, types.AddOptions{Only: types.Higher})
	require.NoError(t, err)
	require.False(t, ok)
	require.Zero(t, score)
	score, ok, err = z.IncrWith(ctx, "a", -1, types.AddOptions{If: types.IfPresent})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 2.0, score)
	_, err = z.Incr(ctx, "a", math.NaN())
	require.ErrorIs(t, err, store.ErrNaN)
	_, err = z.Incr(ctx, "a", math.Inf(1))
	require.NoError(t, err)
	_, err = z.Incr(ctx, "a", math.Inf(-1))
	require.ErrorIs(t, err, store.ErrNaN)
	holds(t, z, scored{"a", math.Inf(1)})
}

func TestZSetReads(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z := abc(t, s)
	n, err := z.Len(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
	score, ok, err := z.Score(ctx, "b")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 2.0, score)
	_, ok, err = z.Score(ctx, "x")
	require.NoError(t, err)
	require.False(t, ok)
	scores, err := z.Scores(ctx, "c", "x", "a")
	require.NoError(t, err)
	require.Equal(t, []types.Maybe[float64]{{3, true}, {}, {1, true}}, scores)
	for member, want := range map[string][2]int64{"a": {0, 2}, "b": {1, 1}, "c": {2, 0}} {
		rank, ok, err := z.Rank(ctx, member)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want[0], rank)
		rank, ok, err = z.RevRank(ctx, member)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want[1], rank)
	}
	rank, score, ok, err := z.RankScore(ctx, "c")
	require.NoError(t, err)
	require.Equal(t, []any{int64(2), 3.0, true}, []any{rank, score, ok})
	rank, score, ok, err = z.RevRankScore(ctx, "c")
	require.NoError(t, err)
	require.Equal(t, []any{int64(0), 3.0, true}, []any{rank, score, ok})
	_, ok, err = z.Rank(ctx, "x")
	require.NoError(t, err)
	require.False(t, ok)
}

func TestZSetRemove(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z := abc(t, s)
	n, err := z.Remove(ctx, "a", "x", "c")
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	holds(t, z, scored{"b", 2})
	_, err = z.Remove(ctx, "b")
	require.NoError(t, err)
	there, err := z.Exists(ctx)
	require.NoError(t, err)
	require.False(t, there, "a set that loses its last member is gone")
}

// TestZSetOfManyTypes keeps members of other types than strings.
func TestZSetOfManyTypes(t *testing.T) {
	type id uint16
	type point struct{ X, Y int }
	s := newStore(t)
	scoredRoundTrip(t, s, id(65535))
	scoredRoundTrip(t, s, -1)
	scoredRoundTrip(t, s, 0.25)
	scoredRoundTrip(t, s, point{1, 2})
}

func scoredRoundTrip[T any](t *testing.T, s *store.Store, m T) {
	t.Helper()
	z, ctx := types.NewZSet[T](s, fmt.Sprintf("%T", m)), t.Context()
	_, err := z.Add(ctx, m, 7)
	require.NoError(t, err)
	score, ok, err := z.Score(ctx, m)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 7.0, score)
	list, err := z.Range(ctx, types.ByRank(0, -1))
	require.NoError(t, err)
	require.Equal(t, []types.Scored[T]{{m, 7}}, list)
}

func TestZSetAllocs(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for name, n := range map[string]int{"small": 3, "big": 1000} {
		t.Run(name, func(t *testing.T) {
			z := types.NewZSet[int](s, name)
			for i := range n {
				_, err := z.Add(ctx, i, float64(i))
				require.NoError(t, err)
			}
			allocates(t, 0, func() { _, _, _ = z.Score(ctx, 2) })
			allocates(t, 0, func() { _, _, _ = z.Score(ctx, -1) })
			allocates(t, 0, func() { _, _, _ = z.Rank(ctx, 2) })
			allocates(t, 0, func() { _, _ = z.Add(ctx, 2, 2) })
		})
	}
}
