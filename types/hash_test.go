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

func ExampleHash() {
	ctx := context.Background()
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()

	stock := types.NewHash[string, int](s, "stock")
	_, _ = stock.Set(ctx, "apples", 3)
	_, _ = stock.Add(ctx, "apples", 4)
	n, ok, err := stock.Get(ctx, "apples")
	fmt.Println(n, ok, err)
	// Output: 7 true <nil>
}

type pair = types.Pair[string, string]

// newHash makes a hash of the pairs.
func newHash(t testing.TB, db store.DB, key string, pairs ...pair) types.Hash[string, string] {
	t.Helper()
	h := types.NewHash[string, string](db, key)
	_, err := h.SetMany(t.Context(), pairs...)
	require.NoError(t, err)
	return h
}

func entries(t testing.TB, h types.Hash[string, string]) []pair {
	t.Helper()
	list, err := h.Entries(t.Context())
	require.NoError(t, err)
	return list
}

func TestHashSet(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	h := types.NewHash[string, string](s, "h")
	added, err := h.Set(ctx, "a", "1")
	require.NoError(t, err)
	require.True(t, added)
	added, err = h.Set(ctx, "a", "2")
	require.NoError(t, err)
	require.False(t, added)
	n, err := h.SetMany(ctx, pair{"a", "3"}, pair{"b", "4"}, pair{"c", ""})
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	n, err = h.SetMany(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	ok, err := h.SetIfAbsent(ctx, "a", "5")
	require.NoError(t, err)
	require.False(t, ok)
	ok, err = h.SetIfAbsent(ctx, "d", "6")
	require.NoError(t, err)
	require.True(t, ok)
	require.ElementsMatch(t, []pair{{"a", "3"}, {"b", "4"}, {"c", ""}, {"d", "6"}}, entries(t, h))
}

func TestHashSetWithCondition(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	h := newHash(t, s, "h", pair{"a", "1"})
	for _, c := range []struct {
		name string
		cond types.Condition
		in   []pair
		ok   bool
	}{
		{"one is there", types.IfAbsent, []pair{{"a", "2"}, {"b", "2"}}, false},
		{"none is there", types.IfAbsent, []pair{{"b", "3"}, {"c", "3"}}, true},
		{"one is missing", types.IfPresent, []pair{{"a", "4"}, {"d", "4"}}, false},
		{"all are there", types.IfPresent, []pair{{"a", "5"}, {"b", "5"}}, true},
		{"always", types.Always, []pair{{"c", "6"}}, true},
		{"nothing", types.Always, nil, false},
	} {
		ok, err := h.SetWith(ctx, types.HSetOptions{If: c.cond}, c.in...)
		require.NoError(t, err)
		require.Equal(t, c.ok, ok, c.name)
	}
	require.ElementsMatch(t, []pair{{"a", "5"}, {"b", "5"}, {"c", "6"}}, entries(t, h))
}

func TestHashReads(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	h := newHash(t, s, "h", pair{"a", "one"}, pair{"b", ""})
	v, ok, err := h.Get(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, []any{"one", true}, []any{v, ok})
	v, ok, err = h.Get(ctx, "b")
	require.NoError(t, err)
	require.Equal(t, []any{"", true}, []any{v, ok})
	_, ok, err = h.Get(ctx, "x")
	require.NoError(t, err)
	require.False(t, ok)
	many, err := h.GetMany(ctx, "b", "x", "a", "a")
	require.NoError(t, err)
	require.Equal(t, []types.Maybe[string]{{"", true}, {}, {"one", true}, {"one", true}}, many)
	fields, err := h.Fields(ctx)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"a", "b"}, fields)
	values, err := h.Values(ctx)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"one", ""}, values)
	n, err := h.Len(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	for field, size := range map[string]int64{"a": 3, "b": 0, "x": 0} {
		n, err = h.Size(ctx, field)
		require.NoError(t, err)
		require.Equal(t, size, n, field)
	}
	for field, want := range map[string]bool{"a": true, "b": true, "x": false} {
		has, err := h.Has(ctx, field)
		require.NoError(t, err)
		require.Equal(t, want, has, field)
	}
}

func TestHashRemove(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	h := newHash(t, s, "h", pair{"a", "1"}, pair{"b", "2"}, pair{"c", "3"}, pair{"d", "4"})
	n, err := h.Remove(ctx, "x", "a", "d")
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	got, err := h.GetRemove(ctx, "b", "x", "a")
	require.NoError(t, err)
	require.Equal(t, []types.Maybe[string]{{"2", true}, {}, {}}, got)
	require.Equal(t, []pair{{"c", "3"}}, entries(t, h))
	_, err = h.Remove(ctx, "c")
	require.NoError(t, err)
	there, err := h.Exists(ctx)
	require.NoError(t, err)
	require.False(t, there, "a hash that loses its last field is gone")
}

func TestHashAdd(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	h := newHash(t, s, "h", pair{"word", "x"}, pair{"most", fmt.Sprint(math.MaxInt64)}, pair{"f", "1.5"})
	for _, want := range []int64{3, 6} {
		n, err := h.Add(ctx, "n", 3)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	_, err := h.Add(ctx, "word", 1)
	require.ErrorIs(t, err, store.ErrNotInteger)
	_, err = h.Add(ctx, "most", 1)
	require.ErrorIs(t, err, store.ErrOverflow)
	f, err := h.AddFloat(ctx, "f", 1.25)
	require.NoError(t, err)
	require.Equal(t, 2.75, f)
	f, err = h.AddFloat(ctx, "g", -1e3)
	require.NoError(t, err)
	require.Equal(t, -1000.0, f)
	_, err = h.AddFloat(ctx, "word", 1)
	require.ErrorIs(t, err, store.ErrNotFloat)
	for _, x := range []float64{math.NaN(), math.Inf(1)} {
		_, err = h.AddFloat(ctx, "f", x)
		require.ErrorIs(t, err, store.ErrInfinite)
	}
	v, _, err := h.Get(ctx, "f")
	require.NoError(t, err)
	require.Equal(t, "2.75", v)
}

// TestHashOfManyTypes keeps fields and values of other types than strings.
func TestHashOfManyTypes(t *testing.T) {
	type id uint16
	type point struct{ X, Y int }
	s := newStore(t)
	hashRoundTrip(t, s, id(65535), point{1, 2})
	hashRoundTrip(t, s, point{3, 4}, -1)
	hashRoundTrip(t, s, 7, []byte("bytes"))
	hashRoundTrip(t, s, true, 0.25)
}

func hashRoundTrip[F, V any](t *testing.T, s *store.Store, f F, v V) {
	t.Helper()
	h, ctx := types.NewHash[F, V](s, fmt.Sprintf("%T %T", f, v)), t.Context()
	_, err := h.Set(ctx, f, v)
	require.NoError(t, err)
	got, ok, err := h.Get(ctx, f)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, v, got)
	list, err := h.Entries(ctx)
	require.NoError(t, err)
	require.Equal(t, []types.Pair[F, V]{{f, v}}, list)
}

func TestHashAllocs(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for name, n := range map[string]int{"small": 3, "big": 1000} {
		t.Run(name, func(t *testing.T) {
			text, num := types.NewHash[string, string](s, name), types.NewHash[int, int](s, name+" numbers")
			for i := range n {
				_, err := text.Set(ctx, fmt.Sprint(i), "some value")
				require.NoError(t, err)
				_, err = num.Set(ctx, i, i)
				require.NoError(t, err)
			}
			allocates(t, 1, func() { _, _, _ = text.Get(ctx, "2") })
			allocates(t, 0, func() { _, _, _ = text.Get(ctx, "x") })
			allocates(t, 0, func() { _, _, _ = num.Get(ctx, 2) })
			allocates(t, 0, func() { _, _ = text.Set(ctx, "2", "other value") })
			allocates(t, 0, func() { _, _ = num.Set(ctx, 2, 3) })
			allocates(t, 0, func() { _, _ = text.Has(ctx, "2") })
		})
	}
}
