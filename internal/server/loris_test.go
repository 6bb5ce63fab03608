package server

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// dribble sends a command a byte at a time from many clients, one byte of each in
// turn, and calls between after each turn.
func dribble(t *testing.T, clients []*peer, text string, between func(sent int)) {
	t.Helper()
	for i := range text {
		for _, p := range clients {
			p.send(text[i : i+1])
		}
		between(i + 1)
	}
}

// TestSlowSenders lets 300 clients take their time over a command. Each byte wakes the
// server; it keeps what it got and nothing else, and others notice nothing.
func TestSlowSenders(t *testing.T) {
	_, addr := start(t, Options{})
	bystand(t, addr)
	clients := make([]*peer, 300)
	for i := range clients {
		clients[i] = dial(t, addr)
	}
	other := dial(t, addr)
	other.do("PING", "+PONG\r\n")
	before := heap()
	var slowest time.Duration
	dribble(t, clients, wireCommand("ECHO", strings.Repeat("x", 100)), func(int) {
		began := time.Now()
		other.do("SET k v", "+OK\r\n")
		slowest = max(slowest, time.Since(began))
		require.Less(t, (heap()-before)/int64(len(clients)), int64(16<<10))
	})
	for _, p := range clients {
		p.want("$100\r\n" + strings.Repeat("x", 100) + "\r\n")
	}
	require.Less(t, slowest, time.Second)
}

// TestTimeoutOfSlowSenders cuts off who stops in the middle of a command. Who goes on,
// be it a byte at a time, is not idle, as on a real server.
func TestTimeoutOfSlowSenders(t *testing.T) {
	const timeout = time.Second
	_, addr := start(t, Options{Timeout: timeout})
	stops, goes := dial(t, addr), dial(t, addr)
	command := wireCommand("ECHO", strings.Repeat("x", 20))
	var end sync.WaitGroup
	defer end.Wait()
	end.Go(func() {
		stops.send(command[:len(command)-1])
		require.Empty(t, stops.gone())
	})
	ticker := time.NewTicker(timeout / 10)
	defer ticker.Stop()
	began := time.Now()
	dribble(t, []*peer{goes}, command, func(int) { <-ticker.C })
	require.Greater(t, time.Since(began), 2*timeout)
	goes.want("$20\r\n" + strings.Repeat("x", 20) + "\r\n")
	require.Empty(t, goes.gone(), "now it is idle")
}

// TestSlowSenderWithoutPassword must not be given more room for its patience: what
// clients may send before they have given the password is 10 short words.
func TestSlowSenderWithoutPassword(t *testing.T) {
	_, addr := start(t, Options{Password: "secret"})
	p := dial(t, addr)
	dribble(t, []*peer{p}, "*1\r\n$16385\r", func(int) {})
	p.send("\n")
	require.Equal(t, "-ERR Protocol error: unauthenticated bulk length\r\n", p.gone())
}

// TestLengthsOf2GB lets clients claim what is allowed by their limits and more than
// there is memory: nothing is set aside for what has not come.
func TestLengthsOf2GB(t *testing.T) {
	const size = 2 << 30
	s, addr := start(t, Options{MaxBulk: size, MaxQuery: 4 * size})
	bystand(t, addr)
	before := heap()
	const clients = 50
	peers := make([]*peer, clients)
	for i := range peers {
		peers[i] = dial(t, addr)
		peers[i].send("PING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2147483648\r\nabc")
	}
	for _, p := range peers {
		p.want("+PONG\r\n")
	}
	until(t, func() bool {
		for _, c := range s.clients() {
			if c.id > 1 && c.query.Load() == 0 {
				return false
			}
		}
		return true
	})
	require.Less(t, (heap()-before)/clients, int64(64<<10))
	p := dial(t, addr)
	p.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2147483649\r\n")
	require.Equal(t, "-ERR Protocol error: invalid bulk length\r\n", p.gone())
}
