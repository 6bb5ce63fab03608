package server

import (
	"path/filepath"
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
	paths, err := filepath.Glob("testdata/*.script")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		f, err := script.Parse(path)
		require.NoError(t, err)
		for proto := 2; proto <= 3; proto++ {
			t.Run(filepath.Base(path)+"/RESP"+string(rune('0'+proto)), func(t *testing.T) {
				_, addr := startKept(t, durable.Options{LogOff: true})
				script.Run(t, f, addr, proto, nil)
			})
		}
	}
}
