package server

import (
	"sync"
	"sync/atomic"

	"github.com/residedb/reside/internal/wire"
)

// pushes are messages for a client that other goroutines bring, often while they
// hold locks. They leave between two replies: whoever has the connection's turn
// takes them along.
type pushes struct {
	mu       sync.Mutex // a leaf
	out      wire.Writer
	accepted bool        // the client speaks RESP3 and is there
	left     bool        // it leaves
	held     bool        // a reply that was made before has still to be written
	waiting  atomic.Bool // there is something to take
	taken    int64       // bytes that were taken and may wait in the box; guarded by the turn
}

// push brings the client a message, which f writes; one in RESP2 gets none. It does
// not wait: when nobody has the turn, a goroutine takes it and sends the message.
// It reports false if the client leaves.
func (c *conn) push(f func(*wire.Writer)) bool {
	p := &c.pushes
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.accepted {
		p.out.Proto = 3
		f(&p.out)
		p.waiting.Store(!p.held)
	}
	if p.waiting.Load() && c.turn.TryLock() {
		c.box.sender.Add(1)
		go c.sendPushes()
	}
	return !p.left
}

// sendPushes sends what was brought while the client was waited for.
func (c *conn) sendPushes() {
	defer c.box.sender.Done()
	c.flush()
	c.yield()
}

// yield gives the turn back. A message that came too late for those who had it,
// and too early for whoever brought it to get it, is sent before.
func (c *conn) yield() {
	c.turn.Unlock()
	for c.pushes.waiting.Load() && c.turn.TryLock() {
		c.flush()
		c.turn.Unlock()
	}
}

// takePushes puts the messages that wait behind the replies so far.
func (c *conn) takePushes() {
	if !c.pushes.waiting.Load() {
		return
	}
	if c.box.waiting.Load() == 0 {
		c.pushes.taken = 0
	}
	before := c.out.Len()
	c.pushes.moveTo(&c.out)
	c.owe(c.srv.eng.Latest())
	c.pushes.taken += int64(c.out.Len() - before)
}

// moveTo moves the messages to out.
func (p *pushes) moveTo(out *wire.Writer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	out.Raw(p.out.Buf)
	p.clear()
}

func (p *pushes) clear() {
	p.out.Reset()
	if cap(p.out.Buf) > maxPending {
		p.out.Buf = nil
	}
	p.waiting.Store(false)
}

// accept says whether messages are taken from now on; if not, those that wait are
// lost.
func (p *pushes) accept(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.accepted = on; !on {
		p.clear()
	}
}

// leave makes an end of it.
func (p *pushes) leave() {
	p.accept(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = true
}

// hold moves the messages to out, where a reply stands that the client's own
// goroutine will write, and keeps back what comes from now on until release.
func (p *pushes) hold(out *wire.Writer) {
	p.moveTo(out)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = true
}

// accepts reports whether messages are taken.
func (p *pushes) accepts() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// release ends hold.
func (p *pushes) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = false
	p.waiting.Store(p.out.Len() > 0)
}
