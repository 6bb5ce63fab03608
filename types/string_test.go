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

func ExampleString() {
	ctx := context.Background()
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()

	name := types.NewString[string](s, "user:1:name")
	_ = name.Set(ctx, "Ada")
	v, ok, err := name.Get(ctx)
	fmt.Println(v, ok, err)
	// Output: Ada true <nil>
}

func TestStringOfManyTypes(t *testing.T) {
	type id uint16
	type point struct{ X, Y int }
	s := store.New(store.Options{})
	roundTrip(t, s, "text")
	roundTrip(t, s, []byte("bytes"))
	roundTrip(t, s, -42)
	roundTrip(t, s, id(65535))
	roundTrip(t, s, 1.5)
	roundTrip(t, s, float32(0.1))
	roundTrip(t, s, true)
	roundTrip(t, s, point{1, 2})
	raw, _, err := types.NewString[string](s, "types_test.id").Get(t.Context())
	require.NoError(t, err)
	require.Equal(t, "65535", raw)
}

func roundTrip[T any](t *testing.T, s *store.Store, v T) {
	t.Helper()
	h := types.NewString[T](s, fmt.Sprintf("%T", v))
	require.NoError(t, h.Set(t.Context(), v))
	got, ok, err := h.Get(t.Context())
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, v, got)
}

func TestStringUpdateRollsBack(t *testing.T) {
	s := store.New(store.Options{})
	h := types.NewString[string](s, "k")
	require.NoError(t, h.Set(t.Context(), "before"))
	err := s.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, h.In(tx).Set(ctx, "inside"))
		return context.Canceled
	})
	require.ErrorIs(t, err, context.Canceled)
	got, _, _ := h.Get(t.Context())
	require.Equal(t, "before", got)
}

func TestAppendToIsTheCallersMemory(t *testing.T) {
	s := store.New(store.Options{})
	h := types.NewString[string](s, "text")
	dst := []byte("have ")
	b, ok, err := h.AppendTo(t.Context(), dst)
	require.NoError(t, err)
	require.False(t, ok)
	require.Equal(t, "have ", string(b))

	require.NoError(t, h.Set(t.Context(), "text"))
	b, ok, err = h.AppendTo(t.Context(), dst)
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, h.Set(t.Context(), "tent"))
	require.Equal(t, "have text", string(b))

	require.NoError(t, h.Set(t.Context(), ""))
	b, ok, err = h.AppendTo(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, ok)
	require.Empty(t, b)

	_, err = types.NewList[string](s, "list").PushBack(t.Context(), "a")
	require.NoError(t, err)
	_, ok, err = types.NewString[string](s, "list").AppendTo(t.Context(), nil)
	require.ErrorIs(t, err, store.ErrWrongType)
	require.False(t, ok)
}

func TestStringAllocs(t *testing.T) {
	s := store.New(store.Options{})
	ctx := context.Background()
	text, num := types.NewString[string](s, "text"), types.NewString[int](s, "num")
	require.NoError(t, text.Set(ctx, "some value"))
	require.NoError(t, num.Set(ctx, 7))
	allocates(t, 1, func() { _, _, _ = text.Get(ctx) })
	allocates(t, 0, func() { _, _, _ = num.Get(ctx) })
	allocates(t, 0, func() {
		var room [16]byte
		_, _, _ = text.AppendTo(ctx, room[:0])
	})
	allocates(t, 0, func() { _ = text.Set(ctx, "other value") })
	allocates(t, 0, func() { _ = num.Set(ctx, 8) })
}

func BenchmarkStringGet(b *testing.B) {
	s := store.New(store.Options{})
	ctx := context.Background()
	h := types.NewString[string](s, "text")
	_ = h.Set(ctx, "some value")
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = h.Get(ctx)
	}
}

func BenchmarkStringSet(b *testing.B) {
	s := store.New(store.Options{})
	ctx := context.Background()
	h := types.NewString[string](s, "text")
	b.ReportAllocs()
	for b.Loop() {
		_ = h.Set(ctx, "some value")
	}
}

func BenchmarkStringMadeForOneGet(b *testing.B) {
	s := store.New(store.Options{})
	ctx := context.Background()
	_ = types.NewString[string](s, "text").Set(ctx, "some value")
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = types.NewString[string](s, "text").Get(ctx)
	}
}

func TestCounterOfFloats(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	c := types.NewCounter(s, "n")
	sum, err := c.AddFloat(ctx, 1.5)
	require.NoError(t, err)
	require.InDelta(t, 1.5, sum, 0)
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, err = c.AddFloat(ctx, f)
		require.ErrorIs(t, err, store.ErrInfinite)
	}
	sum, ok, err := c.GetFloat(ctx)
	require.NoError(t, err)
	require.True(t, ok)
	require.InDelta(t, 1.5, sum, 0)
}
