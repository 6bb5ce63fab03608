package server

import (
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
)

// interrupter is a client of whom a word arrives just as a read is told to end.
type interrupter struct {
	net.Conn
	mu      sync.Mutex
	changed sync.Cond
	past    bool // the deadline
	closed  bool
	says    []string // P as the time to read ends, nothing when it has
}

func (c *interrupter) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.changed.Broadcast()
	return c.Conn.Close()
}

func (c *interrupter) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = t.Equal(past)
	c.changed.Broadcast()
	return nil
}

func (c *interrupter) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	word := c.says[0]
	for (word == "P" || word == "") && !c.past && !c.closed {
		c.changed.Wait()
	}
	c.says = c.says[1:]
	if word == "" || c.closed {
		return 0, os.ErrDeadlineExceeded
	}
	return copy(p, word), nil
}

func TestWordThatComesWhenListeningEnds(t *testing.T) {
	e := engine.New(engine.Options{})
	defer e.Close()
	s := New(e, nil, Options{Timeout: time.Hour})
	defer func() { require.NoError(t, s.Close()) }()
	client, server := net.Pipe()
	require.NoError(t, client.SetDeadline(time.Now().Add(patience)))
	c := &interrupter{Conn: server, says: []string{"BLPOP k 0.01\r\n", "P", "", "ING\r\n", ""}}
	c.changed.L = &c.mu
	s.ServeConn(c)
	b := make([]byte, len("*-1\r\n+PONG\r\n"))
	_, err := io.ReadFull(client, b)
	require.NoError(t, err)
	require.Equal(t, "*-1\r\n+PONG\r\n", string(b))
	s.clients()[0].finish()
}

// TestHalfClosedClientGetsAllReplies hangs up for sending behind a pipeline, whose
// replies it takes then.
func TestHalfClosedClientGetsAllReplies(t *testing.T) {
	_, addr := start(t, Options{})
	p := dial(t, addr)
	value := strings.Repeat("v", 100_000)
	p.do(wireCommand("SET", "big", value), "+OK\r\n")
	const n = 500
	p.send(strings.Repeat("GET big\r\n", n))
	require.NoError(t, p.CloseWrite())
	require.Equal(t, n*len("$100000\r\n"+value+"\r\n"), len(p.gone()))
}
