package redistest

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/residedb/reside/store"
)

// Clock stands still until a test moves it. Given as Options.Store.Clock it is the
// time of everything that a store and its clients can see: deadlines of keys and
// fields, timeouts of blocking commands, CLIENT PAUSE, idle times, TIME.
//
//	clock := redistest.NewClock(time.Time{})
//	fake := redistest.New(t, redistest.Options{Store: store.Options{Clock: clock}})
//	client.Set(ctx, "session", "x", time.Minute)
//	clock.Advance(time.Minute + time.Millisecond) // the key is gone
//
// A key lives through the millisecond of its deadline, as in Redis, so a test that
// wants to see it gone goes one further.
//
// What concerns a connection and not the data keeps the system's time: deadlines
// that clients set for themselves, the idle timeout of the server, the time for
// which a client may leave replies unread. A clock may drive several fakes.
type Clock struct {
	moving sync.Mutex // one moves it at a time

	mu     sync.Mutex
	now    time.Time
	timers []*timer // by time
	fakes  []*Server
}

// timer is a call that is due some time.
type timer struct {
	clock *Clock
	at    time.Time
	call  func()
}

// NewClock makes a clock that shows the given time; the zero time is 2000-01-01 UTC,
// where bubbles of testing/synctest begin too.
func NewClock(start time.Time) *Clock {
	if start.IsZero() {
		start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return &Clock{now: start}
}

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc makes f be called by whoever moves the clock on by d.
func (c *Clock) AfterFunc(d time.Duration, f func()) store.Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{c, c.now.Add(max(d, 0)), f}
	// Behind those of the same time: calls are made in the order they were asked for.
	i, _ := slices.BinarySearchFunc(c.timers, t, func(x, t *timer) int { return cmp.Or(x.at.Compare(t.at), -1) })
	c.timers = slices.Insert(c.timers, i, t)
	return t
}

// Stop keeps the call from being made; it reports false if that has begun already.
func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	i := slices.Index(t.clock.timers, t)
	if i < 0 {
		return false
	}
	t.clock.timers = slices.Delete(t.clock.timers, i, i+1)
	return true
}

// Advance moves the clock on. What falls due on the way happens in its order, with
// the clock at its time, and has happened when Advance returns: keys are deleted
// without having been read, whoever waited for too long waits no more (its reply
// is on the way). It must not be called inside a transaction.
func (c *Clock) Advance(d time.Duration) {
	c.moving.Lock()
	defer c.moving.Unlock()
	c.moveTo(c.Now().Add(d))
}

// Set moves the clock to a time, as Advance does. It may be set back, too: then
// nothing happens, and what was to happen does at its time.
func (c *Clock) Set(t time.Time) {
	c.moving.Lock()
	defer c.moving.Unlock()
	c.moveTo(t)
}

func (c *Clock) moveTo(end time.Time) {
	for t := c.next(end); t != nil; t = c.next(end) {
		t.call()
	}
	for _, s := range c.show(end) {
		store.Engine(s.store).ExpireDue()
	}
}

// next takes the first call that is due until end and shows its time.
func (c *Clock) next(end time.Time) *timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 || c.timers[0].at.After(end) {
		return nil
	}
	t := c.timers[0]
	c.timers = slices.Delete(c.timers, 0, 1)
	if t.at.After(c.now) { // or else it is from before the clock was set back
		c.now = t.at
	}
	return t
}

// show sets the time and returns the fakes that go by it. They delete keys in the
// background only so often; here the last of them must not be late.
func (c *Clock) show(now time.Time) []*Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
	return slices.Clone(c.fakes)
}

// drive makes a fake, whose store has the clock, hear of its moves.
func (c *Clock) drive(s *Server) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fakes = append(c.fakes, s)
}

func (c *Clock) forget(s *Server) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fakes = slices.DeleteFunc(c.fakes, func(x *Server) bool { return x == s })
}
