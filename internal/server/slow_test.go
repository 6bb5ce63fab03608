package server

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
)

// big is a value whose replies fill sockets soon.
var big = strings.Repeat("x", 50000)

const bigReply = 50009 // bytes of its reply

// flood sends commands with big replies, which it does not read.
func flood(p *peer, commands int) {
	p.t.Helper()
	p.send(strings.Repeat("GET big\r\n", commands))
}

// bulk reads a reply that is a bulk string.
func (p *peer) bulk() string {
	p.t.Helper()
	head, err := p.r.ReadString('\n')
	require.NoError(p.t, err)
	n, err := strconv.Atoi(strings.TrimSpace(head[1:]))
	require.NoError(p.t, err)
	b := make([]byte, n+2)
	_, err = io.ReadFull(p.r, b)
	require.NoError(p.t, err)
	return string(b[:n])
}

// TestSlowReaderIsCutOff sets a limit while the server runs, as on a real one.
func TestSlowReaderIsCutOff(t *testing.T) {
	_, reside := start(t, Options{})
	for name, addr := range map[string]string{"redis": script.StartRedis(t), "reside": reside} {
		t.Run(name, func(t *testing.T) {
			bystand(t, addr)
			p := dial(t, addr)
			p.do("SET big "+big, "+OK\r\n")
			p.do(`CONFIG SET client-output-buffer-limit "normal 20mb 0 0"`, "+OK\r\n")
			slow := dial(t, addr)
			slow.do("CLIENT SETNAME slow", "+OK\r\n")
			flood(slow, 10_000)
			until(t, func() bool {
				p.send("CLIENT LIST\r\n")
				return !strings.Contains(p.bulk(), "name=slow")
			})
			require.Less(t, len(slow.gone()), 10_000*bigReply/2)
			// One that reads has as many replies without being cut off.
			reads := dial(t, addr)
			for range 500 {
				reads.do("GET big", "$50000\r\n"+big+"\r\n")
			}
		})
	}
}

// TestSlowReaderMemory lets a client without a limit ask for a hundred times more
// than may wait for it.
func TestSlowReaderMemory(t *testing.T) {
	s, addr := start(t, Options{})
	bystand(t, addr)
	p := dial(t, addr)
	p.do("SET big "+big, "+OK\r\n")
	before := heap()
	const commands = 4000 // 200 MB of replies
	flood(p, commands)
	until(t, func() bool { return s.clients()[1].box.waiting.Load() > maxWaiting })
	require.Less(t, heap()-before, int64(8<<20))
	// It gets every reply, should it care to read.
	n, err := io.CopyN(io.Discard, p.r, commands*bigReply)
	require.NoError(t, err)
	require.Equal(t, int64(commands*bigReply), n)
}

// TestSoftLimitLetsRecover is over the limit for a moment only.
func TestSoftLimitLetsRecover(t *testing.T) {
	s, addr := start(t, Options{OutputSoft: 100_000, OutputTime: patience})
	p := dial(t, addr)
	require.NoError(t, p.SetReadBuffer(64<<10)) // or the system may take all replies
	p.do("SET big "+big, "+OK\r\n")
	c := s.clients()[0]
	for range 3 {
		flood(p, 200)
		until(t, func() bool { return c.box.waiting.Load() > 100_000 })
		_, err := io.CopyN(io.Discard, p.r, 200*bigReply)
		require.NoError(t, err)
		until(t, func() bool {
			c.box.mu.Lock()
			defer c.box.mu.Unlock()
			return c.box.late == nil
		})
	}
}

// TestLongPipeline sends 100,000 commands in one go and reads no reply before the
// last is sent.
func TestLongPipeline(t *testing.T) {
	_, addr := start(t, Options{})
	p := dial(t, addr)
	const rounds = 25_000
	input := []byte(strings.Repeat("SET k v\r\nGET k\r\nINCR n\r\nECHO 0123456789012345678901234567890123456789\r\n", rounds))
	before := heap()
	var peak atomic.Int64
	done := make(chan struct{})
	sampled := make(chan struct{})
	go func() {
		defer close(sampled)
		for {
			select {
			case <-done:
				return
			default:
				peak.Store(max(peak.Load(), heap()))
			}
		}
	}()
	_, err := p.Write(input)
	require.NoError(t, err)
	lines := bufio.NewReader(p)
	for i := range rounds * 6 {
		line, err := lines.ReadSlice('\n')
		require.NoError(t, err)
		if i%6 == 3 {
			require.Equal(t, byte(':'), line[0])
		}
	}
	close(done)
	<-sampled
	require.Less(t, peak.Load()-before, int64(16<<20))
	p.do("GET n", "$5\r\n25000\r\n")
}

// TestNoArgumentIsLongerThanALength raises the limit beyond what lengths in memory can
// say: longer arguments are refused, none is cut.
func TestNoArgumentIsLongerThanALength(t *testing.T) {
	_, addr := start(t, Options{})
	p := dial(t, addr)
	p.do("CONFIG SET proto-max-bulk-len 8gb client-query-buffer-limit 20gb", "+OK\r\n")
	p.send("*2\r\n$4\r\nECHO\r\n$4294967296\r\n")
	require.Equal(t, "-ERR Protocol error: invalid bulk length\r\n", p.gone())
}

func TestLimitsChangeAtRunTime(t *testing.T) {
	_, reside := start(t, Options{})
	for name, addr := range map[string]string{"redis": script.StartRedis(t), "reside": reside} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			admin, old := dial(t, addr), dial(t, addr)
			old.do("PING", "+PONG\r\n")
			admin.do("CONFIG SET proto-max-bulk-len 1mb client-query-buffer-limit 2mb", "+OK\r\n")
			old.do(wireCommand("STRLEN", strings.Repeat("x", 1<<20)), ":0\r\n")
			old.send("*2\r\n$4\r\nECHO\r\n$1048577\r\n")
			require.Equal(t, "-ERR Protocol error: invalid bulk length\r\n", old.gone())

			admin.do("CONFIG SET proto-max-bulk-len 100mb", "+OK\r\n")
			whole := dial(t, addr)
			_, _ = io.WriteString(whole, wireCommand("STRLEN", strings.Repeat("x", 3<<20)))
			require.Empty(t, whole.gone())

			admin.do("CONFIG SET maxclients 2", "+OK\r\n")
			second := dial(t, addr)
			second.do("PING", "+PONG\r\n")
			require.Equal(t, "-ERR max number of clients reached\r\n", dial(t, addr).gone())

			admin.do("CONFIG SET timeout 1", "+OK\r\n")
			require.Empty(t, second.gone(), "it was idle before")
			blocked := dial(t, addr)
			blocked.send("BLPOP k 1.2\r\n")
			blocked.want("*-1\r\n")
			blocked.do("CONFIG SET timeout 0", "+OK\r\n")
		})
	}
}
