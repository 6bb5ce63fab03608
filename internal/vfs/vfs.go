// Package vfs is the file system as persistence needs it: one directory of files that
// grow at their end. OS is a real one; the crashable one in memory forgets what was not
// synced, as a power cut does.
//
// # What is durable
//
// A file's bytes are durable once its Sync has returned; that the file is there, under
// the name it has, once the directory's Sync has returned after it. Until then both may
// be lost, whole or in part, in any order.
package vfs

import (
	"errors"
	"io"
)

// FS is one directory. Names have no separators. Its methods may be called from many
// goroutines. Errors of missing files are fs.ErrNotExist.
type FS interface {
	// Create makes a file, which must not be there (fs.ErrExist).
	Create(name string) (File, error)
	// Open opens a file for reading and appending.
	Open(name string) (File, error)
	// Remove deletes a file.
	Remove(name string) error
	// Rename gives a file another name, at which it replaces what is there.
	Rename(from, to string) error
	// List returns the names of all files, in order.
	List() ([]string, error)
	// Sync makes creations, removals and renames durable.
	Sync() error
	// Lock takes a file, which it makes if need be, as a sign that the directory is in
	// use: ErrLocked if somebody else has it. It is given back by Close, or when the
	// process ends however it ends.
	Lock(name string) (io.Closer, error)
}

// File is an open file. One goroutine uses it, but for ReadAt and Size.
type File interface {
	io.Reader   // from the beginning on
	io.ReaderAt // from anywhere
	io.Writer   // at the end of the file
	io.Closer   // without Sync
	// Size is how many bytes the file has.
	Size() (int64, error)
	// Truncate drops all bytes behind the first size ones.
	Truncate(size int64) error
	// Sync makes the bytes durable. Once it has failed nothing that was written since
	// the last time is known to be, whatever a later Sync says.
	Sync() error
}

// ErrLocked is returned by Lock for a directory that is in use.
var ErrLocked = errors.New("vfs: the directory is in use")

// ErrCrashed is returned by a directory in memory, and by its files, once it crashed.
var ErrCrashed = errors.New("vfs: crashed")
