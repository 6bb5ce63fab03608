package server

import (
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/residedb/reside/internal/wire"
)

// source is how the reader gets at the network: whatever is to be sent goes out
// before the connection waits for the client.
type source conn

func (s *source) Read(p []byte) (int, error) {
	c := (*conn)(s)
	if c.mayOwe() {
		c.owing = true
		c.tally.publish()
		return 0, errOwing
	}
	sent := c.flush()
	c.owing = false
	if !sent {
		return 0, net.ErrClosed
	}
	n, err := c.read(p)
	c.srv.stats.received.Add(int64(n))
	return n, err
}

// errSilent is what a connection that may rest reads instead of waiting.
var errSilent = errors.New("nothing from the client")

// read reads what is there. If that is nothing and the connection may not rest, it
// waits for the client, and gives the turn back meanwhile.
func (c *conn) read(p []byte) (int, error) {
	c.prepare()
	if c.line != nil {
		n, err := c.line.tryRead(p)
		switch {
		case err == os.ErrDeadlineExceeded && c.heard:
			// The time ran out while a command did: it begins anew.
		case n > 0 || err != nil:
			c.heard = true
			return n, err
		case c.between():
			return 0, errSilent
		}
	}
	c.limitSilence()
	c.shift.handOver()
	c.yield()
	defer c.turn.Lock()
	return c.net.Read(p)
}

// between reports whether the connection may rest, as nothing of a command is here.
func (c *conn) between() bool { return c.mayRest && c.in.Taken() == 0 && c.in.Buffered() == 0 }

// prepare takes up changed settings before the client is heard.
func (c *conn) prepare() {
	c.set = c.srv.settings.Load()
	// What MULTI has queued counts as not read yet.
	c.in.Limits = wire.Limits{Bulk: min(c.set.bulk, maxBulk), Query: max(c.set.query-c.queuedBytes, 1), Auth: !c.user}
}

// limitSilence begins the time that the client may be silent, if it has an end.
func (c *conn) limitSilence() {
	if c.set.timeout > 0 {
		c.setTimeout()
	}
}

// setTimeout begins the time that the client may be silent anew. A change of it
// calls that for all connections.
func (c *conn) setTimeout() {
	c.limits.Lock()
	defer c.limits.Unlock()
	var end time.Time
	if timeout := c.srv.settings.Load().timeout; timeout > 0 && !c.patient.Load() {
		end = time.Now().Add(timeout)
	}
	c.readBy(end)
}

// past is a deadline that makes a read end at once.
var past = time.Unix(1, 0)

// readBy sets until when the client has to send something; the zero time is for
// ever. A read that is to end at once does.
func (c *conn) readBy(t time.Time) {
	_ = c.net.SetReadDeadline(t)
	if c.finishing.Load() || c.stopping.Load() {
		_ = c.net.SetReadDeadline(past)
	}
}

// ease holds the client's commands back, while reading on, until it has taken
// most of its replies. One with a limit is let on, to be cut off by that. It
// reports false when the client has left.
func (c *conn) ease() bool {
	limit := c.set.output[normalClass]
	if limit.hard > 0 || c.box.waiting.Load() <= limit.soft {
		return true
	}
	return c.hold(c.box.downTo(maxWaiting/2), c.set.timeout, false)
}

// hold waits for the channel, while reading on behind the last command. It reports
// false when the client has left or the time, if there is one, is over. One that has
// said all it has to say may still listen: whether that is to leave is the caller's
// choice.
func (c *conn) hold(over <-chan struct{}, timeout time.Duration, endLeaves bool) bool {
	if over == nil {
		return true
	}
	var late <-chan time.Time
	if timeout > 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		late = timer.C
	}
	stop, gone := c.listen(timeout == 0)
	defer stop()
	for {
		select {
		case <-over:
			return true
		case properly := <-gone:
			if endLeaves || !properly {
				return false
			}
			gone = nil
		case <-late:
			return false
		}
	}
}

// listen reads on behind the running command, to find out when the client leaves;
// gone tells whether it has hung up properly. stop ends that. A patient one does not
// care how long the client is silent.
func (c *conn) listen(patient bool) (stop func(), gone <-chan bool) {
	c.shift.handOver()
	left, ended := make(chan bool, 1), make(chan struct{})
	c.patient.Store(patient)
	go func() {
		defer close(ended)
		for {
			if err := c.in.More(); err != nil {
				if !c.stopping.Load() {
					left <- err == io.EOF || err == io.ErrUnexpectedEOF
				}
				return
			}
		}
	}()
	return func() {
		c.stopping.Store(true)
		_ = c.net.SetReadDeadline(past)
		<-ended
		c.stopping.Store(false)
		c.patient.Store(false)
		c.readBy(time.Time{})
	}, left
}
