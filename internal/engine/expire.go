package engine

import (
	"math"

	"github.com/residedb/reside/internal/ds/slab"
)

// never is the due time of an engine without deadlines.
const never = int64(math.MaxInt64)

// expiryBatch is how many keys and fields the background work deletes under one lock, but
// for the fields of the last hash, which may be as many again.
const expiryBatch = 32

// hasDue is implemented by collections whose elements have deadlines.
type hasDue interface{ NextDeadline() int64 }

// schedule brings the due time of a box up to date and arms the timer if it is the
// next.
func (s *stripe) schedule(b *box) {
	b.countVolatile(b.deadline != 0)
	at := b.deadline
	if d, ok := b.obj.(hasDue); ok {
		f := d.NextDeadline()
		if f != 0 && (at == 0 || f < at) {
			at = f
		}
		b.countTimed(f != 0)
	}
	if at == b.space.dueAt(&b.Entry) {
		return
	}
	b.space.setDue(&b.Entry, boxRef+slab.Ref(b.slot), at)
	if at != 0 {
		s.eng.timer.arm(at)
	}
}

// ExpireDue deletes every key and field whose time has come, as the background work
// does in its own time.
func (e *Engine) ExpireDue() {
	if !e.replica.Load() {
		e.expire()
	}
}

// expire deletes every key whose time has come and returns the next deadline.
func (e *Engine) expire() int64 {
	next := never
	for i := range e.stripes {
		for {
			at, more := e.stripes[i].expire()
			if !more {
				next = min(next, at)
				break
			}
		}
	}
	return next
}

// expire deletes up to a batch of due entries; it reports the stripe's next
// deadline and whether one is due still.
func (s *stripe) expire() (next int64, more bool) {
	s.lock()
	tx := s.begin()
	defer tx.Commit()
	next = never
	if s.eng.timer.off.Load() {
		return next, false
	}
	left := expiryBatch
	for _, sp := range s.spaces {
		if sp == nil {
			continue
		}
		for e, at := sp.min(); e != nil; e, at = sp.min() {
			if at >= tx.Now() {
				next = min(next, at)
				break
			}
			if left <= 0 {
				return at, true
			}
			left -= tx.expireEntry(s, sp, e)
		}
	}
	return next, false
}

// expireEntry deletes an entry whose deadline has passed, or some of its fields, and
// returns how many.
func (tx *Tx) expireEntry(s *stripe, sp *space, e *Entry) int {
	if at := e.Deadline(); at == 0 || tx.Now() <= at {
		return tx.expireFields(s, e)
	}
	k := sp.nameOf(e)
	k.B = tx.Keep(k.B)
	tx.drop(s, k, e)
	return 1
}
