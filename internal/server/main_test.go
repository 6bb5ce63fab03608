package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
)

// TestMain holds every test to leave no goroutine behind. It is a crowd of clients
// where one is asked for.
func TestMain(m *testing.M) {
	if addr := os.Getenv(crowdEnv); addr != "" {
		if err := crowd(addr); err != nil {
			panic(err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

const patience = 20 * time.Second

// start serves an empty engine on a free port until the test ends.
func start(t testing.TB, o Options) (s *Server, addr string) {
	t.Helper()
	e := engine.New(engine.Options{})
	t.Cleanup(e.Close)
	return startOn(t, e, nil, o)
}

// startOn serves an engine, and its keeper, on a free port until the test ends.
func startOn(t testing.TB, e *engine.Engine, k *durable.Keeper, o Options) (s *Server, addr string) {
	t.Helper()
	s = New(e, k, o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-served, ErrClosed)
	})
	return s, l.Addr().String()
}

// peer is a client that works with bytes.
type peer struct {
	*net.TCPConn
	t testing.TB
	r *bufio.Reader
}

func dial(t testing.TB, addr string) *peer {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	require.NoError(t, nc.SetDeadline(time.Now().Add(patience)))
	t.Cleanup(func() { _ = nc.Close() })
	return &peer{nc.(*net.TCPConn), t, bufio.NewReader(nc)}
}

func (p *peer) send(s string) {
	p.t.Helper()
	_, err := io.WriteString(p, s)
	require.NoError(p.t, err)
}

// do sends lines and reads exactly the given reply.
func (p *peer) do(lines, reply string) {
	p.t.Helper()
	p.send(lines + "\r\n")
	p.want(reply)
}

func (p *peer) want(reply string) {
	p.t.Helper()
	b := make([]byte, len(reply))
	n, err := io.ReadFull(p.r, b)
	require.NoError(p.t, err, "got %q", b[:n])
	require.Equal(p.t, reply, string(b))
}

// gone reads until the server has closed the connection and returns what came.
// The server may cut it off with bytes of ours unread, which resets it.
func (p *peer) gone() string {
	p.t.Helper()
	b, err := io.ReadAll(p.r)
	require.NotErrorIs(p.t, err, os.ErrDeadlineExceeded, "the server keeps the connection; it said %.200q", b)
	return string(b)
}

// until polls a condition.
func until(t testing.TB, cond func() bool) {
	t.Helper()
	end := time.After(patience)
	for !cond() {
		select {
		case <-end:
			require.Fail(t, "it never became true")
		case <-time.After(time.Millisecond):
		}
	}
}

// connected is how many connections the server has.
func (s *Server) connected() int { return len(s.clients()) }

// heap is how many bytes are in use, once garbage is collected.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) + int64(m.StackInuse)
}

// wireCommand is a command as client libraries send it.
func wireCommand(words ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	return b.String()
}
