package redistest

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
	"github.com/residedb/reside/types"
)

func TestClientAndHandlesSeeTheSame(t *testing.T) {
	s := New(t, Options{})
	p := dial(t, s)
	p.do("SET greeting hello", "+OK\r\n")
	v, ok, err := types.NewString[string](s.Store(), "greeting").Get(t.Context())
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "hello", v)
	_, err = types.NewCounter(s.Store(), "n").Add(t.Context(), 41)
	require.NoError(t, err)
	p.do("INCR n", ":42\r\n")
}

func TestAddrIsARealPort(t *testing.T) {
	s := New(t, Options{})
	addr := s.Addr()
	require.Equal(t, addr, s.Addr())
	nc, err := net.Dial("tcp", addr)
	newPeer(t, nc, err).do("SET k v", "+OK\r\n")
	dial(t, s).do("GET k", "$1\r\nv\r\n")
	s.Close()
	_, err = net.Dial("tcp", addr)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestNoPortUntilAskedFor(t *testing.T) {
	s := New(t, Options{})
	dial(t, s).do("PING", "+PONG\r\n")
	require.Nil(t, s.door)
	_ = s.Addr()
	require.NotNil(t, s.door)
}

// TestLongPipelineUnread sends 100,000 commands before it reads the first reply.
func TestLongPipelineUnread(t *testing.T) {
	p := dial(t, New(t, Options{}))
	const n = 100_000
	value := strings.Repeat("x", 100)
	p.send(strings.Repeat("*3\r\n$5\r\nRPUSH\r\n$1\r\nk\r\n$100\r\n"+value+"\r\n", n))
	for i := range n {
		p.want(fmt.Sprintf(":%d\r\n", i+1))
	}
	p.send(strings.Repeat("LINDEX k -1\r\n", n)) // more replies than the server lets wait
	for range n {
		p.want("$100\r\n" + value + "\r\n")
	}
}

// TestReaderThatNeverReads is cut off by the limit that it would meet on a socket.
func TestReaderThatNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(t, Options{Server: resp.Options{OutputHard: 1 << 20}})
		p := dial(t, s)
		p.do("SET big "+strings.Repeat("x", 50_000), "+OK\r\n")
		p.send(strings.Repeat("GET big\r\n", 1000))
		synctest.Wait() // until the server has done what it will
		n, err := io.Copy(io.Discard, p.r)
		require.NoError(t, err)
		require.EqualValues(t, window, n, "what the connection had taken can be read")
		dial(t, s).do("PING", "+PONG\r\n")
	})
}

func TestClosedFakeRefuses(t *testing.T) {
	s := New(t, Options{})
	p := dial(t, s)
	p.do("PING", "+PONG\r\n")
	s.Close()
	s.Close()
	_, err := p.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	_, err = s.Dial(t.Context(), "tcp", "")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.ErrorIs(t, types.NewString[string](s.Store(), "k").Set(t.Context(), "v"), store.ErrClosed)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Dial(ended, "tcp", "")
	require.ErrorIs(t, err, context.Canceled)
}

func TestClientsAreToldApart(t *testing.T) {
	s := New(t, Options{})
	a, b := dial(t, s), dial(t, s)
	require.NotEqual(t, a.LocalAddr().String(), b.LocalAddr().String())
	b.do("PING", "+PONG\r\n")
	a.do("CLIENT KILL "+b.LocalAddr().String(), "+OK\r\n")
	_, err := b.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	a.do("PING", "+PONG\r\n")
}

func TestRandomPicksRepeat(t *testing.T) {
	pick := func(o Options) (picked string) {
		set := types.NewSet[int](New(t, o).Store(), "s")
		for i := range 1000 {
			_, err := set.Add(t.Context(), i)
			require.NoError(t, err)
		}
		for range 10 {
			v, _, err := set.Random(t.Context())
			require.NoError(t, err)
			picked += fmt.Sprint(v, " ")
		}
		return picked
	}
	first := pick(Options{})
	require.Equal(t, first, pick(Options{}))
	require.NotEqual(t, first, pick(Options{Store: store.Options{Seed: 2}}))
}

func TestBadOptionsEndTheTest(t *testing.T) {
	rec := &recorder{TB: t}
	failed := rec.run(func() { New(rec, Options{Server: resp.Options{MaxClients: -1}}) })
	require.Equal(t, "redistest: resp: Options.MaxClients is negative: -1\n", failed)
}
