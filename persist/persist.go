// Package persist is how a store's content gets to disk and back: the two interfaces
// that a store writes to, and what crosses them.
//
// A store that is opened with a directory keeps files there (packages snapshot and
// appendlog). Other places, such as a blob store or a database, are reached by an
// implementation of one's own, which package persisttest can check.
//
// # What is kept
//
// Every transaction that changes something has a position: 1, 2, 3 and so on. What it
// did is a Record, a few deterministic effects with absolute times, from which the
// change can be made again. A Snapshot is the whole content at one position. So the
// content at any position is that of a snapshot before it and the records between:
//
//	position   0 ........ 1000 .................. 1700
//	                        │                       │
//	snapshots               ▉ at 1000               │
//	records          ...999 1000 1001 1002 ...   1700
//	                             └──── applied ─────┘
//
// A snapshot's content is effects too, in chunks, so there is one loader for both.
// Effects are bytes to everybody but a store: they are kept and handed back as they are.
//
// A History names one line of positions. A store that goes on from the middle of
// another's, as after a recovery to a point in time, has a new one: position 1700 of one
// history has nothing to do with that of another.
//
// # Who calls what
//
// A store calls, for its life:
//
//	Snapshotter.Open, chunks         the newest snapshot, if there is one
//	Log.Replay                       the records behind it
//	Log.Begin                        from here on
//	Log.Append, Log.Append, Log.Sync ...
//
// and, whenever a snapshot is taken:
//
//	Snapshotter.Create, chunks, Commit      beside calls to the log
//	Log.Trim                                what the snapshot made superfluous
//
// Calls to a Log come one at a time. So do snapshots, but for the chunks of one.
package persist

import (
	"context"
	"errors"
	"fmt"
)

// Record is what one transaction did.
type Record struct {
	// Position is its place in the history: that of the record before it and 1.
	Position int64
	// Clock is the time that the transaction saw, in unix milliseconds. It may go back.
	Clock int64
	// Effects are what it did, opaque to everybody but a store.
	Effects []byte
}

// Snapshot says what a snapshot is of.
type Snapshot struct {
	History   string // 32 hexadecimal digits
	Position  int64  // of the last transaction that it contains
	Clock     int64  // when it was taken, in unix milliseconds
	Databases int    // how many numbered databases the store has
	Keys      int64  // how many keys it contains, those included whose time has come
	Parts     int    // the parts of its chunks are 0 to Parts-1
	Timed     int64  // how many hashes have fields with a deadline
}

// Chunk is a piece of a snapshot, some 64 KiB mostly.
type Chunk struct {
	// Part is what it belongs to. Chunks of one part have an order and are handed back
	// in it; those of different parts have none.
	Part int
	// Keys is how many keys begin in it.
	Keys int
	// Effects make the keys, opaque to everybody but a store.
	Effects []byte
	// Offset is where its first key begins in what it was read from, to be told where it
	// cannot be loaded; 0 if that is not known. Who writes a chunk leaves it 0.
	Offset int64
}

// Snapshotter keeps snapshots. The store makes one call at a time. What is handed back may
// be in other chunks and parts than what was written, if they make the same keys: a place
// that understands effects may keep them in a format of others.
type Snapshotter interface {
	// Create begins a snapshot. Older ones stay what they are until Commit: a snapshot
	// that is not finished, for whatever reason, is as if it had never begun. The context
	// is for all of it: once it is done Write and Commit return its error.
	Create(ctx context.Context, about Snapshot) (SnapshotWriter, error)
	// Open opens the newest snapshot, ErrNoSnapshot if there is none: the one that was
	// committed last, whatever its position is. One that is damaged is an error, a
	// *DamageError where the place is known. The context is for all of the reading: once
	// it is done Next returns its error.
	Open(ctx context.Context) (SnapshotReader, error)
}

// SnapshotWriter takes the chunks of one snapshot. Its life ends with Commit or Abort.
type SnapshotWriter interface {
	// Write takes a chunk, whose bytes are borrowed for the call. Several goroutines
	// call it at once, for different parts.
	Write(Chunk) error
	// Commit makes the snapshot the newest. When it returns nil the snapshot is durable;
	// otherwise it is not there, as after Abort. Nobody writes any more. After an error
	// of Write it is an error.
	Commit() error
	// Abort drops what was written. After Commit it does nothing.
	Abort() error
}

// SnapshotReader hands back a snapshot. One goroutine uses it.
type SnapshotReader interface {
	// About says what the snapshot is of.
	About() Snapshot
	// Next returns the next chunk, io.EOF behind the last one. Its bytes belong to the
	// caller. Any other error means that the snapshot is damaged or cannot be read;
	// io.EOF is only returned when all of it was read and found whole.
	Next() (Chunk, error)
	// Close ends the reading, wherever it is.
	Close() error
}

// IntoReader is a SnapshotReader that reads chunks into memory of earlier ones. A store uses
// that where it is there: of what a chunk costs, new memory is a good part.
type IntoReader interface {
	SnapshotReader
	// NextInto is Next, and leaves room to the reader: this chunk may be in it, or a later
	// one.
	NextInto(room []byte) (Chunk, error)
}

// Log keeps records in order. The store makes one call at a time, but for Size.
type Log interface {
	// Replay calls apply with every record behind position after, in order and without
	// a gap, until that returns an error, which Replay returns then. A tail that was
	// torn when a process or a machine ended is cut off and reported; damage elsewhere
	// is a *DamageError. Records of another history than the one given are an error,
	// unless that is "": then the log tells what the history is. The record is borrowed
	// for the call. Replay comes before all other calls, if it comes.
	Replay(ctx context.Context, history string, after int64, apply func(Record) error) (Recovery, error)
	// Begin says where the next record belongs: to that history, at the position behind
	// the one given. It is called before the first Append, and at the position of a
	// snapshot while one is taken. The position may lie anywhere behind what the log has,
	// or be of another history, if a snapshot of it is durable: after an error, after a
	// time without the log, or when the content was replaced. What was appended so far is
	// as durable after Begin as after Sync, unless an error came before.
	Begin(history string, position int64) error
	// Append takes records, in order and without a gap. Their bytes are borrowed for the
	// call. When it returns they would survive the end of the process, but not that of
	// the machine. After an error nothing may be appended until Begin.
	Append(records []Record) error
	// Sync makes all that was appended durable. After an error none of it is known to
	// be, and nothing may be appended until Begin.
	Sync() error
	// Trim says that records up to a position will not be asked for any more, as there
	// is a snapshot. The log may keep them.
	Trim(upTo int64) error
	// Size is how many bytes the log has. It may be called at any time.
	Size() int64
	// Close ends the use of the log, without Sync.
	Close() error
}

// Recovery says what Replay found.
type Recovery struct {
	History  string // "" if there is none: the log was empty
	Position int64  // of the last record, or where the log began; at least after
	Records  int64  // how many were applied
	Torn     int64  // bytes that were cut off at the end
	Lost     int64  // the position of the first record that was in them, 0 if none was
	Repaired []*DamageError
}

// Errors of stores that were opened. Test for them with errors.Is.
var (
	// ErrNoSnapshot: there is no snapshot.
	ErrNoSnapshot = errors.New("persist: there is no snapshot")
	// ErrLocked: the directory is used by another process, or another store of this one.
	ErrLocked = errors.New("persist: the directory is in use")
	// ErrVersion: a file was written by a later version of this library.
	ErrVersion = errors.New("persist: the file's format is of a later version")
	// ErrHistory: records or a snapshot are of another history than the rest.
	ErrHistory = errors.New("persist: it is of another history")
	// ErrGap: records between the snapshot and the rest of the log are missing.
	ErrGap = errors.New("persist: records are missing")
	// ErrDamaged: what every *DamageError is.
	ErrDamaged = errors.New("persist: damaged")
)

// DamageError says where something is not as it was written.
type DamageError struct {
	File    string // its name
	Offset  int64  // of the first byte that is known to be wrong, or to be part of what is
	Reason  string
	Dropped int64 // bytes that repair has dropped, 0 if it was not asked for
}

// Error says file, offset and reason.
func (e *DamageError) Error() string {
	return fmt.Sprintf("persist: %s is damaged at offset %d: %s", e.File, e.Offset, e.Reason)
}

// Is reports whether the target is ErrDamaged.
func (e *DamageError) Is(target error) bool { return target == ErrDamaged }
