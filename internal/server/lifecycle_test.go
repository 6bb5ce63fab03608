package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
)

// blocked waits until so many clients wait in a blocking command.
func blocked(t *testing.T, s *Server, n int) {
	t.Helper()
	until(t, func() bool {
		waiting := 0
		for _, c := range s.clients() {
			if c.parked.Load() != nil {
				waiting++
			}
		}
		return waiting == n
	})
}

func TestKillWhileBlocked(t *testing.T) {
	s, addr := start(t, Options{})
	admin := dial(t, addr)
	for range 20 {
		p := dial(t, addr)
		p.send("BLPOP k 0\r\n")
		blocked(t, s, 1)
		var id int64
		for _, c := range s.clients() {
			id = max(id, c.id)
		}
		admin.do(fmt.Sprintf("CLIENT KILL ID %d", id), ":1\r\n")
		require.Empty(t, p.gone())
		admin.do("RPUSH k v", ":1\r\n") // nobody is there to take it
		admin.do("LPOP k", "$1\r\nv\r\n")
	}
}

func TestUnblockWhileServed(t *testing.T) {
	_, addr := start(t, Options{})
	const rounds = 200
	p, pusher, admin := dial(t, addr), dial(t, addr), dial(t, addr)
	p.send("CLIENT ID\r\n")
	line, err := p.r.ReadString('\n')
	require.NoError(t, err)
	id := strings.TrimSpace(line[1:])
	got := 0
	for range rounds {
		p.send("BLPOP k 0\r\n")
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = io.WriteString(pusher, "RPUSH k v\r\n") })
		wg.Go(func() { _, _ = io.WriteString(admin, "CLIENT UNBLOCK "+id+" ERROR\r\n") })
		wg.Wait()
		_, err := pusher.r.ReadString('\n')
		require.NoError(t, err)
		_, err = admin.r.ReadString('\n')
		require.NoError(t, err)
		line, err := p.r.ReadString('\n')
		require.NoError(t, err)
		if line == "*2\r\n" {
			p.want("$1\r\nk\r\n$1\r\nv\r\n")
			got++
			continue
		}
		require.Equal(t, "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n", line)
	}
	admin.do("LLEN k", ":"+strconv.Itoa(rounds-got)+"\r\n")
}

func TestPauseKillAndLeave(t *testing.T) {
	s, addr := start(t, Options{})
	admin, waits := dial(t, addr), dial(t, addr)
	for range 10 {
		admin.do("CLIENT PAUSE 100000 WRITE", "+OK\r\n")
		waits.send("SET k v\r\n")
		leaves := dial(t, addr)
		leaves.send("PING\r\nSET k other\r\n")
		leaves.want("+PONG\r\n")
		_ = leaves.Close()
		until(t, func() bool { return s.connected() == 2 })
		admin.do("CLIENT UNPAUSE", "+OK\r\n")
		waits.want("+OK\r\n")
	}
	admin.do("GET k", "$1\r\nv\r\n")
}

// TestShutdownAmidBlockedPops ends a server while many wait, push and come and go.
func TestShutdownAmidBlockedPops(t *testing.T) {
	for round := range 10 {
		e := engine.New(engine.Options{})
		s := New(e, nil, Options{})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				for {
					nc, err := net.Dial("tcp", l.Addr().String())
					if err != nil {
						return
					}
					_, _ = io.WriteString(nc, []string{"BLPOP k 0\r\n", "RPUSH k v\r\nQUIT\r\n", "BLMOVE k k LEFT RIGHT 0\r\n", "PING\r\n*3\r\n"}[i%4])
					_, _ = nc.Read(make([]byte, 100))
					_ = nc.Close()
				}
			})
		}
		until(t, func() bool { return s.stats.connections.Load() > 100 })
		if round%2 == 0 {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			require.NoError(t, s.Shutdown(ctx))
			cancel()
		} else {
			require.NoError(t, s.Close())
		}
		require.ErrorIs(t, <-served, ErrClosed)
		wg.Wait()
		require.Zero(t, s.connected())
		e.Close()
	}
}

// short is a listener that is out of descriptors before each connection.
type short struct {
	net.Listener
	failed int
}

func (l *short) Accept() (net.Conn, error) {
	if l.failed++; l.failed%3 != 0 {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func TestServeOutlivesShortage(t *testing.T) {
	e := engine.New(engine.Options{})
	defer e.Close()
	s := New(e, nil, Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.Serve(&short{Listener: l}) }()
	for range 3 {
		dial(t, l.Addr().String()).do("PING", "+PONG\r\n")
	}
	require.NoError(t, s.Close())
	require.ErrorIs(t, <-served, ErrClosed)
}
