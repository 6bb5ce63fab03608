package store

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist/aof"
	"github.com/residedb/reside/persist/rdb"
)

// AOFOptions are for ImportAOF. The zero value adds all keys.
type AOFOptions struct {
	// Options are for reading: whether an unfinished end is an error, and up to which
	// time the data is read. Skip passes over commands too that this library does not
	// have, or that fail, and counts them. Otherwise they are an error.
	aof.Options
	// Selection says which of the keys are taken that there are in the end. All commands
	// are run in any case, as one key may come from another.
	Selection
	// Replace drops all that the store has for what is in the data, in one moment, as when
	// a Redis starts with it.
	Replace bool
	// KeepExisting leaves out the keys that are there already. Otherwise those of the data
	// take their places.
	KeepExisting bool
	// Progress is told now and then how far it is: of the phase "snapshot" keys, and of
	// "commands" bytes of all files.
	Progress func(Progress)
}

// AOFReport says what ImportAOF has found.
type AOFReport struct {
	aof.Report
	// Snapshot is about the content that the commands follow, nil if there was none.
	Snapshot *rdb.Report
	// Skipped are the commands that were passed over, in the order of their first times.
	Skipped []aof.Skipped
	Keys    int64 // that were taken, or Kept: those whose time has come are not counted
	Left    int64 // keys that Selection did not want
	Kept    int64 // keys that were left out as they were there already
}

// ImportAOF replays the append-only data of a Redis and adds the keys that it leads to to
// those of the store. The path is that of the directory of Redis 7, of the manifest in it,
// or of the one file of an older Redis.
//
// The commands are run aside, on nothing, as when a Redis starts with that data: they see
// and change nothing that the store has. When all was read the keys come into the store as
// those of a dump file do: see Import. So a failed import leaves nothing of what it read,
// but for an end of ctx that comes between two keys then, or a store that has failed. It
// takes the memory of the content twice for a while.
//
// As in redis-server, no key expires while the data is read, a last file that ends in the
// middle of a command or a transaction is read up to there (Report.Cut; see
// aof.Options.Strict), and other damage is a *persist.DamageError with file and offset.
// A command that this library does not have, or that fails, is an *aof.CommandError with
// its name, file and offset, and never with its values; so is one that selects a database
// which the store does not have. O(bytes of the files).
func (s *Store) ImportAOF(ctx context.Context, path string, o AOFOptions) (AOFReport, error) {
	switch {
	case s.eng.Replica():
		return AOFReport{}, ErrReplica
	case s.eng.InTx(ctx):
		return AOFReport{}, ErrInTx
	case o.Replace && o.KeepExisting:
		return AOFReport{}, ErrOptions
	}
	if _, err := o.keep(); err != nil {
		return AOFReport{}, err
	}
	in, err := aof.Open(path, o.Options)
	if err != nil {
		return AOFReport{}, err
	}
	i := aofImport{ctx: ctx, in: in, o: o}
	err = errors.Join(i.run(s.eng), in.Close())
	switch {
	case err == nil && o.Replace:
		err = durable.Replace(ctx, s.eng, s.keep.keeperOrNil(), i.aside)
	case err == nil:
		i.report.Kept, err = durable.MergeAside(ctx, s.eng, s.keep.keeperOrNil(), i.aside, o.KeepExisting, func(int) {})
	case i.aside != nil:
		i.aside.Close()
	}
	return i.report, err
}

// aofImport is one that is under way.
type aofImport struct {
	ctx    context.Context
	in     *aof.Reader
	o      AOFOptions
	aside  *engine.Engine
	report AOFReport
}

// run reads the data into an engine of its own.
func (i *aofImport) run(e *engine.Engine) error {
	err := i.snapshot(e)
	r := newReplay(i.aside, i.o.Skip)
	for n := 0; err == nil; n++ {
		var commands []aof.Command
		if commands, err = i.in.Next(); err == nil {
			err = r.run(commands)
		}
		if err == nil && n%1024 == 0 {
			err = i.ctx.Err()
			i.tell(n)
		}
	}
	i.report.Report, i.report.Skipped = i.in.Report(), r.skipped
	if err != io.EOF {
		return err
	}
	if err := i.choose(); err != nil {
		return err
	}
	for db := range i.aside.Databases() {
		i.report.Keys += i.aside.Len(db)
	}
	i.tell(0)
	return nil
}

// choose drops the keys whose time has come by now, and those that are not wanted.
func (i *aofImport) choose() error {
	wanted, err := i.o.keep()
	if err != nil {
		return err
	}
	tx := i.aside.Begin(nil, true, false)
	defer func() { tx.Commit() }()
	now := tx.Now()
	tx.SetNow(replayTime) // so that all are seen
	var drop []engine.Key
	for db := range i.aside.Databases() {
		err = errors.Join(err, tx.EachEntry(db, func(e *engine.Entry) error {
			switch at := e.Deadline(); {
			case at != 0 && at < now:
			case wanted != nil && !wanted(db, e.Key(), rdb.Kind(e.Kind())):
				i.report.Left++
			default:
				return nil
			}
			drop = append(drop, engine.KeyOf(bytes.Clone(e.Key())).In(db))
			return nil
		}))
	}
	for _, k := range drop {
		_, failed := tx.Delete(k)
		err = errors.Join(err, failed)
	}
	return err
}

// snapshot reads what the commands follow, if there is something.
func (i *aofImport) snapshot(e *engine.Engine) (err error) {
	p := i.in.Preamble()
	if p == nil {
		i.aside = e.Sibling()
		return i.ctx.Err()
	}
	i.aside, err = durable.ReadAside(i.ctx, e, p, i.o.Progress)
	report := p.Report()
	i.report.Snapshot = &report
	return err
}

// tell tells of the progress, every 65,536 calls or at the end.
func (i *aofImport) tell(n int) {
	if i.o.Progress != nil && n%(1<<16) == 0 {
		i.o.Progress(Progress{Phase: "commands", Done: i.in.Report().Bytes})
	}
}
