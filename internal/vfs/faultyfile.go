package vfs

import "errors"

// faultyFile is a file of Faults.
type faultyFile struct {
	d    *Faults
	f    File
	name string // that it was opened with
}

func (f *faultyFile) Read(b []byte) (int, error) {
	if err := f.d.meet(OpRead, f.name, len(b)); err != nil {
		return 0, err
	}
	return f.f.Read(b)
}

func (f *faultyFile) ReadAt(b []byte, at int64) (int, error) {
	if err := f.d.meet(OpReadAt, f.name, len(b)); err != nil {
		return 0, err
	}
	return f.f.ReadAt(b, at)
}

func (f *faultyFile) Write(b []byte) (int, error) {
	err := f.d.meet(OpWrite, f.name, len(b))
	if err == nil {
		return f.f.Write(b)
	}
	var short *ShortError
	if !errors.As(err, &short) {
		return 0, err
	}
	n, more := f.f.Write(b[:min(short.Bytes, len(b))])
	if more != nil {
		return n, more
	}
	return n, failed(OpWrite.String(), f.name, short.Err)
}

func (f *faultyFile) Size() (int64, error) {
	if err := f.d.meet(OpSize, f.name, 0); err != nil {
		return 0, err
	}
	return f.f.Size()
}

func (f *faultyFile) Truncate(size int64) error {
	if err := f.d.meet(OpTruncate, f.name, 0); err != nil {
		return err
	}
	return f.f.Truncate(size)
}

func (f *faultyFile) Sync() error {
	if err := f.d.meet(OpSync, f.name, 0); err != nil {
		loseSync(f.f)
		return err
	}
	return f.f.Sync()
}

// Close closes the file also when it fails, as systems do.
func (f *faultyFile) Close() error {
	if err := f.d.meet(OpClose, f.name, 0); err != nil {
		_ = f.f.Close()
		return err
	}
	return f.f.Close()
}
