package types_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func ExampleSet() {
	ctx := context.Background()
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()

	ada, bob := types.NewSet[string](s, "likes:ada"), types.NewSet[string](s, "likes:bob")
	_, _ = ada.Add(ctx, "tea", "chess", "maps")
	_, _ = bob.Add(ctx, "chess", "kites")
	likes, _ := bob.Contains(ctx, "tea")
	both, _ := ada.Inter(ctx, bob)
	fmt.Println(likes, both)
	// Output: false [chess]
}

// newSet makes a set of the members.
func newSet[T any](t testing.TB, db store.DB, key string, vs ...T) types.Set[T] {
	t.Helper()
	s := types.NewSet[T](db, key)
	_, err := s.Add(t.Context(), vs...)
	require.NoError(t, err)
	return s
}

// members checks what is in a set.
func members[T any](t testing.TB, s types.Set[T], want ...T) {
	t.Helper()
	have, err := s.Members(context.Background())
	require.NoError(t, err)
	require.ElementsMatch(t, want, have)
	n, err := s.Len(context.Background())
	require.NoError(t, err)
	require.EqualValues(t, len(want), n)
}

func TestSetAddAndRemove(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	set := types.NewSet[string](s, "set")
	n, err := set.Add(ctx, "a", "b", "a")
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	n, err = set.Add(ctx, "b", "c", "")
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	members(t, set, "a", "b", "c", "")
	n, err = set.Remove(ctx, "a", "x", "a", "")
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	members(t, set, "b", "c")
	for _, change := range []func(context.Context, ...string) (int64, error){set.Add, set.Remove} {
		n, err = change(ctx)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	_, err = set.Remove(ctx, "b", "c")
	require.NoError(t, err)
	there, err := set.Exists(ctx)
	require.NoError(t, err)
	require.False(t, there, "a set that loses its last member is gone")
}

func TestSetContains(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	set := newSet(t, s, "set", 1, 2, 300)
	for v, want := range map[int]bool{1: true, 300: true, 3: false, -1: false} {
		is, err := set.Contains(ctx, v)
		require.NoError(t, err)
		require.Equal(t, want, is)
	}
	are, err := set.ContainsEach(ctx, 2, 3, 2, 1)
	require.NoError(t, err)
	require.Equal(t, []bool{true, false, true, true}, are)
	are, err = types.NewSet[int](s, "none").ContainsEach(ctx, 2, 3)
	require.NoError(t, err)
	require.Equal(t, []bool{false, false}, are)
	are, err = set.ContainsEach(ctx)
	require.NoError(t, err)
	require.Empty(t, are)
}

func TestSetMove(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	a, b := newSet(t, s, "a", "x", "y"), newSet(t, s.Select(2), "a", "y")
	for v, want := range map[string]bool{"x": true, "y": true, "z": false} {
		moved, err := a.Move(ctx, b, v)
		require.NoError(t, err)
		require.Equal(t, want, moved)
	}
	members(t, a)
	members(t, b, "x", "y")
	moved, err := b.Move(ctx, b, "x")
	require.NoError(t, err)
	require.True(t, moved)
	require.NoError(t, types.NewString[string](s, "text").Set(ctx, "v"))
	_, err = b.Move(ctx, types.NewSet[string](s, "text"), "x")
	require.ErrorIs(t, err, store.ErrWrongType)
	members(t, b, "x", "y")
}

// forms are sets of each of the three encodings.
func forms(t testing.TB, s *store.Store) map[string]types.Set[string] {
	names := func(pattern string, n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf(pattern, i))
		}
		return list
	}
	sets := map[string]types.Set[string]{}
	for encoding, list := range map[string][]string{"intset": names("%d", 20), "listpack": names("m%d", 20), "hashtable": names("m%d", 300)} {
		sets[encoding] = newSet(t, s, encoding, list...)
		have, _, err := s.Encoding(t.Context(), encoding)
		require.NoError(t, err)
		require.Equal(t, encoding, have)
	}
	return sets
}

func TestSetRandom(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for encoding, set := range forms(t, s) {
		t.Run(encoding, func(t *testing.T) {
			all, err := set.Members(ctx)
			require.NoError(t, err)
			v, ok, err := set.Random(ctx)
			require.NoError(t, err)
			require.True(t, ok)
			require.Contains(t, all, v)
			for _, n := range []int{1, 5, len(all) - 1, len(all), len(all) + 5} {
				vs, err := set.Sample(ctx, int64(n))
				require.NoError(t, err)
				require.Len(t, vs, min(n, len(all)))
				require.Subset(t, all, vs)
				slices.Sort(vs)
				require.Len(t, slices.Compact(vs), min(n, len(all)), "all are different")
			}
			vs, err := set.SampleRepeating(ctx, 2000)
			require.NoError(t, err)
			require.Len(t, vs, 2000)
			require.Subset(t, all, vs)
			slices.Sort(vs)
			require.Greater(t, len(slices.Compact(vs)), len(all)*9/10, "each is drawn")
		})
	}
	none := types.NewSet[string](s, "none")
	_, ok, err := none.Random(ctx)
	require.NoError(t, err)
	require.False(t, ok)
	for _, draw := range []func(context.Context, int64) ([]string, error){none.Sample, none.SampleRepeating, none.PopN} {
		for _, n := range []int64{0, 3} {
			vs, err := draw(ctx, n)
			require.NoError(t, err)
			require.Empty(t, vs)
		}
		_, err := draw(ctx, -1)
		require.ErrorIs(t, err, store.ErrCount)
	}
	_, err = none.SampleRepeating(ctx, 1<<24+1)
	require.ErrorIs(t, err, store.ErrCount)
}

func TestSetPop(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for encoding, set := range forms(t, s) {
		t.Run(encoding, func(t *testing.T) {
			all, err := set.Members(ctx)
			require.NoError(t, err)
			popped, err := set.PopN(ctx, 7)
			require.NoError(t, err)
			require.Len(t, popped, 7)
			v, ok, err := set.Pop(ctx)
			require.NoError(t, err)
			require.True(t, ok)
			rest, err := set.PopN(ctx, 1<<62)
			require.NoError(t, err)
			require.Len(t, rest, len(all)-8)
			require.ElementsMatch(t, all, append(append(popped, v), rest...))
			_, ok, err = set.Pop(ctx)
			require.NoError(t, err)
			require.False(t, ok)
			there, err := set.Exists(ctx)
			require.NoError(t, err)
			require.False(t, there)
		})
	}
}

// TestSetDrawsAreUniform draws often: the frequencies fit equal chances.
func TestSetDrawsAreUniform(t *testing.T) {
	const rounds = 20_000
	s, ctx := newStore(t), t.Context()
	for encoding, set := range forms(t, s) {
		n, err := set.Len(ctx)
		require.NoError(t, err)
		for name, draw := range map[string]func() (string, bool, error){
			"random": func() (string, bool, error) { return set.Random(ctx) },
			"pop": func() (string, bool, error) {
				v, ok, err := set.Pop(ctx)
				_, _ = set.Add(ctx, v)
				return v, ok, err
			},
		} {
			counts := map[string]float64{}
			for range rounds {
				v, _, err := draw()
				require.NoError(t, err)
				counts[v]++
			}
			want, chi := rounds/float64(n), 0.0
			require.Len(t, counts, int(n))
			for _, c := range counts {
				chi += (c - want) * (c - want) / want
			}
			require.Less(t, chi, float64(n)+8*math.Sqrt(2*float64(n)), "%s %s", encoding, name)
		}
	}
}

// TestSetOfManyTypes keeps members of other types than strings.
func TestSetOfManyTypes(t *testing.T) {
	type id uint16
	type point struct{ X, Y int }
	s := newStore(t)
	setRoundTrip(t, s, id(65535), id(0))
	setRoundTrip(t, s, -1, 1)
	setRoundTrip(t, s, 0.25, 1e300)
	setRoundTrip(t, s, true, false)
	setRoundTrip(t, s, "", "text")
	setRoundTrip(t, s, []byte{}, []byte{0, 255})
	setRoundTrip(t, s, point{1, 2}, point{})
}

func setRoundTrip[T any](t *testing.T, s *store.Store, in, out T) {
	t.Helper()
	set, ctx := newSet(t, s, fmt.Sprintf("%T", in), in), t.Context()
	members(t, set, in)
	are, err := set.ContainsEach(ctx, in, out)
	require.NoError(t, err)
	require.Equal(t, []bool{true, false}, are)
	v, ok, err := set.Random(ctx)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, in, v)
}

func TestSetAllocs(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	for _, set := range forms(t, s) {
		v, _, err := set.Random(ctx)
		require.NoError(t, err)
		allocates(t, 0, func() { _, _ = set.Contains(ctx, v) })
		allocates(t, 0, func() { _, _ = set.Add(ctx, v) })
		allocates(t, 0, func() { _, _ = set.Remove(ctx, "no such") })
		allocates(t, 0, func() { _, _ = set.Len(ctx) })
	}
	nums := newSet(t, s, "nums", 1, 2, 3)
	allocates(t, 0, func() { _, _ = nums.Contains(ctx, 2) })
}
