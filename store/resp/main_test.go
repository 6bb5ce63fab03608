package resp

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/residedb/reside/store"
)

// TestMain holds every test to leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves an empty store on a free port until the test ends.
func start(t testing.TB, o Options) (srv *Server, addr string) {
	t.Helper()
	return serve(t, store.New(store.Options{}), o)
}

// serve serves a store until the end of the test, and closes it then.
func serve(t testing.TB, s *store.Store, o Options) (srv *Server, addr string) {
	t.Helper()
	srv = NewServer(s, o)
	l, err := Listen(":0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, srv.Close())
		require.ErrorIs(t, <-served, ErrServerClosed)
		require.NoError(t, s.Close())
	})
	return srv, l.Addr().String()
}

// peer is a client that works with bytes.
type peer struct {
	net.Conn
	t testing.TB
	r *bufio.Reader
}

const patience = 20 * time.Second

func newPeer(t testing.TB, nc net.Conn) *peer {
	t.Helper()
	require.NoError(t, nc.SetDeadline(time.Now().Add(patience)))
	t.Cleanup(func() { _ = nc.Close() })
	return &peer{nc, t, bufio.NewReader(nc)}
}

func dial(t testing.TB, addr string) *peer {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	return newPeer(t, nc)
}

func (p *peer) send(s string) {
	p.t.Helper()
	_, err := io.WriteString(p, s)
	require.NoError(p.t, err)
}

// want reads exactly the given bytes.
func (p *peer) want(reply string) {
	p.t.Helper()
	b := make([]byte, len(reply))
	n, err := io.ReadFull(p.r, b)
	require.NoError(p.t, err, "got %q", b[:n])
	require.Equal(p.t, reply, string(b))
}

// do sends a line and reads its reply.
func (p *peer) do(line, reply string) {
	p.t.Helper()
	p.send(line + "\r\n")
	p.want(reply)
}

// gone reads until the server has closed the connection and returns what came.
// The server may cut it off with bytes of ours unread, which resets it.
func (p *peer) gone() string {
	p.t.Helper()
	b, err := io.ReadAll(p.r)
	require.NotErrorIs(p.t, err, os.ErrDeadlineExceeded, "the server keeps the connection")
	return string(b)
}

// info is a field of the reply to INFO, "" if it is not there.
func (p *peer) info(field string) string {
	p.t.Helper()
	p.send("INFO everything\r\n")
	head, err := p.r.ReadString('\n')
	require.NoError(p.t, err)
	n, err := strconv.Atoi(strings.TrimSpace(head[1:]))
	require.NoError(p.t, err)
	text := make([]byte, n+2)
	_, err = io.ReadFull(p.r, text)
	require.NoError(p.t, err)
	_, rest, _ := strings.Cut(string(text), "\n"+field+":")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
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

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}
