package vfs

import (
	"sync"
	"sync/atomic"
)

// EarlyBytes is how much is written before it is synced in the background.
const EarlyBytes = 8 << 20

// EarlySync writes to a file, and syncs it now and then beside that. So the disk is at
// work while there is still something to write, and nobody who syncs another file (the
// log) has to wait for all of a snapshot. It has a goroutine only while a Sync runs. One
// goroutine at a time writes.
type EarlySync struct {
	File    File
	since   int // bytes
	running sync.WaitGroup
	busy    atomic.Bool
	err     atomic.Pointer[error] // of a Sync: no later one is to be trusted
}

// Write writes to the file, unless a Sync has failed.
func (f *EarlySync) Write(b []byte) (int, error) {
	if err := f.failure(); err != nil {
		return 0, err
	}
	n, err := f.File.Write(b)
	f.since += n
	if f.since >= EarlyBytes && f.busy.CompareAndSwap(false, true) {
		f.since = 0
		f.running.Go(f.sync)
	}
	return n, err
}

func (f *EarlySync) sync() {
	if err := f.File.Sync(); err != nil {
		f.err.Store(&err)
	}
	f.busy.Store(false)
}

// Wait waits for a Sync that runs, and says whether one has failed. Nobody writes.
func (f *EarlySync) Wait() error {
	f.running.Wait()
	return f.failure()
}

func (f *EarlySync) failure() error {
	if err := f.err.Load(); err != nil {
		return *err
	}
	return nil
}
