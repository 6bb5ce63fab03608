package snapshot

import (
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// large begins a snapshot and writes more than what is synced in the background.
func large(t *testing.T, d *Directory) (persist.SnapshotWriter, error) {
	w, err := d.Create(t.Context(), persist.Snapshot{Parts: 1})
	require.NoError(t, err)
	b := noise(1 << 20)
	for range 3 * vfs.EarlyBytes / len(b) {
		if err := w.Write(persist.Chunk{Effects: b}); err != nil {
			return w, err
		}
	}
	return w, nil
}

// syncs lets the n-th Sync of a file fail, and counts them.
func syncs(n int, err error) (vfs.Fault, *int) {
	calls := new(int)
	return func(c vfs.Call) error {
		if c.Op == vfs.OpSync {
			if *calls++; *calls == n {
				return err
			}
		}
		return nil
	}, calls
}

// TestASyncOnTheWayThatFails is not made good by one that comes later.
func TestASyncOnTheWayThatFails(t *testing.T) {
	for n := 1; ; n++ {
		m, faults := withOld(t)
		fault, calls := syncs(n, syscall.EIO)
		faults.Inject(fault)
		d := Dir(faults, Options{Uncompressed: true})
		w, err := large(t, d)
		if err == nil {
			err = w.Commit()
		} else {
			require.NoError(t, w.Abort())
		}
		if *calls < n {
			require.NoError(t, err)
			require.Greater(t, n, 2, "nothing was synced on the way")
			return
		}
		require.ErrorIs(t, err, syscall.EIO, n)
		require.EqualValues(t, 10, find(t, d))
		require.Len(t, names(t, m), 1)
	}
}

// TestWritesGoOnWhileTheFileIsSynced holds the first Sync until all is written. The end
// waits for it, and knows when it fails.
func TestWritesGoOnWhileTheFileIsSynced(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(persist.SnapshotWriter) error
		want error
	}{
		"commit": {persist.SnapshotWriter.Commit, syscall.EIO},
		"abort":  {persist.SnapshotWriter.Abort, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, faults := withOld(t)
				gate := vfs.NewGate(vfs.OpSync)
				var begun atomic.Bool
				faults.Inject(func(c vfs.Call) error {
					if c.Op == vfs.OpSync && begun.CompareAndSwap(false, true) {
						return gate.Fault(c)
					}
					return nil
				})
				d := Dir(faults, Options{Uncompressed: true})
				w, err := large(t, d)
				require.NoError(t, err)
				held := gate.Next()
				ended := make(chan error, 1)
				go func() { ended <- c.end(w) }()
				synctest.Wait()
				require.Empty(t, ended, "it has not waited for the Sync")
				held.Go(syscall.EIO)
				require.ErrorIs(t, <-ended, c.want)
				require.EqualValues(t, 10, find(t, d))
			})
		})
	}
}
