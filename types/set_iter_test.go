package types_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func TestSetIterators(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	for encoding, set := range forms(t, s) {
		have, err := collect(set.All(ctx))
		require.NoError(t, err)
		all, err := set.Members(ctx)
		require.NoError(t, err)
		require.ElementsMatch(t, all, have, encoding)
		have, err = collect(set.Scan(ctx, "*1?"))
		require.NoError(t, err)
		seen := map[string]bool{}
		for _, v := range have {
			seen[v] = true
		}
		for _, v := range all {
			require.Equal(t, len(v) >= 2 && v[len(v)-2] == '1', seen[v], v)
		}
	}
	have, err := collect(types.NewSet[string](s, "none").All(ctx))
	require.NoError(t, err)
	require.Empty(t, have)
}

// TestSetIteratorWithWritesInTheBody grows the set tenfold and takes every yielded
// member out: all that were there from the start are met.
func TestSetIteratorWithWritesInTheBody(t *testing.T) {
	const n = 500
	s, ctx := newStore(t), t.Context()
	set, seen, added := types.NewSet[string](s, "set"), map[string]bool{}, 0
	for i := range n {
		_, err := set.Add(ctx, fmt.Sprint("old", i))
		require.NoError(t, err)
	}
	for v, err := range set.All(ctx) {
		require.NoError(t, err)
		seen[v] = true
		for i := 0; i < 10 && added < 10*n; i++ {
			_, err = set.Add(ctx, fmt.Sprint("new", added))
			require.NoError(t, err)
			added++
		}
		_, err = set.Remove(ctx, v)
		require.NoError(t, err)
	}
	for i := range n {
		require.True(t, seen[fmt.Sprint("old", i)], i)
	}
}

func TestSetIteratorThatEnds(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	set := forms(t, s)["hashtable"]
	for _, err := range set.All(ctx) {
		require.NoError(t, err)
		break
	}
	var last error
	for _, err := range set.All(ctx) {
		if last = err; err == nil {
			require.NoError(t, types.NewString[int](s, "hashtable").Set(ctx, 1))
		}
	}
	require.ErrorIs(t, last, store.ErrWrongType)
}
