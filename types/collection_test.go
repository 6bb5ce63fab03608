package types_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
)

// samples draws from a collection of three elements in every way.
func samples[E comparable](t *testing.T, all []E, random func(context.Context) (E, bool, error), sample, repeating func(context.Context, int64) ([]E, error)) {
	t.Helper()
	ctx := t.Context()
	seen := map[E]bool{}
	for range 200 {
		e, ok, err := random(ctx)
		require.NoError(t, err)
		require.True(t, ok)
		seen[e] = true
		two, err := sample(ctx, 2)
		require.NoError(t, err)
		require.Len(t, two, 2)
		require.NotEqual(t, two[0], two[1])
		require.Subset(t, all, two)
	}
	require.Len(t, seen, 3)
	every, err := sample(ctx, 9)
	require.NoError(t, err)
	require.ElementsMatch(t, all, every)
	many, err := repeating(ctx, 50)
	require.NoError(t, err)
	require.Len(t, many, 50)
	require.Subset(t, all, many)
	for _, draw := range []func(context.Context, int64) ([]E, error){sample, repeating} {
		none, err := draw(ctx, 0)
		require.NoError(t, err)
		require.Empty(t, none)
		_, err = draw(ctx, -1)
		require.ErrorIs(t, err, store.ErrCount)
	}
	_, err = repeating(ctx, 1<<24+1)
	require.ErrorIs(t, err, store.ErrCount)
}

// iterationEnds shows what ends a loop over n elements: its body, or its context.
func iterationEnds[E any](t *testing.T, n int, walk func(context.Context) iter.Seq2[E, error]) {
	t.Helper()
	for _, err := range walk(t.Context()) {
		require.NoError(t, err)
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := 0
	var last error
	for _, err := range walk(ctx) {
		cancel()
		seen++
		last = err
	}
	require.ErrorIs(t, last, context.Canceled)
	require.Less(t, seen, n)
}
