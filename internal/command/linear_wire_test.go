package command_test

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/server"
)

// TestLinearizableOverTheWire is TestLinearizable with clients that have a connection
// each: pops that block, transactions, and WATCH come in too.
func TestLinearizableOverTheWire(t *testing.T) {
	for _, c := range []struct {
		name      string
		lines     func(id int, r *rand.Rand) []string
		byKey     bool
		histories int
		each      int
		outputs   []string // each must be seen, or the test shows nothing
	}{
		{"one key", oneKey, true, 10, 200, nil},
		{"several keys", severalKeys, false, 60, 15, nil},
		{"blocked pops", blockedPops, false, 60, 12, []string{null, "*2\r\n"}},
		{"queue", queue, false, 60, 8, []string{"*2\r\n"}},
		{"transactions", transactions, false, 60, 15, []string{aborted, "$"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen := map[string]bool{}
			for seed := range uint64(c.histories) {
				e := engine.New(engine.Options{})
				srv := server.New(e, nil, server.Options{})
				history := record(seed, c.lines, c.each, dialAll(t, srv, 6))
				require.NoError(t, srv.Shutdown(context.Background()))
				explain(t, seed, c.byKey, history)
				require.Equal(t, e.Recount(), e.Memory())
				e.Close()
				for _, op := range history {
					for _, want := range c.outputs {
						seen[want] = seen[want] || strings.HasPrefix(op.Output.(string), want)
					}
				}
			}
			for _, want := range c.outputs {
				require.True(t, seen[want], "%q", want)
			}
		})
	}
}

// blockedPops is a pop that waits for some milliseconds, or what ends the wait.
func blockedPops(_ int, r *rand.Rand) []string {
	a, b := "l"+strconv.Itoa(r.IntN(2)), "l"+strconv.Itoa(r.IntN(2))
	lines := [][]string{
		{"BLPOP", a, "0.002"}, {"BLPOP", a, "0.01"}, {"BLPOP", a, b, "0.005"}, {"BLMOVE", a, b, "LEFT", "RIGHT", "0.004"},
		{"RPUSH", a, strconv.Itoa(r.IntN(100))}, {"RPUSH", a, "x", "y"}, {"LPOP", a}, {"LLEN", a}, {"DEL", "l0", "l1"}, {"BOTH"},
	}
	return lines[r.IntN(len(lines))]
}

// queue lets every other client pop for as long as it takes, and the others push: as
// many elements as are waited for. Whoever is not woken hangs.
func queue(id int, r *rand.Rand) []string {
	if id%2 == 0 {
		return []string{"BLPOP", "l0", "0"}
	}
	return []string{"RPUSH", "l0", strconv.Itoa(r.IntN(1000))}
}

// transactions are MULTI with and without WATCH, and what comes in their way.
func transactions(_ int, r *rand.Rand) []string {
	a, b := "n"+strconv.Itoa(r.IntN(2)), "n"+strconv.Itoa(r.IntN(2))
	lines := [][]string{
		{"CAS", a, b}, {"CAS", a, b}, {"CAS", "n0", "n1"}, {"TRANSFER", a, b}, {"TRANSFER", "n0", "n1"},
		{"MGET", "n0", "n1"}, {"INCR", a}, {"MSET", "n0", "5", "n1", "7"}, {"DEL", "n0", "n1"},
	}
	return lines[r.IntN(len(lines))]
}

// aborted is the reply to a transaction of which a watched key was changed. That may
// happen at any time and changes nothing.
const aborted = "aborted"

// dialAll connects clients to the server.
func dialAll(t *testing.T, srv *server.Server, n int) (clients []client) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = srv.Serve(l) }()
	for range n {
		nc, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		require.NoError(t, nc.SetDeadline(time.Now().Add(20*time.Second)))
		t.Cleanup(func() { _ = nc.Close() })
		clients = append(clients, (&remote{nc, bufio.NewReader(nc)}).perform)
	}
	return clients
}

// remote is a client with a connection.
type remote struct {
	nc net.Conn
	r  *bufio.Reader
}

// perform runs a line, or what a transaction's name stands for.
func (c *remote) perform(line []string) string {
	switch line[0] {
	case "TRANSFER":
		return c.multi("DECR "+line[1], "INCR "+line[2])
	case "BOTH":
		return c.multi("LRANGE l0 0 -1", "LRANGE l1 0 -1")
	case "CAS":
		c.do("WATCH " + line[1])
		was := c.do("GET " + line[1])
		_, text, _ := strings.Cut(strings.TrimSpace(was), "\r\n")
		n, _ := strconv.Atoi(text)
		reply := c.multi("SET "+line[1]+" "+strconv.Itoa(n+1), "GET "+line[2])
		if reply != aborted {
			reply = was + reply
		}
		return reply
	}
	return c.do(strings.Join(line, " "))
}

// multi is a transaction in one go; its replies, one behind the other.
func (c *remote) multi(lines ...string) string {
	c.send("MULTI\r\n" + strings.Join(lines, "\r\n") + "\r\nEXEC")
	for range len(lines) + 1 {
		c.reply() // OK, QUEUED
	}
	replies := c.reply()
	if replies == null {
		return aborted
	}
	_, replies, _ = strings.Cut(replies, "\r\n")
	return replies
}

func (c *remote) do(line string) string {
	c.send(line)
	return c.reply()
}

func (c *remote) send(lines string) {
	if _, err := io.WriteString(c.nc, lines+"\r\n"); err != nil {
		panic(err)
	}
}

// reply is a reply as it came, but that there is one null and one error.
func (c *remote) reply() string {
	head, err := c.r.ReadString('\n')
	if err != nil {
		panic(err)
	}
	n, _ := strconv.Atoi(strings.TrimSpace(head[1:]))
	switch {
	case head[0] == '-':
		return "error"
	case n < 0 && head[0] != ':':
		return null
	case head[0] == '$':
		b := make([]byte, n+2)
		if _, err := io.ReadFull(c.r, b); err != nil {
			panic(err)
		}
		return head + string(b)
	case head[0] == '*':
		for range n {
			head += c.reply()
		}
	}
	return head
}
