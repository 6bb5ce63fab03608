package resp

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
)

func TestShutdownDeliversReplies(t *testing.T) {
	srv, addr := start(t, Options{})
	p, other := dial(t, addr), dial(t, addr)
	const times = 20
	unread(p, times)
	until(t, func() bool { return strings.HasPrefix(other.info("cmdstat_get"), "calls=20,") })
	ended := make(chan error, 1)
	go func() { ended <- srv.Shutdown(within(t, patience)) }()
	require.Empty(t, other.gone())
	require.Equal(t, strings.Repeat("$50000\r\n"+strings.Repeat("x", 50000)+"\r\n", times), p.gone())
	require.NoError(t, <-ended)
	_, err := net.Dial("tcp", addr)
	require.Error(t, err, "nobody listens any more")
}

func TestShutdownEndsBlockedClients(t *testing.T) {
	srv, addr := start(t, Options{})
	p, q, other := dial(t, addr), dial(t, addr), dial(t, addr)
	p.send("PING\r\nBLPOP k 0\r\n")
	q.send("BZPOPMIN z 0\r\n")
	until(t, func() bool { return other.info("blocked_clients") == "2" })
	require.NoError(t, srv.Shutdown(within(t, patience)))
	require.Equal(t, "+PONG\r\n", p.gone())
	require.Empty(t, q.gone())
}

func TestShutdownEndsPause(t *testing.T) {
	srv, addr := start(t, Options{})
	p, other := dial(t, addr), dial(t, addr)
	other.do("CLIENT PAUSE 100000", "+OK\r\n")
	p.send("SET k v\r\n")
	require.NoError(t, srv.Shutdown(within(t, patience)))
	require.Contains(t, []string{"+OK\r\n", ""}, p.gone(), "it was received, or not")
}

func TestShutdownGivesUp(t *testing.T) {
	srv, addr := start(t, Options{})
	p := dial(t, addr)
	unread(p, 1000) // 50 MB, more than any socket takes
	other := dial(t, addr)
	until(t, func() bool { return other.info("cmdstat_get") != "" })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- srv.Shutdown(ctx) }()
	require.Empty(t, other.gone())
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Less(t, len(p.gone()), 50_000_000)
}

func TestCloseCutsOff(t *testing.T) {
	srv, addr := start(t, Options{})
	p, q := dial(t, addr), dial(t, addr)
	p.do("PING", "+PONG\r\n")
	q.send("BLPOP k 0\r\n")
	until(t, func() bool { return p.info("blocked_clients") == "1" })
	require.NoError(t, srv.Close())
	require.Empty(t, p.gone())
	require.Empty(t, q.gone())
	require.NoError(t, srv.Close(), "again")
	require.NoError(t, srv.Shutdown(within(t, time.Minute)), "and after it")
}

func TestServeAfterClose(t *testing.T) {
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	srv := NewServer(s, Options{})
	require.NoError(t, srv.Close())
	require.ErrorIs(t, srv.ListenAndServe(":0"), ErrServerClosed)
	a, b := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		srv.ServeConn(b)
	}()
	require.Equal(t, "-ERR server is shutting down\r\n", newPeer(t, a).gone())
	<-ended
}

func TestServeConn(t *testing.T) {
	srv, _ := start(t, Options{})
	a, b := net.Pipe()
	srv.ServeConn(b)
	p := newPeer(t, a)
	const times = 1000
	p.send(strings.Repeat("PING\r\n", times)) // a pipe holds nothing: the server has to take all before it is read
	p.want(strings.Repeat("+PONG\r\n", times))
	p.do("QUIT", "+OK\r\n")
	require.Empty(t, p.gone())
}
