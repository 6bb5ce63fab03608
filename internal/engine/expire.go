package engine

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

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
	if at == e.due && (e.heapPos != 0) == (at != 0) {
		return
	}
	e.due = at
	e.space.due.fix(e)
	if at != 0 {
		s.eng.timer.arm(at)
	}
}

// expiryTimer is the one timer of an engine, armed for the next deadline. An
// engine without deadlines has none.
type expiryTimer struct {
	eng      *Engine
	at       atomic.Int64 // what the timer is armed for
	mu       sync.Mutex
	idle     sync.Cond // no run is under way
	timer    Timer
	running  int
	disabled atomic.Bool
}

func (t *expiryTimer) init(e *Engine) {
	t.eng = e
	t.idle.L = &t.mu
	t.at.Store(never)
}

// arm makes sure that the timer rings after the deadline at.
func (t *expiryTimer) arm(at int64) {
	if at >= t.at.Load() || t.eng.replica {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if at >= t.at.Load() || t.disabled.Load() {
		return
	}
	if t.timer != nil {
		t.timer.Stop()
	}
	t.at.Store(at)
	wait := max(at+1-t.eng.Now(), 1)
	wait = min(wait, int64(math.MaxInt64/time.Millisecond))
	t.timer = t.eng.clock.AfterFunc(time.Duration(wait)*time.Millisecond, t.ring)
}

func (t *expiryTimer) ring() {
	t.mu.Lock()
	if t.disabled.Load() {
		t.mu.Unlock()
		return
	}
	t.running++
	t.at.Store(never)
	t.timer = nil
	t.mu.Unlock()
	next := t.eng.expire()
	t.mu.Lock()
	t.running--
	t.idle.Broadcast()
	t.mu.Unlock()
	if next != never {
		t.arm(next)
	}
}

// stop disarms the timer and waits for a run under way.
func (t *expiryTimer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.disabled.Store(true)
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	t.at.Store(never)
	for t.running > 0 {
		t.idle.Wait()
	}
}

// SetActiveExpire turns the background deletion of expired keys off or on; they
// are never visible either way. The transaction holds the whole store. (DEBUG
// SET-ACTIVE-EXPIRE)
func (tx *Tx) SetActiveExpire(on bool) {
	t := &tx.eng.timer
	if on && tx.eng.Closed() {
		return
	}
	t.disabled.Store(!on)
	if !on {
		return
	}
	next := never
	for _, s := range tx.held {
		for _, sp := range s.spaces {
			if sp != nil && sp.due.min() != nil {
				next = min(next, sp.due.min().due)
			}
		}
	}
	t.at.Store(never)
	if next != never {
		t.arm(next)
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
	if s.eng.timer.disabled.Load() {
		return next, false
	}
	left := expiryBatch
	for _, sp := range s.spaces {
		if sp == nil {
			continue
		}
		for e := sp.due.min(); e != nil; e = sp.due.min() {
			if e.due >= tx.Now() {
				next = min(next, e.due)
				break
			}
			if left == 0 {
				return e.due, true
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
