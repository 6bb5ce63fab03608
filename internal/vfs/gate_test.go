package vfs_test

import (
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// TestGate holds a Sync while other calls go on.
func TestGate(t *testing.T) {
	m := vfs.NewMem()
	faults := vfs.NewFaults(m)
	f, err := faults.Create("a")
	require.NoError(t, err)
	gate := vfs.NewGate(vfs.OpSync, vfs.OpSyncDir)
	faults.Inject(gate.Fault)

	done := make(chan error)
	go func() { done <- f.Sync() }()
	held := gate.Next()
	require.Equal(t, vfs.Call{N: 1, Op: vfs.OpSync, Name: "a"}, held.Call)
	require.Equal(t, []string{"a"}, names(t, faults))
	select {
	case err := <-done:
		t.Fatal("Sync has returned: ", err)
	default:
	}
	held.Go(nil)
	require.NoError(t, <-done)

	go func() { done <- faults.Sync() }()
	gate.Next().Go(syscall.EIO)
	require.ErrorIs(t, <-done, syscall.EIO)

	go func() { done <- f.Sync() }()
	gate.Next()
	gate.Open()
	require.NoError(t, <-done)
	require.NoError(t, f.Sync(), "the gate stays open")
}

// TestGateKeepsItsWord: what a held call was told counts, also if the gate is opened at
// once.
func TestGateKeepsItsWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 100 {
			faults := vfs.NewFaults(vfs.NewMem())
			gate := vfs.NewGate(vfs.OpSyncDir)
			faults.Inject(gate.Fault)
			done := make(chan error)
			go func() { done <- faults.Sync() }()
			synctest.Wait()
			held := gate.Next()
			held.Go(syscall.EIO)
			gate.Open()
			require.ErrorIs(t, <-done, syscall.EIO)
			held.Go(nil)
		}
	})
}

// TestGateInABubble: who is held is idle, so that virtual time goes on.
func TestGateInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := vfs.NewFaults(vfs.NewMem())
		gate := vfs.NewGate(vfs.OpSyncDir)
		faults.Inject(gate.Fault)
		start := time.Now()
		var took [2]time.Duration
		for i := range took {
			go func() {
				if err := faults.Sync(); err != nil {
					t.Error(err)
				}
				took[i] = time.Since(start)
			}()
		}
		synctest.Wait() // both are held, though nobody asked for them
		held := gate.Next()
		time.Sleep(3 * time.Second)
		held.Go(nil)
		synctest.Wait()
		time.Sleep(time.Second)
		gate.Open()
		synctest.Wait()
		require.ElementsMatch(t, []time.Duration{3 * time.Second, 4 * time.Second}, took[:])
	})
}
