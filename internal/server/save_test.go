package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist"
)

// startKept starts a server for a store that is kept in memory.
func startKept(t testing.TB, o durable.Options) (s *Server, addr string) {
	e := engine.New(engine.Options{})
	if o.Snapshots == nil {
		o.Snapshots = new(persist.MemorySnapshots)
	}
	if o.Log == nil {
		o.Log = new(persist.MemoryLog)
	}
	o.Config.GrowthPercent, o.Config.GrowthLeast = 100, 64<<20
	k, err := durable.Open(t.Context(), e, o)
	require.NoError(t, err)
	t.Cleanup(func() {
		e.Close()
		require.NoError(t, k.Close())
	})
	return startOn(t, e, k, Options{Debug: true})
}

// TestSaveScripts runs the scripts about snapshots and the log.
func TestSaveScripts(t *testing.T) {
	script.RunAll(t, "testdata/*.script", func(t *testing.T) (string, func(*testing.T)) {
		_, addr := startKept(t, durable.Options{LogOff: true})
		return addr, nil
	})
}
