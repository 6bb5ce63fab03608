// Package vfs is the file system as persistence needs it: one directory of files that
// grow at their end. OS is a real one. Mem is one in memory that crashes when a test
// wants it to, and Faults lets any call to either fail, or wait.
//
// # What is durable
//
// A file's bytes are durable once its Sync has returned; that the file is there, under
// the name it has, once the directory's Sync has returned after it. Until then both may
// be lost, whole or in part, in any order. So who replaces a file does this:
//
//	Create next, Write, Sync        the bytes are durable
//	Rename next to now              a program sees the old file or the new one
//	Sync of the directory           the new one is durable, and only now
//
// A Sync that failed says nothing more ever: systems take the bytes for written and do
// not try again, and the next Sync returns nil. Write to another file instead.
//
// # What a power cut leaves
//
// Mem.Crash returns the directory as it may be then. What is durable is there; for the
// rest chance decides, which is a seed, so that each outcome can be had again:
//
//	synced     ▓▓▓▓▓▓▓▓▓▓▓▓
//	written    ▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░░░
//
//	found      ▓▓▓▓▓▓▓▓▓▓▓▓               nothing since
//	           ▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░░░   all
//	           ▓▓▓▓▓▓▓▓▓▓▓▓░░░░░          torn, at any byte
//	           ▓▓▓▓▓▓▓▓▓▓▓▓░░00░??░░0     blocks of zeros, of what was there before, of anything
//
// A file that was truncated may have its old bytes again. Creations, removals and
// renames may have happened or not, each for itself; after a rename the file may have
// both names. Where a Sync failed, what had been done before it stays subject to chance
// after later ones too.
//
// Mem.Kill is the end of the process alone: all that was written is there.
//
// # A test with power cuts
//
//	rng := rand.New(rand.NewPCG(seed, 0))      // print the seed when something is wrong
//	m := vfs.NewMem()
//	... use m, note what was acknowledged ...
//	after := m.Crash(rng)                      // what still uses m gets ErrCrashed
//	... open after, compare ...
//
// m.Clone().Crash(rng) is a power cut that m does not notice: many outcomes of one
// moment, or of each moment of a run that goes on. Note what was acknowledged before the
// copy is made, then it must be in it.
//
// # A test that lets each call fail
//
//	for n := 1; ; n++ {
//		m := vfs.NewMem()
//		faults := vfs.NewFaults(m)
//		faults.Inject(vfs.FailAt(n, syscall.EIO))
//		... the scenario, on faults ...
//		... check: what it said, what m has, what m.Crash(rng) has ...
//		if faults.Calls() < n {
//			break // nothing failed any more
//		}
//	}
//
// FailFrom is a disk that does not get well before Inject(nil), Fail lets all calls of
// some kinds fail, a *ShortError lets a Write take a part first, and Mem.SetLimit makes
// the disk full. Everything else is a Fault of one's own, which is a function: it can
// look for a name, toss a coin, Clone the directory at call n, or sleep in a bubble of
// testing/synctest. A Gate holds calls until the test lets them go on.
package vfs

import (
	"errors"
	"io"
)

// FS is one directory. Names have no separators (fs.ErrInvalid). Its methods may be
// called from many goroutines. Errors of missing files are fs.ErrNotExist, those of
// closed ones fs.ErrClosed.
type FS interface {
	// Create makes a file, which must not be there (fs.ErrExist).
	Create(name string) (File, error)
	// Open opens a file for reading and appending.
	Open(name string) (File, error)
	// Remove deletes a file. On Windows nobody may have it open.
	Remove(name string) error
	// Rename gives a file another name, at which it replaces what is there. On Windows
	// nobody may have either open.
	Rename(from, to string) error
	// List returns the names of all files, in order: those of locks too.
	List() ([]string, error)
	// Sync makes creations, removals and renames durable. Once it has failed none since
	// the last time is known to be, whatever a later Sync says.
	Sync() error
	// Lock takes a file, which it makes if need be, as a sign that the directory is in
	// use: ErrLocked if somebody else has it. It is given back by Close, when what is
	// returned is forgotten, or when the process ends however it ends.
	Lock(name string) (io.Closer, error)
}

// File is an open file. One goroutine uses it, but for ReadAt, Size and Sync.
type File interface {
	io.Reader   // from the beginning on
	io.ReaderAt // from anywhere
	io.Writer   // at the end of the file
	io.Closer   // without Sync
	// Size is how many bytes the file has.
	Size() (int64, error)
	// Truncate drops all bytes behind the first size ones, which must be there
	// (fs.ErrInvalid).
	Truncate(size int64) error
	// Sync makes the bytes durable. Once it has failed nothing that was written since
	// the last time is known to be, whatever a later Sync says.
	Sync() error
}

// ErrLocked is returned by Lock for a directory that is in use.
var ErrLocked = errors.New("vfs: the directory is in use")

// ErrCrashed is returned by a directory in memory, and by its files, once it crashed.
var ErrCrashed = errors.New("vfs: crashed")
