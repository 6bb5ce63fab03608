//go:build linux && !portable

package server

import (
	"context"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
)

func TestProbesOfAConnection(t *testing.T) {
	s, addr := start(t, Options{})
	p := dial(t, addr)
	p.do("PING", "+PONG\r\n")
	idle, err := syscall.GetsockoptInt(s.clients()[0].line.(*socket).fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE)
	require.NoError(t, err)
	require.Equal(t, 300, idle)
}

func TestConnectionThatIsToFinishBeforeItBegins(t *testing.T) {
	e := engine.New(engine.Options{})
	defer e.Close()
	s := New(e, Options{})
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
	require.NoError(t, s.open(func(shift) {}))
	require.True(t, s.wake(syscall.EPOLLIN|syscall.EPOLLRDHUP|syscall.EPOLLHUP))
	n, err := s.tryRead(make([]byte, 10))
	require.NoError(t, err)
	require.Zero(t, n)
	require.True(t, s.rest(), "there was nothing")
	require.NoError(t, client.CloseWrite())
	until(t, func() bool { return !s.rest() })
}
