package vfs

import (
	"errors"
	"io"
	"sync"
)

// Faults is a directory that counts the calls to it and its files, and lets a Fault
// have a say in each.
type Faults struct {
	fs    FS
	mu    sync.Mutex
	fault Fault
	calls int
}

// NewFaults returns a directory that hands its calls on to another. So far nothing
// fails.
func NewFaults(fs FS) *Faults { return &Faults{fs: fs} }

// Inject makes a fault have its say in all further calls, in place of the one before;
// nil is none. Calls are counted from 1 again.
func (d *Faults) Inject(fault Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault, d.calls = fault, 0
}

// Calls is how many calls there were since Inject.
func (d *Faults) Calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// meet asks the fault about a call. What it says is dressed as package os does.
func (d *Faults) meet(op Op, name string, bytes int) error {
	d.mu.Lock()
	d.calls++
	c, fault := Call{d.calls, op, name, bytes}, d.fault
	d.mu.Unlock()
	if fault == nil {
		return nil
	}
	err := fault(c)
	var short *ShortError
	if op != OpWrite && errors.As(err, &short) {
		err = short.Err
	}
	if err != nil {
		return failed(op.String(), name, err)
	}
	return nil
}

// Create makes a file; see FS.
func (d *Faults) Create(name string) (File, error) {
	if err := d.meet(OpCreate, name, 0); err != nil {
		return nil, err
	}
	f, err := d.fs.Create(name)
	return d.file(f, name, err)
}

// Open opens a file; see FS.
func (d *Faults) Open(name string) (File, error) {
	if err := d.meet(OpOpen, name, 0); err != nil {
		return nil, err
	}
	f, err := d.fs.Open(name)
	return d.file(f, name, err)
}

// file wraps what was opened.
func (d *Faults) file(f File, name string, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return &faultyFile{d, f, name}, nil
}

// Remove deletes a file; see FS.
func (d *Faults) Remove(name string) error {
	if err := d.meet(OpRemove, name, 0); err != nil {
		return err
	}
	return d.fs.Remove(name)
}

// Rename gives a file another name; see FS.
func (d *Faults) Rename(from, to string) error {
	if err := d.meet(OpRename, from, 0); err != nil {
		return err
	}
	return d.fs.Rename(from, to)
}

// List returns all names; see FS.
func (d *Faults) List() ([]string, error) {
	if err := d.meet(OpList, ".", 0); err != nil {
		return nil, err
	}
	return d.fs.List()
}

// Sync makes creations, removals and renames durable; see FS.
func (d *Faults) Sync() error {
	if err := d.meet(OpSyncDir, ".", 0); err != nil {
		loseSync(d.fs)
		return err
	}
	return d.fs.Sync()
}

// Lock takes a file; see FS.
func (d *Faults) Lock(name string) (io.Closer, error) {
	if err := d.meet(OpLock, name, 0); err != nil {
		return nil, err
	}
	l, err := d.fs.Lock(name)
	if err != nil {
		return nil, err
	}
	return &faultyLock{d, l, name}, nil
}

// loseSync tells a Mem, or a file of one, of a Sync that did not come through.
func loseSync(of any) {
	if m, ok := of.(interface{ syncFailed() }); ok {
		m.syncFailed()
	}
}

// faultyLock is a lock of Faults.
type faultyLock struct {
	d    *Faults
	l    io.Closer
	name string
}

// Close gives the lock back also when it fails.
func (l *faultyLock) Close() error {
	if err := l.d.meet(OpUnlock, l.name, 0); err != nil {
		_ = l.l.Close()
		return err
	}
	return l.l.Close()
}
