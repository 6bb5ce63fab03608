package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/glob"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/rdb"
)

// Selection says which keys are meant. The zero value is all of them.
type Selection struct {
	// Match is a pattern for names, as KEYS takes it; "" is for all.
	Match string
	// Types are types of values; none is for all.
	Types []Type
}

// keep is the selection as package rdb asks for it: nil for all keys.
func (s *Selection) keep() (func(db int, key []byte, kind rdb.Kind) bool, error) {
	for _, t := range s.Types {
		if !slices.Contains([]Type{StringType, ListType, SetType, ZSetType, HashType}, t) {
			return nil, fmt.Errorf("%w: there is no type %q", ErrOptions, t)
		}
	}
	if s.Match == "" && len(s.Types) == 0 {
		return nil, nil
	}
	pattern := []byte(s.Match)
	return func(_ int, key []byte, kind rdb.Kind) bool {
		return (len(s.Types) == 0 || slices.Contains(s.Types, Type(kind.String()))) && (len(pattern) == 0 || glob.Match(pattern, key))
	}, nil
}

// ImportOptions are for Import. The zero value adds all keys of a file.
type ImportOptions struct {
	Selection
	// Replace drops all that the store has for what is in the file, in one moment.
	Replace bool
	// KeepExisting leaves out the keys that are there already. Otherwise those of the file
	// take their places.
	KeepExisting bool
	// Expired takes keys whose time has come too, for as long as it takes to expire them.
	Expired bool
	// Skip passes over what this library does not have, where that can be done: streams,
	// functions, data of modules. The report lists it. Otherwise it is an
	// *rdb.UnsupportedError.
	Skip bool
	// Progress is told now and then what was read, and at last what became of it.
	Progress func(rdb.Report)
}

// ImportReport says what became of a file.
type ImportReport struct {
	rdb.Report
	Kept int64 // keys that were left out as they were there already
}

// Import reads a dump file of Redis (RDB, of Redis 2.4 to 8.0) and adds its keys to those
// of the store. Nothing has changed before all of the file was read and found whole: on
// damage, which is a *persist.DamageError with the offset, or when ctx ends, the store is
// what it was; the keys are added then, some at a time, while others use the store, so an
// end of ctx may come between two of them. In a store in memory that has no keys, and with
// Replace, they all come in one moment. Each key is an EventRestore, unless they come so.
// It takes the memory of the file's content twice for a while. O(size of the file).
func (s *Store) Import(ctx context.Context, r io.Reader, o ImportOptions) (report ImportReport, err error) {
	if s.eng.Replica() {
		return report, ErrReplica
	}
	if o.Replace && o.KeepExisting {
		return report, ErrOptions
	}
	ro := rdb.Options{Name: "import", Skip: o.Skip}
	if ro.Keep, err = o.keep(); err != nil {
		return report, err
	}
	if !o.Expired {
		ro.Now = s.eng.Now()
	}
	in, err := rdb.NewReader(r, ro)
	if err != nil {
		return report, err
	}
	if o.Progress == nil {
		o.Progress = func(rdb.Report) {}
	}
	from := &told{Reader: in, tell: o.Progress}
	if o.Replace {
		err = durable.Restore(ctx, s.eng, s.keep.keeperOrNil(), from)
	} else {
		report.Kept, err = durable.Merge(ctx, s.eng, s.keep.keeperOrNil(), from, o.KeepExisting, func(int) {})
	}
	report.Report = in.Report()
	o.Progress(report.Report)
	return report, errors.Join(err, in.Close())
}

// told tells how far the reading is.
type told struct {
	*rdb.Reader
	tell   func(rdb.Report)
	chunks int
}

// tellChunks is after how many chunks Progress is told.
const tellChunks = 64

func (t *told) Next() (persist.Chunk, error) { return t.NextInto(nil) }

func (t *told) NextInto(room []byte) (persist.Chunk, error) {
	if t.chunks++; t.chunks%tellChunks == 0 {
		t.tell(t.Report())
	}
	return t.Reader.NextInto(room)
}
