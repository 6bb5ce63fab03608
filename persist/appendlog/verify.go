package appendlog

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"slices"

	"github.com/residedb/reside/persist"
)

// Report is what a segment has.
type Report struct {
	Name     string
	History  string
	Position int64 // its records are those behind it
	Last     int64 // the position of its last record that is whole, Position if there is none
	Durable  int64 // up to where it says that the records were durable; the rest may have been
	Records  int64
	Bytes    int64 // of the file
	First    int64 // the clock of the first record, in unix milliseconds
	Latest   int64 // the clock of the last record
	Torn     int64 // bytes behind the last record that Replay would cut off
	// Damage is where it is damaged, or where it ends if the next segment begins later.
	// After a disk failure that is so, and does no harm if there is a snapshot at the
	// position where that one begins, or behind it.
	Damage *persist.DamageError
}

// Verify checks all segments of a directory without changing anything, and says what each
// has. The error is what Replay would return for a snapshot of that history at that
// position, without Repair: nil if the store can be opened. Beside a store that is open
// the last segment may look torn: it is just written to. O(bytes).
func Verify(ctx context.Context, from fs.FS, history string, after int64) ([]Report, error) {
	return verify(ctx, folders{from}, history, after)
}

func verify(ctx context.Context, from files, history string, after int64) (reports []Report, err error) {
	all, err := from.names()
	if err != nil {
		return nil, err
	}
	names := segments(all)
	chain, problem := neededOf(names, history, after)
	for i, n := range names {
		l := link{n, limitOf(names, i)}
		at := slices.IndexFunc(chain, func(l link) bool { return l.fileName == n })
		if at >= 0 {
			l = chain[at]
		}
		r, err := examine(ctx, from, l, l.limit == math.MaxInt64, nil)
		if err != nil && (at >= 0 || !errors.Is(err, persist.ErrVersion)) {
			return reports, err
		}
		reports = append(reports, r)
		if at >= 0 && r.Damage != nil && problem == nil {
			problem = r.Damage
		}
	}
	return reports, problem
}

// neededOf is the chain that Replay would read.
func neededOf(names []fileName, history string, after int64) ([]link, error) {
	if len(names) == 0 {
		return nil, nil
	}
	last := names[len(names)-1].history
	if history != "" && last != history {
		return nil, persist.ErrHistory
	}
	return chainOf(names, last, after)
}

// limitOf is where the segment behind one begins, if that is of the same history.
func limitOf(names []fileName, i int) int64 {
	if i+1 < len(names) && names[i+1].history == names[i].history {
		return names[i+1].position
	}
	return math.MaxInt64
}

// Entry is a record, and where it is in its file.
type Entry struct {
	Offset int64
	Size   int64 // bytes that it takes
	persist.Record
}

// Dump calls each with every whole record of a segment, which is borrowed for the call,
// until that returns an error. The report says what comes behind them. O(bytes).
func Dump(ctx context.Context, from fs.FS, name string, each func(Entry) error) (Report, error) {
	n, suffix, ok := parseName(name)
	if !ok || suffix != "" {
		return Report{}, &fs.PathError{Op: "dump", Path: name, Err: ErrInvalid}
	}
	return examine(ctx, folders{from}, link{n, math.MaxInt64}, true, each)
}

// examine reads a segment. each may be nil.
func examine(ctx context.Context, from files, l link, last bool, each func(Entry) error) (report Report, err error) {
	report.Name, report.History, report.Position, report.Last = l.String(), l.history, l.position, l.position
	r, err := openReader(from, l.fileName)
	if errors.As(err, &report.Damage) {
		report.Bytes, err = sizeOf(from, report.Name)
		return report, err
	}
	if err != nil {
		return report, err
	}
	r.limit, r.places = l.limit, true
	if err = report.read(ctx, r, each); err == nil {
		var e ending
		e, err = r.conclude(last)
		report.Last, report.Durable, report.Torn, report.Damage = e.last, e.durable, e.torn, e.damage
	}
	if !last && report.Last == l.limit {
		report.Durable = report.Last // the next segment begins there
	}
	report.Bytes = r.size
	return report, errors.Join(err, r.close())
}

// read counts the records, and hands them on.
func (report *Report) read(ctx context.Context, r *reader, each func(Entry) error) error {
	var b block
	for more := true; more; {
		err := ctx.Err()
		if err == nil {
			more, err = r.read(&b)
		}
		if err != nil {
			return err
		}
		for i, rec := range b.records {
			report.count(rec)
			if each == nil {
				continue
			}
			if err := each(Entry{b.places[i].offset, b.places[i].size, rec}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (report *Report) count(r persist.Record) {
	if report.Records++; report.Records == 1 {
		report.First = r.Clock
	}
	report.Latest = r.Clock
}
