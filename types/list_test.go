package types_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func ExampleList() {
	ctx := context.Background()
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()

	jobs := types.NewList[string](s, "jobs")
	_, _ = jobs.PushBack(ctx, "sweep", "paint", "sell")
	job, ok, _ := jobs.PopFront(ctx)
	rest, _ := jobs.Range(ctx, 0, -1)
	fmt.Println(job, ok, rest)
	// Output: sweep true [paint sell]
}

func ExampleList_WaitPopFront() {
	ctx := context.Background()
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()

	jobs := types.NewList[string](s, "jobs")
	go func() { _, _ = jobs.PushBack(ctx, "sweep") }()
	job, err := jobs.WaitPopFront(ctx)
	fmt.Println(job, err)
	// Output: sweep <nil>
}

// newList makes a list of the elements.
func newList[T any](t testing.TB, db store.DB, key string, vs ...T) types.List[T] {
	t.Helper()
	l := types.NewList[T](db, key)
	_, err := l.PushBack(t.Context(), vs...)
	require.NoError(t, err)
	return l
}

// elements checks what is in a list.
func elements[T any](t testing.TB, l types.List[T], want ...T) {
	t.Helper()
	have, err := l.Range(context.Background(), 0, -1)
	require.NoError(t, err)
	require.Equal(t, append([]T{}, want...), have)
	n, err := l.Len(context.Background())
	require.NoError(t, err)
	require.EqualValues(t, len(want), n)
}

func TestListPush(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l := types.NewList[int](s, "l")
	for _, push := range []func(context.Context, ...int) (int64, error){l.PushBackIfPresent, l.PushFrontIfPresent} {
		n, err := push(ctx, 1)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	there, err := l.Exists(ctx)
	require.NoError(t, err)
	require.False(t, there)
	for i, c := range []struct {
		push func(context.Context, ...int) (int64, error)
		want int64
	}{{l.PushBack, 2}, {l.PushFront, 4}, {l.PushBackIfPresent, 6}, {l.PushFrontIfPresent, 8}} {
		n, err := c.push(ctx, i, -i)
		require.NoError(t, err)
		require.Equal(t, c.want, n)
		n, err = c.push(ctx)
		require.NoError(t, err)
		require.Equal(t, c.want, n, "nothing to push")
	}
	elements(t, l, -3, 3, -1, 1, 0, 0, 2, -2)
	none := types.NewList[int](s, "none")
	_, err = none.PushBack(ctx)
	require.NoError(t, err)
	there, err = none.Exists(ctx)
	require.NoError(t, err)
	require.False(t, there, "no elements make no list")
	require.NoError(t, s.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := l.In(tx).PushBack(ctx)
		require.EqualValues(t, 8, n)
		return err
	}), "to push nothing is no write")
}

func TestListIndexAndSet(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l := newList(t, s, "l", "a", "b", "c")
	for i, want := range map[int64]string{0: "a", 2: "c", -1: "c", -3: "a"} {
		v, ok, err := l.Index(ctx, i)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want, v)
	}
	for _, i := range []int64{3, -4, 1 << 40, -1 << 63} {
		_, ok, err := l.Index(ctx, i)
		require.NoError(t, err)
		require.False(t, ok)
		require.ErrorIs(t, l.Set(ctx, i, "x"), store.ErrIndex)
	}
	require.NoError(t, l.Set(ctx, 1, "B"))
	require.NoError(t, l.Set(ctx, -1, ""))
	elements(t, l, "a", "B", "")
	require.ErrorIs(t, types.NewList[string](s, "none").Set(ctx, 0, "x"), store.ErrNoSuchKey)
}

func TestListRangeAndTrim(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for _, c := range []struct {
		first, last int64
		want        []int
	}{
		{0, -1, []int{0, 1, 2, 3, 4}},
		{1, 3, []int{1, 2, 3}},
		{-2, -1, []int{3, 4}},
		{-100, 0, []int{0}},
		{3, 100, []int{3, 4}},
		{2, 1, []int{}},
		{5, 9, []int{}},
		{0, -6, []int{}},
	} {
		t.Run(fmt.Sprint(c.first, " ", c.last), func(t *testing.T) {
			l := newList(t, s, "l", 0, 1, 2, 3, 4)
			have, err := l.Range(ctx, c.first, c.last)
			require.NoError(t, err)
			require.Equal(t, c.want, have)
			require.NoError(t, l.Trim(ctx, c.first, c.last))
			elements(t, l, c.want...)
			_, err = l.Delete(ctx)
			require.NoError(t, err)
		})
	}
}

func TestListInsert(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l := newList(t, s, "l", "a", "b", "b")
	n, ok, err := l.InsertBefore(ctx, "b", "x")
	require.NoError(t, err)
	require.True(t, ok)
	require.EqualValues(t, 4, n)
	n, ok, err = l.InsertAfter(ctx, "b", "y")
	require.NoError(t, err)
	require.True(t, ok)
	require.EqualValues(t, 5, n)
	elements(t, l, "a", "x", "b", "y", "b")
	for _, l := range []types.List[string]{l, types.NewList[string](s, "none")} {
		n, ok, err = l.InsertAfter(ctx, "no such", "z")
		require.NoError(t, err)
		require.False(t, ok)
		require.Zero(t, n)
	}
}

func TestListRemove(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for _, c := range []struct {
		count, removed int64
		want           []string
	}{
		{0, 3, []string{"a", "b"}},
		{2, 2, []string{"a", "b", "x"}},
		{-2, 2, []string{"a", "x", "b"}},
		{9, 3, []string{"a", "b"}},
		{-1 << 63, 3, []string{"a", "b"}},
	} {
		t.Run(fmt.Sprint(c.count), func(t *testing.T) {
			l := newList(t, s, "l", "a", "x", "x", "b", "x")
			n, err := l.Remove(ctx, c.count, "x")
			require.NoError(t, err)
			require.Equal(t, c.removed, n)
			elements(t, l, c.want...)
			_, err = l.Delete(ctx)
			require.NoError(t, err)
		})
	}
}

func TestListPositions(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l := newList(t, s, "l", "a", "x", "b", "x", "x", "c")
	i, ok, err := l.IndexOf(ctx, "x")
	require.NoError(t, err)
	require.True(t, ok)
	require.EqualValues(t, 1, i)
	_, ok, err = l.IndexOf(ctx, "no such")
	require.NoError(t, err)
	require.False(t, ok)
	for _, c := range []struct {
		o    types.FindOptions
		want []int64
	}{
		{types.FindOptions{}, []int64{1, 3, 4}},
		{types.FindOptions{Rank: 1}, []int64{1, 3, 4}},
		{types.FindOptions{Rank: 2}, []int64{3, 4}},
		{types.FindOptions{Rank: -1}, []int64{4, 3, 1}},
		{types.FindOptions{Rank: -2, Count: 1}, []int64{3}},
		{types.FindOptions{Count: 2}, []int64{1, 3}},
		{types.FindOptions{MaxLen: 4}, []int64{1, 3}},
		{types.FindOptions{Rank: -1, MaxLen: 3}, []int64{4, 3}},
		{types.FindOptions{Rank: 4}, nil},
		{types.FindOptions{Rank: -1 << 63}, nil},
		{types.FindOptions{Rank: 1<<63 - 1}, nil},
	} {
		have, err := l.Positions(ctx, "x", c.o)
		require.NoError(t, err)
		require.Equal(t, c.want, have, "%+v", c.o)
	}
	for _, o := range []types.FindOptions{{Count: -1}, {MaxLen: -1}} {
		_, err := l.Positions(ctx, "x", o)
		require.ErrorIs(t, err, store.ErrCount)
	}
}

// TestListOfManyTypes keeps elements of other types than strings.
func TestListOfManyTypes(t *testing.T) {
	type id uint16
	type point struct{ X, Y int }
	s := newStore(t)
	listRoundTrip(t, s, id(65535), id(0))
	listRoundTrip(t, s, -1, 1)
	listRoundTrip(t, s, 0.25, 1e300)
	listRoundTrip(t, s, true, false)
	listRoundTrip(t, s, "", "text")
	listRoundTrip(t, s, []byte{}, []byte{0, 255})
	listRoundTrip(t, s, point{1, 2}, point{})
	listRoundTrip(t, s, map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}, map[string]string{})
}

func listRoundTrip[T any](t *testing.T, s *store.Store, a, b T) {
	t.Helper()
	l, ctx := newList(t, s, fmt.Sprintf("%T", a), a, b), t.Context()
	elements(t, l, a, b)
	for range 20 { // a map's bytes are the same every time
		i, ok, err := l.IndexOf(ctx, a)
		require.NoError(t, err)
		require.True(t, ok)
		require.Zero(t, i)
	}
	v, ok, err := l.PopBack(ctx)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, b, v)
}

// TestListOfSomethingElse has elements that are none of the handle's type.
func TestListOfSomethingElse(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	text := newList(t, s, "l", "1", "x", "2", "y")
	nums := types.NewList[int](s, "l")
	_, err := nums.Range(ctx, 0, -1)
	require.Error(t, err)
	_, _, err = nums.Index(ctx, 1)
	require.Error(t, err)
	vs, err := nums.Range(ctx, 0, 0)
	require.NoError(t, err)
	require.Equal(t, []int{1}, vs)
	_, ok, err := nums.PopBack(ctx)
	require.Error(t, err)
	require.False(t, ok)
	elements(t, text, "1", "x", "2")
}

func TestListAllocs(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	text, nums := newList(t, s, "text", "first", "second"), newList(t, s, "nums", 1, 2)
	v := "some value"
	allocates(t, 0, func() { _, _ = text.PushFront(ctx, v) })
	allocates(t, 1, func() { _, _, _ = text.PopFront(ctx) })
	allocates(t, 0, func() { _, _ = nums.PushFront(ctx, 7) })
	allocates(t, 0, func() { _, _, _ = nums.PopFront(ctx) })
	allocates(t, 0, func() {
		_, _ = nums.PushBack(ctx, 1, 2, 3)
		_, _, _ = nums.PopFront(ctx)
		_, _, _ = nums.Index(ctx, -2)
		_, _, _ = nums.PopBack(ctx)
		_ = nums.Set(ctx, 0, 4)
		_, _ = nums.Len(ctx)
	})
}
