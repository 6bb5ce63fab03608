package store

import (
	"context"
	"errors"
	"io"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/snapshot"
)

// Errors of stores that are kept on disk.
var (
	// ErrNotDurable: the disk has failed, or a context has ended, while a write waited for
	// the disk. The change stands in memory; whether it will last is not known.
	ErrNotDurable = durable.ErrNotDurable
	// ErrDisk: a write was refused, and has changed nothing, since the disk has failed.
	// Reads go on. The store recovers by itself when the disk is well again.
	ErrDisk = durable.ErrDisk
	// ErrSaving: a snapshot is under way.
	ErrSaving = durable.ErrSaving
	// ErrTooLate: a backup was taken after the point that was asked for.
	ErrTooLate = durable.ErrTooLate
	// ErrNoPlace: the store has no place that the call needs, for snapshots or a log.
	ErrNoPlace = durable.ErrNoPlace
)

// Recovered says what the store was opened with. It is the zero value for a store that is
// in memory only.
func (s *Store) Recovered() Recovered {
	if s.keep == nil {
		return Recovered{}
	}
	return s.keep.Found()
}

// Save takes a snapshot and returns when it is on disk: ErrSaving if another is under
// way. Writers go on meanwhile. O(keys).
//
// Redis: SAVE
func (s *Store) Save(ctx context.Context) error {
	if s.keep == nil {
		return ErrNoPlace
	}
	return s.keep.Save(ctx)
}

// SaveInBackground begins a snapshot: ErrSaving if one is under way. KeptStatus tells what
// becomes of it.
//
// Redis: BGSAVE
func (s *Store) SaveInBackground() error {
	if s.keep == nil {
		return ErrNoPlace
	}
	return s.keep.SaveInBackground()
}

// RewriteLog begins a snapshot from which the log goes on, and drops what the log had
// before. KeptStatus tells what becomes of it.
//
// Redis: BGREWRITEAOF
func (s *Store) RewriteLog() error {
	if s.keep == nil {
		return ErrNoPlace
	}
	return s.keep.Rewrite()
}

// KeptStatus says how the keeping of a store is doing.
type KeptStatus = durable.Status

// KeptStatus says how the keeping of the store is doing. It is the zero value for a store
// that is in memory only. (Redis: INFO persistence, LASTSAVE)
func (s *Store) KeptStatus() KeptStatus {
	if s.keep == nil {
		return KeptStatus{}
	}
	return s.keep.Status()
}

// WithSync returns a context with which a write returns when it is on disk, whatever the
// store's Sync is. On a store without a log it changes nothing.
func WithSync(ctx context.Context) context.Context { return durable.WithSync(ctx) }

// Position is the number of the last transaction that has changed something. They are
// numbered 1, 2, 3 and so on.
func (s *Store) Position() int64 { return s.eng.Position() }

// WaitDurable waits until all transactions up to a position are on disk. It fails with
// ErrNoPlace without a log, and with ErrDisk if the log has failed.
//
// Redis: WAITAOF
func (s *Store) WaitDurable(ctx context.Context, position int64) error {
	if s.keep == nil {
		return ErrNoPlace
	}
	return s.keep.WaitDurable(ctx, position)
}

// Sync waits until all that was written so far is on disk, as WaitDurable does.
func (s *Store) Sync(ctx context.Context) error { return s.WaitDurable(ctx, s.Position()) }

// Digest is a hash of the whole content, in hexadecimal digits: all keys of all databases
// with their values and times to live. Two stores with the same content have the same
// digest, whatever led to it; it is not that of Redis's DEBUG DIGEST. Writers go on
// meanwhile. O(size of the content).
func (s *Store) Digest(ctx context.Context) (string, error) {
	d, err := s.eng.Digest(ctx)
	return d.String(), err
}

// Backup writes the whole content at one position, which it returns. Writers go on
// meanwhile. The stream has checksums of all its parts; snapshot.Verify checks one.
// O(size of the content).
func (s *Store) Backup(ctx context.Context, w io.Writer) (position int64, err error) {
	about, err := durable.Backup(ctx, s.eng, s.keep.keeperOrNil(), s.from, stream{w})
	return about.Position, err
}

// Restore replaces the whole content by that of a backup, at once, when all of it was
// read and found whole; on error nothing has changed. A store that is kept on disk is
// saved before Restore returns; if that fails with ErrNotDurable the new content stands.
// The store takes the memory of both contents meanwhile.
func (s *Store) Restore(ctx context.Context, r io.Reader) error {
	if s.eng.Replica() {
		return ErrReplica
	}
	in, err := snapshot.NewReader(r, snapshot.Options{Name: "backup"})
	if err != nil {
		return err
	}
	return errors.Join(durable.Restore(ctx, s.eng, s.keep.keeperOrNil(), in), in.Close())
}

func (k *kept) keeperOrNil() *durable.Keeper {
	if k == nil {
		return nil
	}
	return k.Keeper
}

// stream is a place for one snapshot.
type stream struct{ to io.Writer }

func (s stream) Create(_ context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	w, err := snapshot.NewWriter(s.to, about, snapshot.Options{})
	if err != nil {
		return nil, err
	}
	return streamWriter{w}, nil
}

type streamWriter struct{ *snapshot.Writer }

func (w streamWriter) Commit() error { return w.Close() }
func (w streamWriter) Abort() error  { return nil }
