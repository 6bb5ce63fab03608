package persist_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/persisttest"
)

func TestMemoryLog(t *testing.T) {
	var m persist.MemoryLog
	persisttest.TestLog(t, func() persist.Log { return &m })
}

func TestMemoryLogKeepsNoMoreThanItMust(t *testing.T) {
	var m persist.MemoryLog
	require.NoError(t, m.Begin("00112233445566778899aabbccddeeff", 0))
	for at := int64(1); at <= 100; at++ {
		require.NoError(t, m.Append([]persist.Record{{Position: at, Effects: make([]byte, 1000)}}))
	}
	full := m.Size()
	require.Greater(t, full, int64(100_000))
	require.NoError(t, m.Trim(99))
	require.Equal(t, full/100, m.Size())
	require.NoError(t, m.Trim(1000))
	require.Zero(t, m.Size())
	require.NoError(t, m.Append([]persist.Record{{Position: 101}}))
}
