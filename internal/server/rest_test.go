//go:build linux && !portable

package server

import (
	"context"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
)

// held is a server in whose hook a client's ECHO waits until release.
func held(t *testing.T, o Options) (s *Server, p *peer, release func()) {
	t.Helper()
	h := stubborn{make(chan struct{}), make(chan struct{})}
	o.Hook = h
	s, addr := start(t, o)
	p = dial(t, addr)
	p.send("ECHO x\r\n")
	<-h.entered
	return s, p, func() { close(h.release) }
}

func TestProbesOfAConnection(t *testing.T) {
	s, addr := start(t, Options{})
	p := dial(t, addr)
	p.do("PING", "+PONG\r\n")
	line := s.clients()[0].line.(*socket)
	line.mu.Lock()
	defer line.mu.Unlock()
	idle, err := syscall.GetsockoptInt(line.fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE)
	require.NoError(t, err)
	require.Equal(t, 300, idle)
}

func TestConnectionThatIsToFinishBeforeItBegins(t *testing.T) {
	e := engine.New(engine.Options{})
	defer e.Close()
	s := New(e, nil, Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	p := dial(t, l.Addr().String())
	nc, err := l.Accept()
	require.NoError(t, err)
	c := newConn(s, nc)
	require.Empty(t, s.register(c))
	ended := make(chan error)
	go func() { ended <- s.Shutdown(context.Background()) }()
	until(t, c.finishing.Load)
	line := c.line.(*socket)
	until(t, func() bool {
		line.mu.Lock()
		defer line.mu.Unlock()
		return line.reads.over
	})
	c.start()
	select {
	case err = <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		require.NoError(t, s.Close())
		require.Fail(t, "it rests for ever", <-ended)
	}
	require.Empty(t, p.gone())
}

// TestSocketIsToldOfAnothersEnd gives a socket the news of one that had its
// descriptor before.
func TestSocketIsToldOfAnothersEnd(t *testing.T) {
	s, client := pair(t)
	require.NoError(t, s.open(func(shift) bool { return false }))
	require.True(t, s.wake(syscall.EPOLLIN|syscall.EPOLLRDHUP|syscall.EPOLLHUP))
	n, err := s.tryRead(make([]byte, 10))
	require.NoError(t, err)
	require.Zero(t, n)
	require.True(t, s.rest(), "there was nothing")
	require.NoError(t, client.CloseWrite())
	until(t, func() bool { return !s.rest() })
}

// TestUrgentDataHidesNothing sends a byte out of band, at which a read ends early.
func TestUrgentDataHidesNothing(t *testing.T) {
	_, p, release := held(t, Options{})
	p.send("PING\r\n")
	raw, err := p.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		err = syscall.Sendto(int(fd), []byte("!"), syscall.MSG_OOB, nil)
	}))
	require.NoError(t, err)
	p.send("PING\r\nPING\r\n")
	release()
	p.want("$1\r\nx\r\n+PONG\r\n+PONG\r\n+PONG\r\n")
}

// TestPacketsAreAllRead has a kind of connection of which a read takes a packet.
func TestPacketsAreAllRead(t *testing.T) {
	e := engine.New(engine.Options{})
	defer e.Close()
	h := stubborn{make(chan struct{}), make(chan struct{})}
	s := New(e, nil, Options{Hook: h})
	defer func() { require.NoError(t, s.Close()) }()
	l, err := net.Listen("unixpacket", filepath.Join(t.TempDir(), "s"))
	require.NoError(t, err)
	go func() { _ = s.Serve(l) }()
	nc, err := net.Dial("unixpacket", l.Addr().String())
	require.NoError(t, err)
	defer func() { _ = nc.Close() }()
	require.NoError(t, nc.SetDeadline(time.Now().Add(patience)))
	for _, packet := range []string{"ECHO x\r\n", "PING\r\n", "PING\r\n"} {
		_, err = nc.Write([]byte(packet))
		require.NoError(t, err)
	}
	<-h.entered
	close(h.release)
	b := make([]byte, 100)
	for got := ""; got != "$1\r\nx\r\n+PONG\r\n+PONG\r\n"; {
		n, err := nc.Read(b)
		require.NoError(t, err, got)
		got += string(b[:n])
	}
}

func TestClosedConnectionsAreGarbage(t *testing.T) {
	s, addr := start(t, Options{})
	s.loops.unite()
	other := dial(t, addr)
	other.do("PING", "+PONG\r\n")
	p := dial(t, addr)
	p.do("PING", "+PONG\r\n")
	gone := weak.Make(s.clients()[1])
	require.NoError(t, p.Close())
	until(t, func() bool { return s.connected() == 1 })
	until(t, func() bool {
		runtime.GC()
		return gone.Value() == nil
	})
}

// TestSilenceBeginsBehindACommand lets a command take longer than a client may be
// silent.
func TestSilenceBeginsBehindACommand(t *testing.T) {
	s, p, release := held(t, Options{Timeout: 100 * time.Millisecond})
	line := s.clients()[0].line.(*socket)
	until(t, func() bool {
		line.mu.Lock()
		defer line.mu.Unlock()
		return line.reads.over
	})
	release()
	p.do("PING", "$1\r\nx\r\n+PONG\r\n")
	require.Empty(t, p.gone(), "now it is silent")
}

// TestLimitOfATransactionThatStreams has all its commands wait to be read.
func TestLimitOfATransactionThatStreams(t *testing.T) {
	const limit, each, commands = 100_000, 1000, 250
	_, p, release := held(t, Options{MaxQuery: limit})
	p.send("MULTI\r\n" + strings.Repeat(set(strings.Repeat("x", each)), commands) + "EXEC\r\n")
	release()
	const buffered = 64 << 10 // what was read before the limit was known may be queued
	require.Less(t, strings.Count(p.gone(), "QUEUED"), (limit+buffered)/each)
}
