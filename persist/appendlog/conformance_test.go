package appendlog

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/persisttest"
)

// TestLogOfFiles holds the log to what any has to do, with small segments and large ones.
func TestLogOfFiles(t *testing.T) {
	for name, o := range map[string]Options{"small": {SegmentSize: 1 << 10}, "large": {}} {
		t.Run(name, func(t *testing.T) {
			m := vfs.NewMem()
			persisttest.TestLog(t, func() persist.Log { return Open(m, o) })
		})
	}
	t.Run("disk", func(t *testing.T) {
		d, err := vfs.OS(t.TempDir())
		require.NoError(t, err)
		persisttest.TestLog(t, func() persist.Log { return Open(d, Options{SegmentSize: 100 << 10}) })
	})
}
