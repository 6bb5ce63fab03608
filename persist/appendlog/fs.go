package appendlog

import (
	"io/fs"
	"time"

	"github.com/residedb/reside/internal/vfs"
)

// FS returns a directory as what Verify, Dump and ReplayRange read from. Its files have a
// size, and no other properties.
func FS(d vfs.FS) fs.FS { return readOnlyFS{d} }

type readOnlyFS struct{ d vfs.FS }

// Open opens a file, or the directory itself, ".".
func (r readOnlyFS) Open(name string) (fs.File, error) {
	if name == "." {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	f, err := r.d.Open(name)
	if err != nil {
		return nil, err
	}
	return readOnlyFile{f, name}, nil
}

// ReadDir lists the directory.
func (r readOnlyFS) ReadDir(name string) (entries []fs.DirEntry, err error) {
	if name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	names, err := r.d.List()
	for _, s := range names {
		entries = append(entries, fs.FileInfoToDirEntry(fileInfo{name: s}))
	}
	return entries, err
}

type readOnlyFile struct {
	vfs.File
	name string
}

func (f readOnlyFile) Stat() (fs.FileInfo, error) {
	size, err := f.Size()
	return fileInfo{f.name, size}, err
}

type fileInfo struct {
	name string
	size int64
}

func (i fileInfo) Name() string     { return i.name }
func (i fileInfo) Size() int64      { return i.size }
func (fileInfo) Mode() fs.FileMode  { return 0o444 }
func (fileInfo) ModTime() time.Time { return time.Time{} }
func (fileInfo) IsDir() bool        { return false }
func (fileInfo) Sys() any           { return nil }
