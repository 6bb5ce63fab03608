package server

import (
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/invariants"
)

// endless is a connection whose client sends the same bytes each time go is
// signalled, and tells when the server waits for more.
type endless struct {
	net.Conn // for what the server does not call
	input    string
	rest     string
	next     chan struct{}
	waits    chan struct{}
	replies  int // bytes
	last     [64]byte
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		e.waits <- struct{}{}
		if _, more := <-e.next; !more {
			return 0, os.ErrClosed
		}
		e.rest = e.input
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func (e *endless) Write(p []byte) (int, error) {
	e.replies += len(p)
	copy(e.last[:], p)
	return len(p), nil
}

func (e *endless) Close() error                     { return nil }
func (e *endless) RemoteAddr() net.Addr             { return nil }
func (e *endless) SetReadDeadline(time.Time) error  { return nil }
func (e *endless) SetWriteDeadline(time.Time) error { return nil }

// TestWireAllocatesNothing counts what commands allocate from the bytes of the
// command to the bytes of the reply.
func TestWireAllocatesNothing(t *testing.T) {
	if invariants.Enabled {
		t.Skip("the checked build allocates")
	}
	for _, c := range []struct{ command, reply string }{
		{wireCommand("SET", "key", "some value"), "+OK\r\n"},
		{wireCommand("GET", "key"), "$10\r\nsome value\r\n"},
		{wireCommand("GET", "missing"), "$-1\r\n"},
		{wireCommand("HSET", "hash", "field", "value"), ":0\r\n"},
		{wireCommand("HGET", "hash", "field"), "$5\r\nvalue\r\n"},
		{wireCommand("INCRBY", "number", "0"), ":7\r\n"},
		{wireCommand("EXISTS", "key"), ":1\r\n"},
		{wireCommand("MSET", "key", "some value", "a", "1", "b", "2", "c", "3", "d", "4"), "+OK\r\n"},
		{wireCommand("ZADD", "zset", "1", "member"), ":0\r\n"},
		{wireCommand("ZSCORE", "zset", "member"), "$1\r\n1\r\n"},
		{wireCommand("ZRANGE", "zset", "0", "-1"), "*1\r\n$6\r\nmember\r\n"},
		{wireCommand("PING"), "+PONG\r\n"},
		{"GET key\r\n", "$10\r\nsome value\r\n"},
	} {
		requireNoAllocs(t, Options{}, "", c.command, c.reply)
		requireNoAllocs(t, Options{Hook: bystander{}}, "", c.command, c.reply)
	}
	const on = "HELLO 3\r\nCLIENT TRACKING ON\r\n"
	requireNoAllocs(t, Options{}, on, wireCommand("GET", "key"), "$10\r\nsome value\r\n")
	requireNoAllocs(t, Options{}, on, wireCommand("SET", "key", "some value"), "+OK\r\n")
}

// bystander is a hook that lets everything pass.
type bystander struct{}

func (bystander) Connect(net.Addr) bool { return true }
func (bystander) Command(Call) Verdict  { return Verdict{} }

// requireNoAllocs runs the command many times in batches, once some others were run.
func requireNoAllocs(t *testing.T, o Options, first, command, reply string) {
	t.Helper()
	const batch = 16
	e := engine.New(engine.Options{})
	s := New(e, nil, o)
	nc := &endless{input: first + wireCommand("SET", "key", "some value") + wireCommand("SET", "number", "7") + wireCommand("HSET", "hash", "field", "value") + wireCommand("ZADD", "zset", "1", "member"),
		next: make(chan struct{}), waits: make(chan struct{})}
	s.ServeConn(nc)
	<-nc.waits
	box := &s.clients()[0].box
	round := func() {
		nc.next <- struct{}{}
		<-nc.waits
		for box.waiting.Load() > 0 {
			runtime.Gosched()
		}
	}
	round()
	nc.input = strings.Repeat(command, batch)
	round()
	nc.replies = 0
	round()
	require.Equal(t, batch*len(reply), nc.replies)
	require.Equal(t, reply, string(nc.last[:len(reply)]))
	require.Zero(t, testing.AllocsPerRun(100, round), "%q", command)
	close(nc.next)
	require.NoError(t, s.Close())
	e.Close()

}
