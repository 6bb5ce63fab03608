package types_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// scoresOf is a set of n members, of which some have the same score, and the
// members in their order.
func scoresOf(t *testing.T, db store.DB, key string, rnd *rand.Rand, n int) (types.ZSet[string], []scored) {
	var list []scored
	for i := range n {
		list = append(list, scored{fmt.Sprintf("m%03d", i), float64(rnd.IntN(8))})
	}
	z := newZSet(t, db, key, list...)
	slices.SortStableFunc(list, func(a, b scored) int { return int(a.Score - b.Score) })
	return z, list
}

// TestZSetRangesAgainstANaiveOne compares ranges of all kinds, small sets and big
// ones, with what a sorted slice says.
func TestZSetRangesAgainstANaiveOne(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		n := rnd.IntN(20)
		if round%10 == 0 {
			n = 300
		}
		z, list := scoresOf(t, s, "z", rnd, n)
		r, want := naiveRange(rnd, list)
		if rnd.IntN(2) == 0 {
			offset, count := rnd.Int64N(6)-1, rnd.Int64N(6)-1
			if b, ok := r.(types.BoundRange); ok {
				r, want = b.Limit(offset, count), limited(want, offset, count)
			}
		}
		have, err := z.Range(ctx, r)
		require.NoError(t, err)
		requireSame(t, want, have, "%#v of %v", r, list)
		dst := types.NewZSet[string](s, "dst")
		stored, err := dst.StoreRange(ctx, z, r)
		require.NoError(t, err)
		require.EqualValues(t, len(want), stored)
		holds(t, dst, want...)
		if b, ok := r.(types.BoundRange); ok {
			count, err := z.Count(ctx, b)
			require.NoError(t, err)
			require.EqualValues(t, len(want), count, "%#v of %v", r, list)
		}
		if i, ok := r.(types.ZInterval); ok {
			removed, err := z.RemoveRange(ctx, i)
			require.NoError(t, err)
			require.EqualValues(t, len(want), removed)
			holds(t, z, slices.DeleteFunc(slices.Clone(list), func(m scored) bool { return slices.Contains(want, m) })...)
		}
		_, err = z.Delete(ctx)
		require.NoError(t, err)
	}
}

func requireSame(t *testing.T, want, have []scored, format string, args ...any) {
	t.Helper()
	require.True(t, slices.Equal(want, have), "want %v, have %v: %s", want, have, fmt.Sprintf(format, args...))
}

// naiveRange draws a range of ranks or scores and what it is of a list.
func naiveRange(rnd *rand.Rand, list []scored) (types.ZRange, []scored) {
	reverse := rnd.IntN(2) == 0
	if rnd.IntN(2) == 0 {
		first, last := rnd.IntN(30)-15, rnd.IntN(30)-15
		r := types.ByRank(int64(first), int64(last))
		list = slices.Clone(list)
		if reverse {
			r = r.Reverse()
			slices.Reverse(list)
		}
		return r, cut(list, first, last)
	}
	bounds, scores, open := [2]types.Bound{}, [2]float64{}, [2]bool{}
	for i := range bounds {
		scores[i], open[i] = float64(rnd.IntN(10)-1), rnd.IntN(2) == 0
		bounds[i] = types.Incl(scores[i])
		if open[i] {
			bounds[i] = types.Excl(scores[i])
		}
	}
	if rnd.IntN(4) == 0 {
		bounds[0], scores[0], open[0] = types.MinScore(), math.Inf(-1), false
	}
	if rnd.IntN(4) == 0 {
		bounds[1], scores[1], open[1] = types.MaxScore(), math.Inf(1), false
	}
	r := types.ByScore(bounds[0], bounds[1])
	var want []scored
	for _, m := range list {
		if (m.Score > scores[0] || m.Score == scores[0] && !open[0]) && (m.Score < scores[1] || m.Score == scores[1] && !open[1]) {
			want = append(want, m)
		}
	}
	if reverse {
		r = r.Reverse()
		slices.Reverse(want)
	}
	return r, want
}

// cut is the elements from first to last, which count from the end if negative.
func cut(list []scored, first, last int) (part []scored) {
	if first < 0 {
		first = max(first+len(list), 0)
	}
	if last < 0 {
		last += len(list)
	}
	for i := first; i <= last && i < len(list); i++ {
		part = append(part, list[i])
	}
	return part
}

func limited(list []scored, offset, count int64) []scored {
	if offset < 0 || offset > int64(len(list)) {
		return nil
	}
	list = list[offset:]
	if count >= 0 && count < int64(len(list)) {
		list = list[:count]
	}
	return list
}

func TestZSetByMember(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z := newZSet(t, s, "z", scored{"a", 0}, scored{"ab", 0}, scored{"b", 0}, scored{"c", 0})
	for _, c := range []struct {
		r    types.BoundRange
		want []string
	}{
		{types.ByMember(types.MinMember(), types.MaxMember()), []string{"a", "ab", "b", "c"}},
		{types.ByMember(types.InclMember("a"), types.ExclMember("b")), []string{"a", "ab"}},
		{types.ByMember(types.ExclMember("a"), types.InclMember("b")), []string{"ab", "b"}},
		{types.ByMember(types.InclMember("aa"), types.MaxMember()).Reverse(), []string{"c", "b", "ab"}},
		{types.ByMember(types.InclMember("c"), types.InclMember("a")), nil},
		{types.ByMember(types.MaxMember(), types.MinMember()), nil},
	} {
		list, err := z.Range(ctx, c.r)
		require.NoError(t, err)
		var have []string
		for _, m := range list {
			have = append(have, m.Member)
		}
		require.Equal(t, c.want, have)
		n, err := z.Count(ctx, c.r)
		require.NoError(t, err)
		require.EqualValues(t, len(c.want), n)
	}
	list, err := z.Range(ctx, types.ByMember(types.MinMember(), types.MaxMember()).Reverse().Limit(1, 2))
	require.NoError(t, err)
	require.Equal(t, []scored{{"b", 0}, {"ab", 0}}, list)
	n, err := z.RemoveRange(ctx, types.ByMember(types.InclMember("a"), types.InclMember("b")))
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
	holds(t, z, scored{"c", 0})
}

func TestZSetBoundsThatAreNoNumbers(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z := abc(t, s)
	for _, r := range []types.BoundRange{
		types.ByScore(types.Incl(math.NaN()), types.MaxScore()),
		types.ByScore(types.MinScore(), types.Excl(math.NaN())),
	} {
		_, err := z.Range(ctx, r.Limit(0, 1))
		require.ErrorIs(t, err, store.ErrNaN)
		_, err = z.Count(ctx, r)
		require.ErrorIs(t, err, store.ErrNaN)
		_, err = z.RemoveRange(ctx, r)
		require.ErrorIs(t, err, store.ErrNaN)
		_, err = z.StoreRange(ctx, z, r)
		require.ErrorIs(t, err, store.ErrNaN)
	}
	holds(t, z, scored{"a", 1}, scored{"b", 2}, scored{"c", 3})
}

// TestZSetStoreRange replaces whatever the key held.
func TestZSetStoreRange(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z := abc(t, s)
	require.NoError(t, types.NewString[string](s, "dst").Set(ctx, "text"))
	dst := types.NewZSet[string](s, "dst")
	n, err := dst.StoreRange(ctx, z, types.ByRank(1, 2))
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	holds(t, dst, scored{"b", 2}, scored{"c", 3})
	n, err = dst.StoreRange(ctx, z, types.ByRank(5, 9))
	require.NoError(t, err)
	require.Zero(t, n)
	there, err := dst.Exists(ctx)
	require.NoError(t, err)
	require.False(t, there)
}

// TestZSetRangeCostsTwoAllocations: one for the pairs, one for the bytes of all members.
func TestZSetRangeCostsTwoAllocations(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	z, _ := scoresOf(t, s, "z", rand.New(rand.NewPCG(1, 2)), 300)
	for _, r := range []types.ZRange{types.ByRank(10, 19), types.ByScore(types.Incl(2), types.MaxScore()).Limit(0, 10)} {
		allocates(t, 2, func() {
			list, err := z.Range(ctx, r)
			if err != nil || len(list) != 10 {
				t.Fail()
			}
		})
	}
}

// TestZSetRangeIsTheCallers keeps ranges of members of all lengths, and takes these out of
// the set, and others in.
func TestZSetRangeIsTheCallers(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	var list []scored
	for i := range 300 {
		list = append(list, scored{fmt.Sprintf("%0*d", i+3, i), float64(i)})
	}
	for _, n := range []int{3, 300} { // a small set and a big one
		z := newZSet(t, s, "z", list[:n]...)
		got, err := z.Range(ctx, types.ByRank(0, -1))
		require.NoError(t, err)
		for _, m := range list[:n] {
			_, err = z.Add(ctx, "x"+m.Member[1:], m.Score)
			require.NoError(t, err)
			_, err = z.Remove(ctx, m.Member)
			require.NoError(t, err)
		}
		require.Equal(t, list[:n], got)
		_, err = z.Delete(ctx)
		require.NoError(t, err)
	}
}
