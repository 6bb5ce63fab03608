//go:build linux && !portable

package server

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// unite makes all connections share one loop, however many processors there are.
func (g *loops) unite() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all = make([]*loop, 1)
}

// count is how many loops have connections.
func (g *loops) count() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range g.all {
		if l != nil {
			n++
		}
	}
	return n
}

// stubborn is a hook in whose code the command ECHO waits.
type stubborn struct{ entered, release chan struct{} }

func (stubborn) Connect(net.Addr) bool { return true }

func (h stubborn) Command(c Call) (v Verdict) {
	if c.Name == "echo" {
		h.entered <- struct{}{}
		<-h.release
	}
	return v
}

func TestLoopGoesOnWithoutAConnectionThatTakesLong(t *testing.T) {
	h := stubborn{make(chan struct{}), make(chan struct{})}
	s, addr := start(t, Options{Hook: h})
	s.loops.unite()
	var stuck []*peer
	for range 3 {
		p := dial(t, addr)
		p.send("ECHO x\r\nPING\r\n")
		<-h.entered
		stuck = append(stuck, p)
	}
	other := dial(t, addr)
	for range 100 {
		other.do("PING", "+PONG\r\n")
	}
	close(h.release)
	for _, p := range stuck {
		p.want("$1\r\nx\r\n+PONG\r\n")
		p.do("PING", "+PONG\r\n")
	}
}

// TestLoopIsHandedOverBeforeAWait keeps the loop from being taken away by time.
func TestLoopIsHandedOverBeforeAWait(t *testing.T) {
	delays := &judge{verdicts: map[string]Verdict{"ECHO late": {Delay: time.Hour}}}
	for _, waits := range []string{"BLPOP nothing 0", "DEBUG SLEEP 1", "CLIENT PAUSE 100000 WRITE\r\nSET k v", "*2\r\n$4\r\nECHO", "ECHO late"} {
		t.Run(waits, func(t *testing.T) {
			s, addr := start(t, Options{Hook: delays, Debug: true})
			s.loops.unite()
			p, other := dial(t, addr), dial(t, addr)
			other.do("PING", "+PONG\r\n")
			l := s.clients()[0].line.(*socket).loop
			until(t, func() bool { return !l.watched.Load() })
			l.watched.Store(true) // nobody looks
			steps := l.step.Load()
			p.send(waits + "\r\n")
			until(t, func() bool { return l.step.Load() > steps })
			began := time.Now()
			other.do("PING", "+PONG\r\n")
			require.Less(t, time.Since(began), time.Second)
		})
	}
}

func TestIdleConnectionsHaveNoGoroutines(t *testing.T) {
	_, addr := start(t, Options{})
	before := runtime.NumGoroutine()
	for i := range 100 {
		p := dial(t, addr)
		p.do("PING", "+PONG\r\n")
		p.do(fmt.Sprint("BLPOP nothing 0.00", i%9+1), "*-1\r\n")
		p.do("GET x", "$-1\r\n")
	}
	until(t, func() bool { return runtime.NumGoroutine() < before+10 })
}

func TestLoopEndsWithItsLastConnection(t *testing.T) {
	s, addr := start(t, Options{})
	for range 3 {
		p := dial(t, addr)
		p.do("PING", "+PONG\r\n")
		require.Equal(t, 1, s.loops.count())
		require.NoError(t, p.Close())
		until(t, func() bool { return s.connected() == 0 })
		until(t, func() bool { return s.loops.count() == 0 })
	}
}

// TestCommandsInPieces sends commands in pieces that end anywhere, and goes on at once
// or when the server has read them.
func TestCommandsInPieces(t *testing.T) {
	_, addr := start(t, Options{})
	p := dial(t, addr)
	command := wireCommand("ECHO", strings.Repeat("x", 100))
	reply := "$100\r\n" + strings.Repeat("x", 100) + "\r\n"
	for at := range command {
		p.send(command[:at])
		if at%2 == 0 {
			dial(t, addr).do("PING", "+PONG\r\n")
		}
		p.send(command[at:] + command[:at])
		p.want(reply)
		p.send(command[at:])
		p.want(reply)
	}
}

// pair is a socket in a loop of its own and its client.
func pair(t *testing.T) (*socket, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	client, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	nc, err := l.Accept()
	require.NoError(t, err)
	g := new(loops)
	s := g.line(nc).(*socket)
	t.Cleanup(func() {
		_ = s.Close()
		_ = client.Close()
		g.wait()
	})
	return s, client.(*net.TCPConn)
}

func TestSocketDeadlines(t *testing.T) {
	s, client := pair(t)
	woken := make(chan struct{}, 1)
	require.NoError(t, s.open(func(shift) bool { woken <- struct{}{}; return false }))
	require.NoError(t, s.SetReadDeadline(time.Now().Add(time.Millisecond)))
	<-woken // idle no more
	_, err := s.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.False(t, s.rest(), "there is an end to be found out")

	require.NoError(t, s.SetDeadline(time.Now().Add(20*time.Millisecond)))
	_, err = s.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	_, err = s.Write(make([]byte, 64<<20)) // more than the system takes
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	require.NoError(t, s.SetDeadline(time.Time{}))
	require.NoError(t, client.CloseWrite())
	until(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.ragged
	})
	_, err = s.Read(make([]byte, 1))
	require.EqualError(t, err, "EOF")
	require.False(t, s.rest(), "it has hung up, and no news of that will come")
}

func TestSocketDoesNotRestWithNews(t *testing.T) {
	s, client := pair(t)
	require.NoError(t, s.open(func(shift) bool { return false }))
	_, err := client.Write([]byte("ab"))
	require.NoError(t, err)
	n, err := s.Read(make([]byte, 3))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	_, err = client.Write([]byte("c"))
	require.NoError(t, err)
	until(t, func() bool { return !s.rest() })
	n, err = s.tryRead(make([]byte, 3))
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

func TestSocketWritesAsRoomComes(t *testing.T) {
	s, client := pair(t)
	require.NoError(t, s.open(func(shift) bool { return false }))
	const size = 32 << 20
	read := make(chan int64, 1)
	go func() {
		var n int64
		b := make([]byte, 1<<20)
		for n < size {
			m, err := client.Read(b)
			if n += int64(m); err != nil {
				break
			}
		}
		read <- n
	}()
	n, err := s.Write(make([]byte, size))
	require.NoError(t, err)
	require.Equal(t, size, n)
	require.Equal(t, int64(size), <-read)
}

func TestSocketIsClosedOnce(t *testing.T) {
	s, _ := pair(t)
	woken := make(chan struct{}, 2)
	require.NoError(t, s.open(func(shift) bool { woken <- struct{}{}; return false }))
	require.NoError(t, s.Close())
	<-woken
	require.ErrorIs(t, s.Close(), net.ErrClosed)
	for _, call := range []func([]byte) (int, error){s.Read, s.Write, s.tryRead, s.TryWrite} {
		_, err := call(make([]byte, 1))
		require.ErrorIs(t, err, net.ErrClosed)
	}
	require.Empty(t, woken)
}
