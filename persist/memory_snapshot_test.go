package persist_test

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/persisttest"
)

func TestMemorySnapshots(t *testing.T) {
	var m persist.MemorySnapshots
	persisttest.TestSnapshotter(t, func() persist.Snapshotter { return &m })
}

func TestMemorySnapshotsHaveNoOtherParts(t *testing.T) {
	var m persist.MemorySnapshots
	for _, part := range []int{-1, 1} {
		w, err := m.Create(t.Context(), persist.Snapshot{Parts: 1})
		require.NoError(t, err)
		require.Error(t, w.Write(persist.Chunk{Part: part}))
		require.Error(t, w.Commit())
	}
	_, err := m.Open(t.Context())
	require.ErrorIs(t, err, persist.ErrNoSnapshot)
}

func TestMemorySnapshotsEnd(t *testing.T) {
	var m persist.MemorySnapshots
	w, err := m.Create(t.Context(), persist.Snapshot{Parts: 1})
	require.NoError(t, err)
	require.NoError(t, w.Commit())
	require.ErrorIs(t, w.Write(persist.Chunk{}), fs.ErrClosed)
	require.ErrorIs(t, w.Commit(), fs.ErrClosed)
	w, err = m.Create(t.Context(), persist.Snapshot{Position: 7})
	require.NoError(t, err)
	require.NoError(t, w.Abort())
	require.ErrorIs(t, w.Commit(), fs.ErrClosed)
	r, err := m.Open(t.Context())
	require.NoError(t, err)
	require.Zero(t, r.About().Position)
	require.NoError(t, r.Close())
	_, err = r.Next()
	require.ErrorIs(t, err, fs.ErrClosed)
}
