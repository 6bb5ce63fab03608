package engine

import (
	"sync"
	"sync/atomic"
	"time"
)

// expiryGap is the least time between two runs of the background deletion, in
// milliseconds: deadlines that stand close together share one. (Redis's hz 10)
const expiryGap = 100

// expiryTimer is the one timer of an engine, armed for the next deadline. An
// engine without deadlines has none.
type expiryTimer struct {
	eng *Engine
	at  atomic.Int64 // the deadline that it is armed for
	off atomic.Bool  // switched off, or the engine is closed

	mu      sync.Mutex // a leaf but for the clock
	idle    sync.Cond  // no run is under way
	timer   Timer
	armed   int   // how often: a timer that rings although it was replaced is known by it
	last    int64 // when the last run began, unix ms
	running int
}

func (t *expiryTimer) init(e *Engine) {
	t.eng = e
	t.idle.L = &t.mu
	t.at.Store(never)
}

// arm makes sure that the timer rings after the deadline at.
func (t *expiryTimer) arm(at int64) {
	if at >= t.at.Load() || t.eng.replica.Load() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if at < t.at.Load() && !t.off.Load() {
		t.set(at)
	}
}

// longestDelay keeps a deadline in a far future within what a Duration can hold;
// a run that comes too early arms the timer again.
const longestDelay = int64(1e15)

// set arms the timer; mu is held.
func (t *expiryTimer) set(at int64) {
	if t.timer != nil {
		t.timer.Stop()
	}
	t.at.Store(at)
	t.armed++
	now, mine := t.eng.Now(), t.armed
	rest := min(t.last+expiryGap-now, expiryGap) // not more if the clock was set back
	delay := min(max(at+1-now, rest, 0), longestDelay)
	t.timer = t.eng.clock.AfterFunc(time.Duration(delay)*time.Millisecond, func() { t.ring(mine) })
}

// ring runs the background deletion and arms the timer for the next deadline.
func (t *expiryTimer) ring(mine int) {
	t.mu.Lock()
	if mine != t.armed || t.off.Load() {
		t.mu.Unlock()
		return
	}
	t.running++
	t.last = t.eng.Now()
	t.timer = nil
	t.at.Store(never)
	t.mu.Unlock()
	next := t.eng.expire()
	t.mu.Lock()
	t.running--
	t.idle.Broadcast()
	t.mu.Unlock()
	t.arm(next)
}

// disarm stops the timer for now; mu is held.
func (t *expiryTimer) disarm() {
	t.off.Store(true)
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	t.at.Store(never)
}

// stop disarms the timer for good and waits for a run under way.
func (t *expiryTimer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.disarm()
	for t.running > 0 {
		t.idle.Wait()
	}
}

// SetActiveExpire turns the background deletion of expired keys off or on; they
// are never visible either way. The transaction holds the whole store. (DEBUG
// SET-ACTIVE-EXPIRE)
func (tx *Tx) SetActiveExpire(on bool) {
	t := &tx.eng.timer
	t.mu.Lock()
	t.disarm()
	t.off.Store(!on || tx.eng.Closed())
	t.mu.Unlock()
	t.arm(tx.nextDue())
}

// nextDue is when time has work next in the whole store, which the transaction
// holds.
func (tx *Tx) nextDue() int64 {
	next := never
	for _, s := range tx.held {
		for _, sp := range s.spaces {
			if sp != nil {
				_, at := sp.min()
				next = min(next, at)
			}
		}
	}
	return next
}
