package appendlog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/residedb/reside/persist"
)

// Range is a part of a history.
type Range struct {
	// History is which one it is of. It may be "" if there is only one.
	History string
	// After is the position before the first record: that of a snapshot.
	After int64
	// UpTo is the position of the last record, 0 for all there are.
	UpTo int64
	// Until is a time in unix milliseconds, 0 for none: the first record that has a later
	// clock, and all behind it, are not wanted. Clocks may go back: a record behind that
	// one may have an earlier one.
	Until int64
}

// errBeyond ends the reading of a range.
var errBeyond = errors.New("appendlog: beyond the range")

// ReplayRange calls apply with the records of a range, in order, which are borrowed for
// the call. The segments are in one or several places: an archive, and the directory of
// the log, which may have them both. It changes nothing. What is missing is
// persist.ErrGap, also at the end if UpTo is given; what is damaged is a
// *persist.DamageError, unless it is behind the range. A torn tail is reported, and left
// as it is. O(bytes of the segments that have such records).
func ReplayRange(ctx context.Context, want Range, apply func(persist.Record) error, from ...fs.FS) (persist.Recovery, error) {
	return replayRange(ctx, want, apply, folders(from))
}

func replayRange(ctx context.Context, want Range, apply func(persist.Record) error, from files) (persist.Recovery, error) {
	found := persist.Recovery{Position: want.After}
	chain, err := chainIn(from, want)
	if err != nil {
		return found, err
	}
	if len(chain) == 0 {
		return found, want.missing(found)
	}
	found.History = chain[0].history
	end, err := readChain(ctx, from, chain, want.After, func(r persist.Record) error {
		if want.Until != 0 && r.Clock > want.Until {
			return errBeyond
		}
		if err := apply(r); err != nil {
			return err
		}
		found.Position, found.Records = r.Position, found.Records+1
		return nil
	})
	switch {
	case errors.Is(err, errBeyond):
		return found, nil
	case err != nil:
		return found, err
	case end.damage != nil:
		return found, end.damage
	case end.torn > 0:
		found.Torn, found.Lost = end.torn, end.last+1
	}
	return found, want.missing(found)
}

// missing is an error if the records do not reach the end of the range.
func (want Range) missing(found persist.Recovery) error {
	if found.Position < want.UpTo {
		return fmt.Errorf("%w: they end at %d, and %d is wanted", persist.ErrGap, found.Position, want.UpTo)
	}
	return nil
}

// chainIn are the segments that have the range, no further than it goes.
func chainIn(from files, want Range) (chain []link, err error) {
	all, err := from.names()
	if err != nil {
		return nil, err
	}
	names := segments(all)
	if want.History == "" {
		if want.History, err = onlyHistory(names); err != nil {
			return nil, err
		}
	}
	if want.UpTo != 0 && want.UpTo <= want.After {
		return nil, nil
	}
	if len(names) > 0 && len(inForce(names, want.History)) == 0 {
		return nil, fmt.Errorf("%w: there are none of %s", persist.ErrHistory, want.History)
	}
	chain, err = chainOf(names, want.History, want.After)
	if err != nil || want.UpTo == 0 {
		return chain, err
	}
	for len(chain) > 1 && chain[len(chain)-1].position >= want.UpTo {
		chain = chain[:len(chain)-1]
	}
	if n := len(chain); n > 0 {
		chain[n-1].limit = min(chain[n-1].limit, want.UpTo)
	}
	return chain, nil
}

// onlyHistory is the history that all segments are of.
func onlyHistory(names []fileName) (history string, err error) {
	for _, n := range names {
		if history != "" && n.history != history {
			return "", fmt.Errorf("%w: there are %s and %s", persist.ErrHistory, history, n.history)
		}
		history = n.history
	}
	return history, nil
}
