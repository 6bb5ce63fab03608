package vfs

import (
	"io"
	"io/fs"
)

// memFile is an open file of a Mem, whose lock guards it all.
type memFile struct {
	m      *Mem
	node   *node
	name   string // that it was opened with
	read   int64
	closed bool
}

// begin takes the lock for a call.
func (f *memFile) begin(op string) error {
	if err := f.m.begin(op, f.name); err != nil {
		return err
	}
	if f.closed {
		f.m.mu.Unlock()
		return failed(op, f.name, fs.ErrClosed)
	}
	return nil
}

func (f *memFile) Read(b []byte) (int, error) {
	if err := f.begin("read"); err != nil {
		return 0, err
	}
	defer f.m.mu.Unlock()
	if len(b) == 0 {
		return 0, nil
	}
	n := f.node.readAt(b, f.read)
	f.read += int64(n)
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (f *memFile) ReadAt(b []byte, at int64) (int, error) {
	if err := f.begin("read"); err != nil {
		return 0, err
	}
	defer f.m.mu.Unlock()
	if at < 0 {
		return 0, failed("read", f.name, fs.ErrInvalid)
	}
	n := f.node.readAt(b, at)
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) Write(b []byte) (int, error) {
	if err := f.begin("write"); err != nil {
		return 0, err
	}
	defer f.m.mu.Unlock()
	n, err := f.m.room(len(b))
	f.node.data = append(f.node.data, b[:n]...)
	if err != nil {
		return n, failed("write", f.name, err)
	}
	return n, nil
}

func (f *memFile) Size() (int64, error) {
	if err := f.begin("size"); err != nil {
		return 0, err
	}
	defer f.m.mu.Unlock()
	return int64(len(f.node.data)), nil
}

func (f *memFile) Truncate(size int64) error {
	if err := f.begin("truncate"); err != nil {
		return err
	}
	defer f.m.mu.Unlock()
	if size < 0 || size > int64(len(f.node.data)) {
		return failed("truncate", f.name, fs.ErrInvalid)
	}
	f.node.truncate(int(size))
	return nil
}

func (f *memFile) Sync() error {
	if err := f.begin("sync"); err != nil {
		return err
	}
	defer f.m.mu.Unlock()
	f.node.sync()
	return nil
}

func (f *memFile) Close() error {
	if err := f.begin("close"); err != nil {
		return err
	}
	defer f.m.mu.Unlock()
	f.closed = true
	return nil
}
