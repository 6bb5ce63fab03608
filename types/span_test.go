package types_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/types"
)

// TestListRangeSharesNothingWithTheStore: what a range has given stays as it was when
// elements are written over, and who writes to it changes neither the list nor what stands
// beside it.
func TestListRangeSharesNothingWithTheStore(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l, want := types.NewList[string](s, "l"), []string{}
	for i := range 3000 { // of several blocks, with empty and long ones between
		want = append(want, strings.Repeat("x", i%7+i%1000/999*400))
	}
	_, err := l.PushBack(ctx, want...)
	require.NoError(t, err)
	texts, err := l.Range(ctx, 0, -1)
	require.NoError(t, err)
	pieces, err := types.NewList[[]byte](s, "l").Range(ctx, 0, -1)
	require.NoError(t, err)
	for i, b := range pieces {
		require.NotNil(t, b)
		require.Equal(t, want[i], string(b))
		_ = append(b, '!')
		for j := range b {
			b[j] = '?'
		}
		require.NoError(t, l.Set(ctx, int64(i), strings.Repeat("y", len(b))))
	}
	require.Equal(t, want, texts)
	for i, b := range pieces {
		require.Equal(t, strings.Repeat("?", len(want[i])), string(b), "element %d", i)
	}
	now, err := l.Range(ctx, 0, -1)
	require.NoError(t, err)
	require.NotContains(t, strings.Join(now, ""), "?")
}

func TestListRangeAllocations(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	l := types.NewList[string](s, "l")
	for range 200 {
		_, err := l.PushBack(ctx, "sixteen bytes at")
		require.NoError(t, err)
	}
	allocates(t, 2, func() { _, _ = l.Range(ctx, 20, 119) }) // strings, and their bytes
	allocates(t, 1, func() {
		_, _, _ = l.PopFront(ctx)
		_, _ = l.PushBack(ctx, "sixteen bytes at")
	})
}
