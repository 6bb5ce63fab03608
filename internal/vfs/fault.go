package vfs

import (
	"fmt"
	"slices"
)

// Fault has a say in a call before it is made: nil lets it go on, an error is returned
// in its place. It runs in the caller's goroutine, without a lock: it may wait, look
// at the directory, copy it or crash it.
type Fault func(Call) error

// FailAt makes the n-th call fail, and no other.
func FailAt(n int, err error) Fault {
	return func(c Call) error {
		if c.N == n {
			return err
		}
		return nil
	}
}

// FailFrom makes the n-th call fail, and all behind it.
func FailFrom(n int, err error) Fault {
	return func(c Call) error {
		if c.N >= n {
			return err
		}
		return nil
	}
}

// Fail makes all calls of some kinds fail.
func Fail(err error, ops ...Op) Fault {
	return func(c Call) error {
		if slices.Contains(ops, c.Op) {
			return err
		}
		return nil
	}
}

// ShortError is an error for a Fault to return: a Write takes so many bytes before it
// returns Err. Other calls take nothing.
type ShortError struct {
	Bytes int
	Err   error
}

// Error says how many bytes, and the cause.
func (e *ShortError) Error() string { return fmt.Sprintf("after %d bytes: %v", e.Bytes, e.Err) }

// Unwrap returns Err.
func (e *ShortError) Unwrap() error { return e.Err }

// Call is one call to a directory, a file or a lock.
type Call struct {
	N     int    // 1, 2, 3 and so on since Inject
	Op    Op     // which method
	Name  string // of the file, as it was opened; "." if it is about none; the old one of a rename
	Bytes int    // how many a Read or Write is about
}

// String is for messages: "12 write log (40 bytes)".
func (c Call) String() string {
	if c.Bytes > 0 {
		return fmt.Sprintf("%d %s %s (%d bytes)", c.N, c.Op, c.Name, c.Bytes)
	}
	return fmt.Sprintf("%d %s %s", c.N, c.Op, c.Name)
}

// Op is the method that is called.
type Op int

// The methods of FS, of File, and of what Lock returns (OpUnlock is its Close).
const (
	OpCreate Op = iota
	OpOpen
	OpRemove
	OpRename
	OpList
	OpSyncDir
	OpLock
	OpUnlock
	OpRead
	OpReadAt
	OpWrite
	OpSize
	OpTruncate
	OpSync
	OpClose
)

// String is the method's name.
func (o Op) String() string {
	return [...]string{"create", "open", "remove", "rename", "list", "sync directory", "lock", "unlock",
		"read", "read at", "write", "size", "truncate", "sync", "close"}[o]
}
