package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/feed"
	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/appendlog"
	"github.com/residedb/reside/persist/snapshot"
)

// Durability says how a store that was opened is kept. The zero value is useful: a log
// that is synced within a second, and is rewritten when it has grown.
type Durability struct {
	// Sync says when what was written to the log is on disk (Redis: appendfsync).
	Sync Sync
	// NoLog keeps no log: the store is what its last snapshot was (Redis: appendonly no).
	NoLog bool
	// Save are the rules by which snapshots are taken. Nil is DefaultSave without a log,
	// and none with one, which needs none; an empty list is none (Redis: save).
	Save []SaveRule
	// GoOn lets writes go on after a snapshot that a rule asked for has failed, where
	// they are refused otherwise until one succeeds (Redis: stop-writes-on-bgsave-error).
	GoOn bool
	// GrowthPercent and GrowthBytes say when the log is rewritten by itself: when it has
	// so many bytes, 64 MiB if 0, and is so long in percent of the snapshot before it,
	// 100 if 0, never if negative (Redis: auto-aof-rewrite-percentage, -min-size).
	GrowthPercent int
	GrowthBytes   int64
	// KeepSnapshots is how many snapshots the directory has, 1 if 0.
	KeepSnapshots int
	// Repair opens a store whose log is damaged: it drops what is behind the damage. The
	// files are set aside, and Recovered says what was dropped.
	Repair bool
	// Progress is told now and then how far the opening of the store is.
	Progress func(Progress)
	// Archive gets every part of the log that is complete, to be kept for OpenPast; none
	// is removed before it was taken. Nil is for none.
	Archive persist.Archive
	// Snapshots and Log are other places than files in the directory.
	Snapshots persist.Snapshotter
	Log       persist.Log
}

// Sync says when what was written is on disk.
type Sync = durable.Policy

// When what was written is on disk.
const (
	// SyncEverySecond loses at most one second of acknowledged writes, whole transactions,
	// when the process is killed or the machine fails.
	SyncEverySecond = durable.EverySecond
	// SyncAlways loses no acknowledged write. Nothing that shows a write, a read's result
	// included, leaves before the write is on disk.
	SyncAlways = durable.Always
	// SyncNever leaves it to the operating system.
	SyncNever = durable.Never
)

// SaveRule asks for a snapshot once so many changes were made since the last one, if that
// is so long ago.
type SaveRule = durable.Rule

// DefaultSave are Redis's rules: "3600 1 300 100 60 10000".
func DefaultSave() []SaveRule {
	return []SaveRule{{After: time.Hour, Changes: 1}, {After: 5 * time.Minute, Changes: 100}, {After: time.Minute, Changes: 10000}}
}

// Progress says how far the opening of a store is.
type Progress = durable.Progress

// Recovered says what a store was opened with.
type Recovered = durable.Found

// Open opens the store of a directory, and makes the directory if need be: what its
// newest snapshot has and the log behind it. A log that ends in the middle of a
// transaction, as after a power cut, is cut there, which Recovered tells. Damage elsewhere
// is an error, a *persist.DamageError with file and offset, unless Repair is set. One
// store at a time uses a directory: persist.ErrLocked for another. O(size of the files).
func Open(dir string, o Options) (*Store, error) { return OpenContext(context.Background(), dir, o) }

// OpenContext is Open that ends when ctx does.
func OpenContext(ctx context.Context, dir string, o Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	fs, err := vfs.OS(dir)
	if err != nil {
		return nil, err
	}
	s, err := openIn(ctx, fs, o)
	if err == nil {
		s.keep.Dir = dir
	}
	return s, err
}

// OpenPlaces opens a store that is kept in Durability's Snapshots and Log, without files.
func OpenPlaces(ctx context.Context, o Options) (*Store, error) {
	if o.Durability.Snapshots == nil && o.Durability.Log == nil {
		return nil, ErrOptions
	}
	return open(ctx, newEngine(o), o, nil)
}

// lockName is the file by which a directory is one store's.
const lockName = "LOCK"

// openIn opens the store of a directory of any file system.
func openIn(ctx context.Context, fs vfs.FS, o Options) (*Store, error) {
	lock, err := fs.Lock(lockName)
	if errors.Is(err, vfs.ErrLocked) {
		return nil, persist.ErrLocked
	}
	if err != nil {
		return nil, err
	}
	d := &o.Durability
	if d.Snapshots == nil {
		d.Snapshots = snapshot.Dir(fs, snapshot.Options{Keep: d.KeepSnapshots})
	}
	if d.Log == nil {
		d.Log = appendlog.Open(fs, appendlog.Options{Repair: d.Repair, Archive: d.Archive, AfterFunc: o.afterFunc()})
	}
	s, err := open(ctx, newEngine(o), o, lock)
	if err != nil {
		return nil, errors.Join(err, d.Log.Close(), lock.Close())
	}
	return s, nil
}

// open makes a store of an engine and of what Durability's places have.
func open(ctx context.Context, e *engine.Engine, o Options, lock io.Closer) (*Store, error) {
	k, err := durable.Open(ctx, e, o.Durability.keeper())
	if err == nil && !o.Follower {
		if err = feed.Own(ctx, e, k); err != nil {
			err = errors.Join(err, k.Close())
		}
	}
	if err != nil {
		e.Close()
		return nil, fmt.Errorf("reside: the store cannot be opened: %w", err)
	}
	return newStore(e, keep(k, lock), o.Backlog), nil
}

// keeper are the options of the keeper.
func (d *Durability) keeper() durable.Options {
	o := durable.Options{
		Snapshots: d.Snapshots, Log: d.Log, LogOff: d.NoLog || d.Log == nil, Policy: d.Sync, Progress: d.Progress,
		Config: durable.Config{Rules: d.Save, GrowthPercent: d.GrowthPercent, GrowthLeast: d.GrowthBytes, GoOn: d.GoOn},
	}
	if d.Save == nil && o.LogOff {
		o.Config.Rules = DefaultSave()
	}
	if o.Config.GrowthPercent == 0 {
		o.Config.GrowthPercent = 100
	}
	o.Config.GrowthPercent = max(o.Config.GrowthPercent, 0)
	if o.Config.GrowthLeast == 0 {
		o.Config.GrowthLeast = 64 << 20
	}
	return o
}

// InMemory is for the packages of Reside: new places in memory, in which nothing is kept
// before somebody asks for it.
func InMemory(d Durability) Durability {
	d.Snapshots, d.Log, d.NoLog = new(persist.MemorySnapshots), new(persist.MemoryLog), true
	if d.Save == nil {
		d.Save = []SaveRule{}
	}
	return d
}

// afterFunc is that of the clock.
func (o *Options) afterFunc() func(d time.Duration, call func()) (stop func() bool) {
	if o.Clock == nil {
		return nil
	}
	return func(d time.Duration, call func()) func() bool { return o.Clock.AfterFunc(d, call).Stop }
}

// kept is what makes a store last.
type kept struct {
	*durable.Keeper
	close func() error // once
}

// keep makes the end of a keeper that of the directory's lock, which is nil for none.
func keep(k *durable.Keeper, lock io.Closer) *kept {
	return &kept{k, sync.OnceValue(func() error {
		err := k.Close()
		if lock != nil {
			err = errors.Join(err, lock.Close())
		}
		return err
	})}
}

func newEngine(o Options) *engine.Engine {
	e := engine.New(engine.Options{Databases: o.Databases, Clock: o.Clock, Seed: o.Seed, Replica: o.Follower})
	e.Configure(func(c *engine.Config) { c.MaxMemory, c.Policy = o.MaxMemory, o.Eviction })
	return e
}

// Keeper is for the packages of Reside: what makes the store last, nil for nothing.
func Keeper(s *Store) *durable.Keeper {
	if s.keep == nil {
		return nil
	}
	return s.keep.Keeper
}
