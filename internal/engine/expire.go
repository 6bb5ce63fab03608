package engine

import "math"

// never is the due time of an engine without deadlines.
const never = int64(math.MaxInt64)

// expiryBatch is how many keys the background work deletes under one lock.
const expiryBatch = 32

// due is implemented by collections whose elements have deadlines.
type due interface{ NextDeadline() int64 }

// schedule brings the entry's due time up to date and arms the timer if it is
// the next.
func (s *stripe) schedule(e *Entry) {
	e.countVolatile(e.deadline != 0)
	at := e.deadline
	if d, ok := e.obj.(due); ok {
		if f := d.NextDeadline(); f != 0 && (at == 0 || f < at) {
			at = f
		}
	}
	if at == e.space.due.at(e) {
		return
	}
	e.space.due.set(e, at)
	if at != 0 {
		s.eng.timer.arm(at)
	}
}

// ExpireDue deletes every key and field whose time has come, as the background work
// does in its own time.
func (e *Engine) ExpireDue() {
	if !e.replica {
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
	s.mu.Lock()
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
		for e, at := sp.due.min(); e != nil; e, at = sp.due.min() {
			if at >= tx.Now() {
				next = min(next, at)
				break
			}
			if left == 0 {
				return at, true
			}
			left--
			tx.expireEntry(s, e)
		}
	}
	return next, false
}

// expireEntry deletes an entry whose deadline has passed, or those of its fields.
func (tx *Tx) expireEntry(s *stripe, e *Entry) {
	if e.deadline != 0 && tx.Now() > e.deadline {
		tx.drop(s, e)
		return
	}
	tx.expireFields(s, e)
}
