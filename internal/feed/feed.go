package feed

import (
	"cmp"
	"errors"
	"sync"
	"time"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/replicate"
)

// Feed is what the followers of an engine read from.
type Feed struct {
	eng    *engine.Engine
	limits replicate.Backlog

	door   sync.Mutex // of those who come and go
	users  int
	closed bool
	timer  engine.Timer // ends the backlog; nil for none

	mu      sync.Mutex // a leaf
	on      bool       // the engine hands records over
	log     backlog
	senders []*sender // that are at a position
	history string    // what the line is called
	was     string    // and before, "" if nobody knows
	named   int64     // the position up to which it was called so
}

// What a Backlog is without other wishes.
const (
	backlogBytes = 1 << 20
	backlogLag   = 64 << 20
	backlogKeep  = time.Minute
)

// New makes the feed of an engine whose line has a name that followers know. It is
// idle until Replicate.
func New(e *engine.Engine, history string, limits replicate.Backlog) *Feed {
	limits.Bytes = cmp.Or(limits.Bytes, backlogBytes)
	limits.Lag = max(cmp.Or(limits.Lag, backlogLag), limits.Bytes)
	limits.Keep = cmp.Or(limits.Keep, backlogKeep)
	return &Feed{eng: e, limits: limits, history: history}
}

// enter makes sure that the feed takes records, until leave.
func (f *Feed) enter() error {
	f.door.Lock()
	defer f.door.Unlock()
	if f.closed {
		return engine.ErrClosed
	}
	f.stopTimer()
	if f.users++; !f.isOn() {
		f.connect(f)
	}
	return nil
}

// leave lets the backlog end some time after the last user has left.
func (f *Feed) leave() {
	f.door.Lock()
	defer f.door.Unlock()
	if f.users--; f.users > 0 || f.closed {
		return
	}
	if f.limits.Keep < 0 {
		f.connect(nil)
		return
	}
	f.timer = f.eng.Clock().AfterFunc(f.limits.Keep, f.rest)
}

// rest ends the backlog, unless somebody has come.
func (f *Feed) rest() {
	f.door.Lock()
	defer f.door.Unlock()
	if f.users == 0 && !f.closed {
		f.connect(nil)
	}
}

func (f *Feed) stopTimer() {
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
}

func (f *Feed) isOn() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.on
}

// connect makes the engine hand its records to the feed, or to nobody.
func (f *Feed) connect(to *Feed) {
	tx := f.eng.Begin(nil, true, false)
	defer tx.Commit()
	position := int64(0)
	if to == nil {
		tx.Follow(nil)
	} else {
		position = tx.Follow(f)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.on = to != nil
	f.log.begin(position)
}

// Close ends all streams and lets none begin.
func (f *Feed) Close() {
	f.door.Lock()
	defer f.door.Unlock()
	if f.closed {
		return
	}
	f.closed = true
	f.stopTimer()
	if f.isOn() {
		f.connect(nil)
	}
}

// Record is engine.Feed's.
func (f *Feed) Record(r engine.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log.add(r)
	f.trim()
	first := f.log.first()
	for _, s := range f.senders {
		if s.next < first {
			s.lose(replicate.ErrTooSlow)
		}
		s.rouse()
	}
}

// trim drops what the backlog need not have any more. mu is held.
func (f *Feed) trim() {
	if f.log.cost > f.limits.Bytes {
		f.log.trim(f.slowest(), f.limits.Bytes, f.limits.Lag)
	}
}

// slowest is the first position that somebody has still to read. mu is held.
func (f *Feed) slowest() int64 {
	p := f.log.next
	for _, s := range f.senders {
		p = min(p, s.next)
	}
	return p
}

// Replaced is engine.Feed's.
func (f *Feed) Replaced(position int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log.begin(position)
	for _, s := range f.senders {
		s.lose(errReplaced)
		s.rouse()
	}
}

// errReplaced: a stream has to begin again, as the content is another one.
var errReplaced = errors.New("feed: the content was replaced")

// Rename gives the line, which goes on, another name from a position on. The whole store
// is held.
func (f *Feed) Rename(name string, position int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.was, f.named, f.history = f.history, position, name
	for _, s := range f.senders {
		s.rouse()
	}
}

// Leave says that the engine is on another line, of that name, from now on. The whole
// store is held.
func (f *Feed) Leave(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.was, f.named, f.history = "", 0, name
	for _, s := range f.senders {
		s.lose(errReplaced)
	}
}

// Status is how a feed is doing.
type Status struct {
	History   string
	Followers int   // that are told of records, or get a snapshot
	Backlog   int64 // bytes of memory
	First     int64 // the position of its first record, 0 while nothing is kept
}

// Status tells how the feed is doing.
func (f *Feed) Status() Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := Status{History: f.history, Followers: len(f.senders), Backlog: f.log.cost}
	if f.on {
		s.First = f.log.first()
	}
	return s
}
