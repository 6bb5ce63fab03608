package server

import (
	"errors"

	"github.com/residedb/reside/internal/wire"
)

// farewell tells a client that broke the protocol, after the replies it has
// still to get.
func (c *conn) farewell(err error) {
	var bad *wire.ProtocolError
	if errors.As(err, &bad) {
		c.out.Error("ERR " + bad.Error())
		c.srv.stats.fail("ERR")
	}
	c.flush()
}

// flush sends the replies. It reports false when the client is to be cut off, or is to
// hear no more than what was sent.
func (c *conn) flush() bool {
	c.tally.publish()
	c.takePushes()
	c.mark = 0
	c.settle()
	n := int64(c.out.Len())
	if n == 0 {
		return true
	}
	limit := c.set.output[normalClass]
	if waiting := n + c.box.waiting.Load(); limit.hard > 0 && waiting > limit.hard || c.pushedTooMuch(waiting) {
		c.cutOff()
		return false
	}
	_, err := c.net.Write(c.out.Buf)
	if limit.soft > 0 && c.box.waiting.Load() > limit.soft {
		c.box.cutIfLate(limit.soft, limit.within)
	}
	c.srv.stats.sent.Add(n)
	c.out.Reset()
	if cap(c.out.Buf) > maxPending {
		c.out.Buf = nil
	}
	return err == nil && !c.quit
}

// pushedTooMuch reports whether more pushes wait for the client than may for a
// subscriber: without an output limit its commands wait until it has taken the
// replies, but pushes come by themselves.
func (c *conn) pushedTooMuch(waiting int64) bool {
	limit := c.set.output[pubsubClass].hard
	return limit > 0 && min(c.pushes.taken, waiting) > limit
}

// cutOff ends the connection at once; what was not sent is lost.
func (c *conn) cutOff() {
	c.out.Reset()
	c.mark = 0
	c.quit = true
	c.sever()
	c.srv.forget(c)
	_ = c.box.Close()
}
