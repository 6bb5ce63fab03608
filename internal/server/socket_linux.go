//go:build linux && !portable

package server

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// socket is a TCP or UNIX connection outside of Go's poller: an event loop listens for
// it. While it is idle nobody reads; otherwise it is like any net.Conn.
type socket struct {
	loops         *loops
	loop          *loop
	local, remote net.Addr
	serve         func(shift) (again bool)

	mu      sync.Mutex // held during system calls, none of which waits
	moved   sync.Cond  // whatever a Read or Write may wait for has come
	fd      int        // -1 when closed
	idle    bool       // whoever sets it to false has to serve the connection
	news    bool       // the loop saw something since the last read
	drained bool       // the last read took all there was
	ragged  bool       // a read may end before what is there does
	eager   bool       // the loop listens for room to write, too
	reads   timeLimit
	writes  timeLimit
}

// timeLimit is a deadline.
type timeLimit struct {
	at    time.Time
	over  bool
	timer *time.Timer // nil if it is over or there is none
}

// The loop is told once of whatever happens, not as long as it lasts.
const (
	edges    = 1 << 31 // EPOLLET, whose constant is negative on some systems
	listenIn = syscall.EPOLLIN | syscall.EPOLLPRI | syscall.EPOLLRDHUP | edges
	// What stands behind the bytes that a read takes: urgent data, more bytes behind
	// them, or the end, of which there are no further news.
	breaks = syscall.EPOLLPRI | syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
)

// line takes a plain connection over from Go's poller, or returns nil. nc is closed
// in the first case.
func (g *loops) line(nc net.Conn) line {
	var sc syscall.Conn
	switch nc := nc.(type) {
	case *net.TCPConn:
		sc = nc
	case *net.UnixConn:
		if nc.LocalAddr().Network() == "unix" { // of packets a read takes one
			sc = nc
		}
	}
	if sc == nil {
		return nil
	}
	fd := -1
	if raw, err := sc.SyscallConn(); err == nil {
		_ = raw.Control(func(old uintptr) { fd = duplicate(old) })
	}
	if fd < 0 {
		return nil
	}
	s := &socket{loops: g, local: nc.LocalAddr(), remote: nc.RemoteAddr(), fd: fd}
	s.moved.L = &s.mu
	_ = nc.Close()
	return s
}

func duplicate(fd uintptr) int {
	n, _, err := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_DUPFD_CLOEXEC, 0)
	if err != 0 {
		return -1
	}
	return int(n)
}

func (s *socket) open(serve func(shift) (again bool)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serve = serve
	if s.fd < 0 { // closed before it began
		go serve(shift{})
		return nil
	}
	s.idle = true
	err := s.loops.join(s)
	if s.reads.over { // so soon
		s.rouse()
	}
	return err
}

// wake takes note of events. It reports whether the loop has to serve the connection.
func (s *socket) wake(events uint32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved.Broadcast()
	if events&^syscall.EPOLLOUT == 0 {
		return false
	}
	s.news = true
	s.ragged = s.ragged || events&breaks != 0
	return s.take()
}

// take reports whether the connection was idle, which it is no longer. mu is held.
func (s *socket) take() bool {
	was := s.idle
	s.idle = false
	return was
}

func (s *socket) rest() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = s.fd >= 0 && !s.reads.over && !s.news && s.drained
	return s.idle
}

func (s *socket) tryRead(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drained && !s.news && s.usable(&s.reads) == nil {
		return 0, nil
	}
	n, err := s.read(p)
	if err == syscall.EAGAIN {
		return 0, nil
	}
	return n, err
}

// Read waits for bytes.
func (s *socket) Read(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, err = s.read(p); err == syscall.EAGAIN; n, err = s.read(p) {
		s.moved.Wait()
	}
	return n, err
}

// read reads what is there; EAGAIN means nothing. mu is held.
func (s *socket) read(p []byte) (int, error) {
	if err := s.usable(&s.reads); err != nil {
		return 0, err
	}
	s.news = false
	n, err := transfer(syscall.Read, s.fd, p)
	s.drained = err == syscall.EAGAIN || err == nil && n < len(p) && !s.ragged
	if n == 0 && err == nil {
		return 0, io.EOF
	}
	return n, err
}

// TryWrite sends what the system takes at once.
func (s *socket) TryWrite(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return 0, net.ErrClosed
	}
	n, err := transfer(syscall.Write, s.fd, p)
	if err == syscall.EAGAIN {
		return 0, nil
	}
	return n, err
}

// Write waits for room until all is sent.
func (s *socket) Write(p []byte) (sent int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sent < len(p) {
		if err := s.usable(&s.writes); err != nil {
			return sent, err
		}
		n, err := transfer(syscall.Write, s.fd, p[sent:])
		switch {
		case err == syscall.EAGAIN && s.loop != nil:
			s.awaitRoom()
		case err != nil:
			return sent, err
		default:
			sent += n
		}
	}
	return sent, nil
}

// awaitRoom waits until there may be room. mu is held.
func (s *socket) awaitRoom() {
	if !s.eager {
		s.eager = true
		_ = s.loop.listen(syscall.EPOLL_CTL_MOD, s.fd, listenIn|syscall.EPOLLOUT)
	}
	s.moved.Wait()
}

// usable says why nothing can be read or written any more. mu is held.
func (s *socket) usable(limit *timeLimit) error {
	switch {
	case s.fd < 0:
		return net.ErrClosed
	case limit.over:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// transfer calls read or write until no signal interrupts it.
func transfer(call func(fd int, p []byte) (int, error), fd int, p []byte) (n int, err error) {
	for n, err = call(fd, p); err == syscall.EINTR; {
		n, err = call(fd, p)
	}
	return max(n, 0), err
}

// Close ends the connection. If it is idle, whoever serves it learns of it.
func (s *socket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return net.ErrClosed
	}
	if s.loop != nil {
		s.loop.drop(s.fd)
	}
	err := syscall.Close(s.fd)
	s.fd = -1
	s.reads.stop()
	s.writes.stop()
	s.rouse()
	return err
}

// rouse lets those go on who wait, and a goroutine serve an idle connection. mu is
// held.
func (s *socket) rouse() {
	s.moved.Broadcast()
	if s.take() {
		go s.serve(shift{})
	}
}

func (s *socket) LocalAddr() net.Addr  { return s.local }
func (s *socket) RemoteAddr() net.Addr { return s.remote }

// SetDeadline limits reading and writing.
func (s *socket) SetDeadline(t time.Time) error {
	_ = s.SetReadDeadline(t)
	return s.SetWriteDeadline(t)
}

// SetReadDeadline limits reading. When the time is over, an idle connection is served,
// to find that out.
func (s *socket) SetReadDeadline(t time.Time) error { return s.limit(&s.reads, t, s.rouse) }

// SetWriteDeadline limits writing.
func (s *socket) SetWriteDeadline(t time.Time) error { return s.limit(&s.writes, t, s.moved.Broadcast) }

// limit sets a deadline; over is called with mu held when it has passed.
func (s *socket) limit(limit *timeLimit, t time.Time, over func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit.stop()
	limit.at, limit.over = t, false
	if s.fd < 0 || t.IsZero() {
		return nil
	}
	left := time.Until(t)
	if limit.over = left <= 0; limit.over {
		over()
		return nil
	}
	limit.timer = time.AfterFunc(left, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if limit.at.Equal(t) { // it was not moved meanwhile
			limit.over = true
			over()
		}
	})
	return nil
}

func (l *timeLimit) stop() {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
}
