// Package pipe is a network connection in memory, for a client and a server in one
// process.
//
//	client, server := pipe.New(pipe.Options{Window: 64 << 10})
//
//	        Write never waits              Read
//	client ===============================> server
//	       <=============================== client
//	        Read      at most Window bytes
//	                  wait: Write, TryWrite
//
// net.Pipe has no buffer: a client that sends a long pipeline before it reads the
// first reply, and a server that answers as it reads, wait for each other for
// ever. Here what the client sends is kept, however much it is. The server's way
// has a window, as a socket's buffer has, so that a server learns that its client
// does not read; TryWrite is for servers that must not wait for it.
//
// Whoever waits does so on a sync.Cond and deadlines are timers of package time: in
// a bubble of testing/synctest a connection that waits is durably blocked, and its
// deadlines come in virtual time.
//
// It is a package of its own, that knows of nothing else, because the fake hands one
// end to a client and the other to the server, neither of which sees what it is.
package pipe

import (
	"io"
	"net"
	"sync/atomic"
	"time"
)

// Options of a pipe. The zero value never makes a Write wait.
type Options struct {
	Window         int      // bytes that the server sends ahead of what the client has read, 0 for any number
	Client, Server net.Addr // of the ends, told by LocalAddr and RemoteAddr
}

// New makes the two ends of a connection.
func New(o Options) (client, server *Conn) {
	up, down := newLane(0), newLane(o.Window)
	client = &Conn{in: down, out: up, local: o.Client, remote: o.Server}
	server = &Conn{in: up, out: down, local: o.Server, remote: o.Client}
	return client, server
}

// Conn is one end of a pipe. It is a net.Conn whose errors are those of package
// net: io.EOF, net.ErrClosed and os.ErrDeadlineExceeded, for errors.Is. Its
// methods may be called from many goroutines.
type Conn struct {
	in, out       *lane
	local, remote net.Addr
	closed        atomic.Bool
}

// Read takes what the other end wrote, at least one byte; it waits for that. When
// the other end is closed the rest is followed by io.EOF.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.wrap("read", err)
}

// Write sends all of p. It waits only if the way has a window that is full. When
// the other end is closed it fails with io.ErrClosedPipe. Writes of several
// goroutines are not mixed.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, c.wrap("write", err)
}

// TryWrite sends what of p can be sent without waiting, which may be nothing.
func (c *Conn) TryWrite(p []byte) (int, error) {
	n, err := c.out.try(p)
	return n, c.wrap("write", err)
}

// Close ends both ways. The other end can still read what was written before.
// Whoever waits here, and all later calls, fail with net.ErrClosed; so does a
// second Close.
func (c *Conn) Close() error {
	if c.closed.Swap(true) {
		return c.wrap("close", net.ErrClosed)
	}
	c.in.leave()
	c.out.end()
	return nil
}

// CloseWrite ends the way to the other end, which reads io.EOF behind the rest. The
// way back stays open.
func (c *Conn) CloseWrite() error {
	c.out.end()
	return nil
}

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline makes reads fail with os.ErrDeadlineExceeded from t on, those that
// wait already too. The zero time is never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.setDeadline(c.in, &c.in.reader, t)
}

// SetWriteDeadline makes writes fail with os.ErrDeadlineExceeded from t on, those
// that wait already too. The zero time is never.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.setDeadline(c.out, &c.out.writer, t)
}

func (c *Conn) setDeadline(l *lane, s *side, t time.Time) error {
	if c.closed.Load() {
		return c.wrap("set", net.ErrClosed)
	}
	l.setDeadline(s, t)
	return nil
}

// LocalAddr is the address of this end.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is the address of the other end.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// wrap says where an error happened, as package net does.
func (c *Conn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "pipe", Source: c.local, Addr: c.remote, Err: err}
}
