package server

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// pause holds clients back (Redis: CLIENT PAUSE). Commands that arrive meanwhile
// wait until it is over.
type pause struct {
	clock engine.Clock
	on    atomic.Bool
	mu    sync.Mutex
	all   bool          // every command waits, not only those that write
	until time.Time     // when it ends
	over  chan struct{} // closed when it has ended
	timer engine.Timer
}

// begin pauses for a duration. A running pause is never made shorter or weaker.
func (p *pause) begin(d time.Duration, all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	end := p.clock.Now().Add(d)
	if p.over == nil {
		p.over, p.all, p.until = make(chan struct{}), all, end
		p.timer = p.clock.AfterFunc(d, p.ring)
	} else {
		p.all = p.all || all
		if end.After(p.until) {
			p.until = end
			p.timer.Stop()
			p.timer = p.clock.AfterFunc(d, p.ring)
		}
	}
	p.on.Store(true)
}

// ring ends the pause, unless it was made longer meanwhile.
func (p *pause) ring() {
	p.mu.Lock()
	early := p.clock.Now().Before(p.until)
	p.mu.Unlock()
	if !early {
		p.end()
	}
}

// end lets everybody go on.
func (p *pause) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over != nil {
		p.timer.Stop()
		close(p.over)
		p.over = nil
		p.on.Store(false)
	}
}

// holds returns what a command has to wait for, nil for nothing.
func (p *pause) holds(writes bool) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over == nil || !p.all && !writes {
		return nil
	}
	return p.over
}

// wait holds the client back as long as a pause asks for it. It reports false if
// the client left or was cut off meanwhile. The words of the command are the
// connection's own, as the network buffer is filled on.
func (p *pause) wait(c *conn, flags command.Flags) bool {
	const writing = command.Write | command.MayReplicate
	writes := flags.Has(writing) || flags.Has(command.RunsQueue) && c.multi != nil && c.multi.flags.Has(writing)
	for over := p.holds(writes); over != nil; over = p.holds(writes) {
		if !c.flush() || !c.hold(over, 0, true) {
			c.quit = true
			return false
		}
	}
	return true
}
