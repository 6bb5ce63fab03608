package rdb

import (
	"sync"
	"sync/atomic"

	"github.com/residedb/reside/internal/vfs"
)

// earlyBytes is how much is written before it is synced in the background.
const earlyBytes = 8 << 20

// earlySync writes to a file, and syncs it now and then beside that. So the disk is at
// work while there is still something to write, and nobody who syncs another file (the
// log) has to wait for all of a snapshot. It has a goroutine only while a Sync runs. One
// goroutine at a time writes.
type earlySync struct {
	file    vfs.File
	since   int // bytes
	running sync.WaitGroup
	busy    atomic.Bool
	err     atomic.Pointer[error] // of a Sync: no later one is to be trusted
}

func (f *earlySync) Write(b []byte) (int, error) {
	if err := f.failure(); err != nil {
		return 0, err
	}
	n, err := f.file.Write(b)
	f.since += n
	if f.since >= earlyBytes && f.busy.CompareAndSwap(false, true) {
		f.since = 0
		f.running.Go(f.sync)
	}
	return n, err
}

func (f *earlySync) sync() {
	if err := f.file.Sync(); err != nil {
		f.err.Store(&err)
	}
	f.busy.Store(false)
}

// wait waits for a Sync that runs, and says whether one has failed. Nobody writes.
func (f *earlySync) wait() error {
	f.running.Wait()
	return f.failure()
}

func (f *earlySync) failure() error {
	if err := f.err.Load(); err != nil {
		return *err
	}
	return nil
}
