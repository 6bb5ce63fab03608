package store

import (
	"sync"

	"github.com/residedb/reside/internal/engine"
)

// eventQueue holds what was not read yet: a ring that grows to its limit. What does
// not fit is counted, and the count goes with the next event that does.
type eventQueue struct {
	mu    sync.Mutex
	ring  []queued
	head  int
	n     int
	limit int
	held  int64 // bytes of old values that wait
	most  int64 // and how many may, but for a single one
	lost  int64 // since the last event that fitted
	ended bool  // nothing comes any more

	wake chan struct{} // holds a token when there may be something to take
}

type queued struct {
	Event
	memory int64
	lost   int64 // right before it
}

func newEventQueue(limit int, most int64) *eventQueue {
	return &eventQueue{limit: limit, most: most, wake: make(chan struct{}, 1)}
}

// put takes the events that are wanted. It runs under the engine's locks.
func (q *eventQueue) put(events []engine.Event, wants func(*engine.Event) bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	before := q.n
	for i := range events {
		if e := &events[i]; !q.ended && wants(e) {
			q.add(e)
		}
	}
	if q.n > before || q.lost > 0 {
		q.signal()
	}
}

func (q *eventQueue) add(e *engine.Event) {
	if q.n == q.limit || q.n > 0 && q.held+e.Memory > q.most {
		q.lost++
		return
	}
	if q.n == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+q.n)%len(q.ring)] = queued{newEvent(e), e.Memory, q.lost}
	q.n++
	q.held += e.Memory
	q.lost = 0
}

func (q *eventQueue) grow() {
	bigger := make([]queued, min(max(2*len(q.ring), 16), q.limit))
	n := copy(bigger, q.ring[q.head:])
	copy(bigger[n:], q.ring[:q.head])
	q.ring, q.head = bigger, 0
}

func (q *eventQueue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// some reports whether there is something to take.
func (q *eventQueue) some() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.n > 0 || q.lost > 0
}

// take is the next event, or the gap before it. ok is false if there is none now.
func (q *eventQueue) take() (e Event, err error, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	gap := &q.lost
	if q.n > 0 {
		gap = &q.ring[q.head].lost
	}
	switch {
	case *gap > 0:
		err = &GapError{*gap}
		*gap = 0
	case q.n == 0:
		return e, nil, false
	default:
		e = q.ring[q.head].Event
		q.held -= q.ring[q.head].memory
		q.ring[q.head] = queued{}
		q.head = (q.head + 1) % len(q.ring)
		q.n--
	}
	if q.n > 0 || q.lost > 0 {
		q.signal() // for whoever else reads
	}
	return e, err, true
}

// end lets nothing more come and forgets what waits.
func (q *eventQueue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.ring, q.head, q.n, q.held, q.lost = nil, 0, 0, 0, 0
}
