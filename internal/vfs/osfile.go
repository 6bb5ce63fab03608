package vfs

import (
	"io"
	"io/fs"
	"os"
)

// osFile is a file of the operating system. It is not opened with O_APPEND, as Windows
// would not truncate it then: Write looks for the end by itself. The os.File is not
// embedded: io.Copy would find its ReadFrom and WriteTo, which know nothing of that.
type osFile struct {
	f        *os.File
	read     int64 // where Read goes on; the system's own position is Write's
	readOnly error // why it could not be opened to write
}

func (f *osFile) Read(b []byte) (int, error) {
	n, err := f.f.ReadAt(b, f.read)
	f.read += int64(n)
	if n > 0 {
		return n, nil // an end, or an error, comes again
	}
	return n, err
}

func (f *osFile) ReadAt(b []byte, at int64) (int, error) { return f.f.ReadAt(b, at) }

func (f *osFile) Write(b []byte) (int, error) {
	if f.readOnly != nil {
		return 0, f.readOnly
	}
	if _, err := f.f.Seek(0, io.SeekEnd); err != nil {
		return 0, err
	}
	return f.f.Write(b)
}

func (f *osFile) Size() (int64, error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f *osFile) Truncate(size int64) error {
	if f.readOnly != nil {
		return f.readOnly
	}
	now, err := f.Size()
	if err != nil {
		return err
	}
	if size < 0 || size > now {
		return failed("truncate", f.f.Name(), fs.ErrInvalid)
	}
	return f.f.Truncate(size)
}

func (f *osFile) Sync() error  { return f.f.Sync() }
func (f *osFile) Close() error { return f.f.Close() }
