package appendlog

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/residedb/reside/internal/vfs"
)

// file is a segment that is read.
type file interface {
	io.ReaderAt
	io.Closer
	Size() (int64, error)
}

// files are where segments are read from.
type files interface {
	names() ([]string, error)
	open(name string) (file, error)
}

// directory are the files of a log.
type directory struct{ vfs.FS }

func (d directory) names() ([]string, error) { return d.List() }

func (d directory) open(name string) (file, error) {
	f, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// folders are those of anything else, such as archives: a file is read from the first one
// that has it.
type folders []fs.FS

func (all folders) names() ([]string, error) {
	found := map[string]bool{}
	for _, from := range all {
		entries, err := fs.ReadDir(from, ".")
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			found[e.Name()] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func (all folders) open(name string) (file, error) {
	for _, from := range all {
		f, err := from.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return folderFile(f)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// folderFile makes a file of one that may not be an io.ReaderAt: it is kept in memory then.
func folderFile(f fs.File) (file, error) {
	if at, ok := f.(io.ReaderAt); ok {
		return statFile{at, f}, nil
	}
	b, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return heldFile{bytes.NewReader(b)}, nil
}

type statFile struct {
	io.ReaderAt
	fs.File
}

func (f statFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

type heldFile struct{ b *bytes.Reader }

func (f heldFile) ReadAt(b []byte, at int64) (int, error) { return f.b.ReadAt(b, at) }
func (f heldFile) Size() (int64, error)                   { return f.b.Size(), nil }
func (f heldFile) Close() error                           { return nil }

// readFull reads all of b, at a place where the file has so many bytes.
func readFull(f io.ReaderAt, b []byte, at int64) error {
	n, err := f.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == io.EOF:
		return io.ErrUnexpectedEOF // it was longer before
	}
	return err
}
