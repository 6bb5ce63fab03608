package server

import (
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
)

// judge is a hook that decides by the command's line and keeps what it saw.
type judge struct {
	mu       sync.Mutex
	verdicts map[string]Verdict
	seen     []Call
	keys     [][]byte
	closed   bool // to new clients
}

func (j *judge) Connect(net.Addr) bool { return !j.closed }

func (j *judge) Command(c Call) Verdict {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seen = append(j.seen, c)
	for _, k := range c.Keys() {
		j.keys = append(j.keys, append([]byte(nil), k...))
	}
	var words []string
	for _, a := range c.Args {
		words = append(words, string(a))
	}
	return j.verdicts[strings.Join(words, " ")]
}

func (j *judge) last() Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seen[len(j.seen)-1]
}

func TestHookAnswersInsteadOfTheCommand(t *testing.T) {
	const busy = "BUSY Redis is busy running a script."
	const moved = "MOVED 1 127.0.0.1:1"
	for _, c := range []struct{ name, answered, verdict, lines, replies string }{
		{"a plain command", "SET k v", busy, "SET k v|GET k", "-" + busy + "|$-1"},
		{"a queued command spoils the transaction", "SET k v", busy, "MULTI|SET k v|EXEC|GET k", "+OK|-" + busy + "|-EXECABORT Transaction discarded because of previous errors.|$-1"},
		{"EXEC says why it aborts", "EXEC", busy, "MULTI|SET k v|EXEC|GET k|DISCARD", "+OK|+QUEUED|-EXECABORT Transaction discarded because of: " + busy + "|$-1|-ERR DISCARD without MULTI"},
		{"EXEC is sent to another node", "EXEC", moved, "MULTI|SET k v|EXEC|GET k", "+OK|+QUEUED|-" + moved + "|$-1"},
		{"the server's own refusal stands", "SET k", busy, "SET k", "-ERR wrong number of arguments for 'set' command"},
		{"an error without a code", "PING", "no", "PING", "-no "},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, addr := start(t, Options{Hook: &judge{verdicts: map[string]Verdict{c.answered: {Error: c.verdict}}}})
			p := dial(t, addr)
			replies := strings.Split(c.replies, "|")
			for i, line := range strings.Split(c.lines, "|") {
				p.do(line, replies[i]+"\r\n")
			}
		})
	}
}

func TestExecWithoutMemorySaysSo(t *testing.T) {
	s, addr := start(t, Options{})
	p := dial(t, addr)
	p.do("SET before v", "+OK\r\n")
	p.do("MULTI", "+OK\r\n")
	p.do("SET k v", "+QUEUED\r\n")
	s.eng.Configure(func(c *engine.Config) { c.MaxMemory = 1 })
	dial(t, addr).do("EXISTS k", ":0\r\n")
	p.do("EXEC", "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.\r\n")
}

func TestHookCutsTheConnection(t *testing.T) {
	for _, c := range []struct {
		name        string
		cut         Cut
		line, reply string
		runs        bool
	}{
		{"before the command", CutBefore, "INCR n", "", false},
		{"before the reply", CutAfter, "INCR n", "", true},
		{"within the reply", CutWithin, "APPEND n 1234567890", ":1", true},
		{"within a queued command's reply", CutWithin, "MULTI\r\nINCR n", "+OK\r\n+QUE", false},
		{"before EXEC's reply", CutAfter, "MULTI\r\nINCR n\r\nEXEC", "+OK\r\n+QUEUED\r\n", true},
		{"within an error", CutWithin, "INCR n m", "-ERR wrong number of argu", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			last := c.line[strings.LastIndex(c.line, "\n")+1:]
			_, addr := start(t, Options{Hook: &judge{verdicts: map[string]Verdict{last: {Cut: c.cut}}}})
			p := dial(t, addr)
			p.send("ECHO earlier\r\n" + c.line + "\r\nSET later 1\r\n")
			require.Equal(t, "$7\r\nearlier\r\n"+c.reply, p.gone())
			want := ":0\r\n"
			if c.runs {
				want = ":1\r\n"
			}
			dial(t, addr).do("EXISTS n later", want)
		})
	}
}

func TestHookDelaysOnTheEnginesClock(t *testing.T) {
	clock := &handClock{armed: make(chan time.Duration, 1)}
	e := engine.New(engine.Options{Clock: clock})
	s := New(e, nil, Options{Hook: &judge{verdicts: map[string]Verdict{"INCR n": {Delay: time.Hour}}}})
	t.Cleanup(func() { require.NoError(t, s.Close()); e.Close() })
	client, far := net.Pipe()
	s.ServeConn(far)
	_, err := client.Write([]byte("PING\r\nINCR n\r\n"))
	require.NoError(t, err)
	require.NoError(t, client.SetDeadline(time.Now().Add(patience)))
	require.Equal(t, time.Hour, clock.wait(t))
	pong := make([]byte, 7)
	_, err = client.Read(pong)
	require.NoError(t, err, "what was answered before is sent")
	require.Equal(t, "+PONG\r\n", string(pong))
	require.NoError(t, client.Close())
	require.Zero(t, e.Len(0))
	clock.fire()
	until(t, func() bool { return e.Len(0) == 1 }) // though its client has left
}

func TestCloseEndsADelay(t *testing.T) {
	clock := &handClock{armed: make(chan time.Duration, 1)}
	e := engine.New(engine.Options{Clock: clock})
	s := New(e, nil, Options{Hook: &judge{verdicts: map[string]Verdict{"SET k v": {Delay: time.Hour}}}})
	client, far := net.Pipe()
	s.ServeConn(far)
	_, err := client.Write([]byte("SET k v\r\n"))
	require.NoError(t, err)
	clock.wait(t)
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	select {
	case err := <-closed:
		require.NoError(t, err)
	case <-time.After(patience):
		require.Fail(t, "the server does not close")
	}
	require.Zero(t, e.Len(0))
	e.Close()
}

// handClock is a clock whose one timer goes off by hand.
type handClock struct {
	engine.SystemClock
	mu    sync.Mutex
	f     func()
	armed chan time.Duration
}

func (c *handClock) AfterFunc(d time.Duration, f func()) engine.Timer {
	c.mu.Lock()
	c.f = f
	c.mu.Unlock()
	c.armed <- d
	return time.NewTimer(time.Hour)
}

// wait returns how long the timer that is set next will run.
func (c *handClock) wait(t *testing.T) time.Duration {
	t.Helper()
	select {
	case d := <-c.armed:
		return d
	case <-time.After(patience):
		require.Fail(t, "no timer is set")
		return 0
	}
}

func (c *handClock) fire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.f()
}

func TestHookRefusesConnections(t *testing.T) {
	j := &judge{closed: true}
	_, addr := start(t, Options{Hook: j})
	nc, err := net.Dial("tcp", addr)
	if err == nil { // before the server has looked at it
		require.NoError(t, nc.SetDeadline(time.Now().Add(patience)))
		_, err = nc.Read(make([]byte, 1))
	}
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

func TestHookSeesWhoSendsWhat(t *testing.T) {
	j := &judge{}
	_, addr := start(t, Options{Hook: j})
	p := dial(t, addr)
	p.do("client SetName worker", "+OK\r\n")
	require.Equal(t, "client|setname", j.last().Name)
	require.Empty(t, j.last().ClientName, "it has none yet")
	p.do("SELECT 3", "+OK\r\n")
	p.do("SINTERCARD 2 a b", ":0\r\n")
	c := j.last()
	require.Equal(t, "sintercard", c.Name)
	require.Equal(t, "worker", c.ClientName)
	require.EqualValues(t, 1, c.ClientID)
	require.Equal(t, 3, c.DB)
	require.Equal(t, p.LocalAddr().String(), c.Remote.String())
	require.Equal(t, "a b", string(j.keys[0])+" "+string(j.keys[1]))
	p.do("Nosuch", "-ERR unknown command 'Nosuch', with args beginning with: \r\n")
	require.Equal(t, "nosuch", j.last().Name)
	require.Contains(t, j.last().Refused, "ERR unknown command")
	j.keys = nil
	p.do("MULTI\r\nSET c 1\r\nHSET d e f\r\nEXEC", "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:1\r\n")
	require.Len(t, j.keys, 4, "of each command and of both for EXEC")
	require.Equal(t, "d", string(j.keys[3]))
}

func TestRefusable(t *testing.T) {
	for _, c := range []struct{ code, refused, passes string }{
		{"LOADING", "GET k|PING|MULTI/GET k/EXEC", "AUTH p|CLIENT ID|INFO|CONFIG GET port|MULTI|MULTI/EXEC"},
		{"MASTERDOWN", "GET k|SET k v", "CONFIG GET port|INFO"},
		{"READONLY", "SET k v|MULTI/SET k v/EXEC", "GET k|PING|MULTI/GET k/EXEC"},
		{"NOREPLICAS", "SET k v", "GET k"},
		{"MISCONF", "SET k v|PING", "GET k"},
		{"OOM", "SET k v|MULTI/GET k|MULTI/SET k v/EXEC", "DEL k|GET k|MULTI/GET k/EXEC|MULTI/DISCARD"},
		{"BUSY", "GET k|PING", "MULTI|HELLO"},
		{"NOAUTH", "GET k|PING", "HELLO|AUTH p"},
		{"MOVED", "GET k|MULTI/GET k/EXEC", "PING|INFO|MULTI/PING/EXEC"},
		{"CLUSTERDOWN", "GET k", "PING"},
		{"ERR", "GET k|PING|CLIENT ID", ""},
	} {
		for i, lines := range []string{c.refused, c.passes} {
			for line := range strings.SplitSeq(lines, "|") {
				if line == "" {
					continue
				}
				j := &refusal{err: c.code + " text"}
				_, addr := start(t, Options{Hook: j})
				p := dial(t, addr)
				p.send(strings.ReplaceAll(line, "/", "\r\n") + "\r\n")
				require.NoError(t, p.CloseWrite())
				p.gone()
				require.Equal(t, i == 0, j.last, "%s with %s", line, c.code)
			}
		}
	}
}

// refusal keeps whether the last command is one that Redis would refuse.
type refusal struct {
	err  string
	last bool
}

func (*refusal) Connect(net.Addr) bool { return true }

func (r *refusal) Command(c Call) Verdict {
	r.last = c.Refusable(r.err)
	return Verdict{}
}
