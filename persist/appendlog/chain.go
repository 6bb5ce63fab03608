package appendlog

import (
	"fmt"
	"math"

	"github.com/residedb/reside/persist"
)

// link is a segment of a chain, which counts up to a position.
type link struct {
	fileName
	limit int64
}

// chainOf are the segments that have what is behind a position of a history, each up to
// where the next one begins. They are chosen by their names, which their headers confirm
// when they are read.
func chainOf(names []fileName, history string, after int64) (chain []link, err error) {
	kept := inForce(names, history)
	if len(kept) == 0 {
		return nil, nil
	}
	if kept[0].position > after {
		return nil, fmt.Errorf("%w: the log begins behind %d, and what is behind %d is needed", persist.ErrGap, kept[0].position, after)
	}
	for i, n := range kept {
		limit := int64(math.MaxInt64)
		if i+1 < len(kept) {
			limit = kept[i+1].position
		}
		if limit > after || i+1 == len(kept) {
			chain = append(chain, link{n, limit})
		}
	}
	return chain, nil
}

// ending is where the reading of a chain has ended.
type ending struct {
	at      int   // in which link
	offset  int64 // in its file
	last    int64 // the position of the last record
	durable int64 // up to where the records are known to be durable; at most last
	torn    int64 // how many bytes may be cut off
	damage  *persist.DamageError
}

// conclude says what it means that the reading of a segment has ended where it has.
func (r *reader) conclude(last bool) (e ending, err error) {
	e = ending{offset: r.offset, last: r.last, durable: min(r.durable, r.last)}
	switch {
	case r.last >= r.limit:
	case !last:
		e.damage = r.damage(fmt.Sprintf("the next segment begins behind %d, and this ends at %d", r.limit, r.last))
	default:
		if e.damage, err = r.torn(); e.damage == nil {
			e.torn = r.size - r.offset
		}
	}
	return e, err
}
