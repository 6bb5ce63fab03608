package rdb

import (
	"testing"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/persisttest"
)

func TestSnapshotter(t *testing.T) {
	for name, o := range map[string]Options{"plain": {}, "compressed": {Compress: true}, "version 12": {Version: 12}} {
		t.Run(name, func(t *testing.T) {
			m := vfs.NewMem()
			persisttest.TestSnapshotter(t, func() persist.Snapshotter { return Dir(m, o) })
		})
	}
}
