package redistest

import (
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// TestFaultsMeetAndStrike sends lines under a rule and holds which of them got its error.
func TestFaultsMeetAndStrike(t *testing.T) {
	const text = "ERR struck"
	for _, c := range []struct {
		name   string
		fault  Fault
		lines  string
		struck string // a letter a line
	}{
		{"any command", Fault{Error: text}, "PING|SET k v|CLIENT ID", "yyy"},
		{"a command in any case", Fault{Command: "Get", Error: text}, "GET k|get k|MGET k|GETEX k", "yynn"},
		{"a container with all below it", Fault{Command: "client", Error: text}, "CLIENT ID|CLIENT GETNAME|PING", "yyn"},
		{"a subcommand with a bar", Fault{Command: "CLIENT|ID", Error: text}, "CLIENT ID|client id|CLIENT GETNAME", "yyn"},
		{"a subcommand with a space", Fault{Command: "CLIENT ID", Error: text}, "CLIENT ID|CLIENT GETNAME", "yn"},
		{"a key", Fault{Key: "user:*", Error: text}, "GET user:1|GET group:1|DEL a user:2|PING|SET k user:3", "ynynn"},
		{"a key behind a number of keys", Fault{Key: "b", Error: text}, "SINTERCARD 2 a b|SINTERCARD 1 a|ZADD a 1 b", "ynn"},
		{"every key, the empty one too", Fault{Key: "*", Error: text}, `GET ""|PING`, "yn"},
		{"a key with a command", Fault{Command: "SET", Key: "k", Error: text}, "SET k v|SET l v|GET k", "ynn"},
		{"a client", Fault{Client: "work*", Error: text}, "PING|CLIENT SETNAME worker|PING|CLIENT SETNAME other", "nnyy"},
		{"the nth", Fault{Command: "GET", Nth: 2, Error: text}, "GET k|PING|GET k|GET k", "nnyn"},
		{"the first n", Fault{Command: "GET", First: 2, Error: text}, "GET k|GET k|GET k", "yyn"},
		{"every nth", Fault{Command: "GET", Every: 2, Error: text}, "GET k|GET k|GET k|GET k|GET k", "nynyn"},
		{"every nth of the first", Fault{Command: "GET", Every: 2, First: 3, Error: text}, "GET k|GET k|GET k|GET k", "nynn"},
		{"what would fail anyway does not count", Fault{Command: "GET", First: 1, Error: text}, "GET|GET k|GET k", "nyn"},
		{"what Redis refuses while it loads", Fault{Error: Loading}, "PING|GET k|INFO|HELLO|CLIENT ID", "yynnn"},
		{"what a replica refuses", Fault{Error: ReadOnly}, "GET k|SET k v|DEL k|PING", "nyyn"},
		{"what is refused without memory", Fault{Error: OutOfMemory}, "GET k|SET k v|DEL k", "nyn"},
		{"what has keys", Fault{Error: Moved("k", "127.0.0.1:1")}, "GET k|PING", "yn"},
		{"what is named is struck anyway", Fault{Command: "HELLO", Error: Loading}, "HELLO 2|PING", "yn"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New(t, Options{})
			rule := s.Fault(c.fault)
			dial(t, s).send(strings.ReplaceAll(c.lines, "|", "\r\n") + "\r\nQUIT\r\n")
			n := strings.Count(c.lines, "|") + 1
			require.True(t, eventually(func() bool { return len(s.Commands()) > n }))
			got := ""
			for _, command := range s.Commands()[:n] {
				if command.Refused == c.fault.Error {
					got += "y"
				} else {
					got += "n"
				}
			}
			require.Equal(t, c.struck, got)
			require.GreaterOrEqual(t, rule.Fired(), strings.Count(c.struck, "y"))
		})
	}
}

// TestChanceRepeats draws with the same seed twice and with another.
func TestChanceRepeats(t *testing.T) {
	draw := func(f Fault) (struck string, n int) {
		s := New(t, Options{})
		f.Command, f.Error = "EXISTS", Busy
		rule := s.Fault(f)
		p := dial(t, s)
		for range 1000 {
			p.send("EXISTS k\r\n")
			line, err := p.r.ReadString('\n')
			require.NoError(t, err)
			struck += line[:1]
		}
		require.Equal(t, strings.Count(struck, "-"), rule.Fired())
		return struck, rule.Fired()
	}
	a, n := draw(Fault{Probability: 0.25, Seed: 1})
	b, _ := draw(Fault{Probability: 0.25, Seed: 1})
	require.Equal(t, a, b)
	require.InDelta(t, 250, n, 60)
	c, _ := draw(Fault{Probability: 0.25, Seed: 2})
	require.NotEqual(t, a, c)
	_, never := draw(Fault{Probability: 1e-300})
	require.Zero(t, never)
}

func TestRemovedFaultIsOver(t *testing.T) {
	s := New(t, Options{})
	p := dial(t, s)
	a, b := s.Fault(Fault{Command: "GET", Error: Busy}), s.Fault(Fault{Command: "SET", Error: ReadOnly})
	p.do("GET k", "-"+Busy+"\r\n")
	a.Remove()
	a.Remove()
	p.do("GET k", "$-1\r\n")
	p.do("SET k v", "-"+ReadOnly+"\r\n")
	b.Remove()
	p.do("SET k v", "+OK\r\n")
	require.Equal(t, 1, a.Fired())
}

func TestFaultSpoilsTransaction(t *testing.T) {
	s := New(t, Options{})
	p := dial(t, s)
	rule := s.Fault(Fault{Error: ReadOnly})
	p.do("MULTI\r\nGET k\r\nSET k v\r\nEXEC", "+OK\r\n+QUEUED\r\n-"+ReadOnly+"\r\n-EXECABORT Transaction discarded because of previous errors.\r\n")
	rule.Remove()
	p.do("MULTI\r\nSET k v", "+OK\r\n+QUEUED\r\n")
	s.Fault(Fault{Error: ReadOnly}) // a replica from now on
	p.do("EXEC", "-EXECABORT Transaction discarded because of: "+ReadOnly+"\r\n")
	p.do("GET k", "$-1\r\n")
}

func TestFaultCuts(t *testing.T) {
	for _, c := range []struct {
		cut   Cut
		reply string
		value string
	}{
		{CutBefore, "", "$1\r\n1\r\n"},
		{CutAfter, "", "$4\r\n1000\r\n"},
		{CutWithin, ":10", "$4\r\n1000\r\n"},
	} {
		s := New(t, Options{})
		s.Fault(Fault{Command: "INCRBY", Cut: c.cut})
		for _, connect := range []func() *peer{
			func() *peer { return dial(t, s) },
			func() *peer { nc, err := net.Dial("tcp", s.Addr()); return newPeer(t, nc, err) },
		} {
			p := connect()
			p.do("SET n 1", "+OK\r\n")
			p.send("ECHO a\r\nINCRBY n 999\r\nSET n 2\r\n")
			got, err := io.ReadAll(p.r)
			require.NoError(t, err)
			require.Equal(t, "$1\r\na\r\n"+c.reply, string(got))
			dial(t, s).do("GET n", c.value)
		}
	}
}

func TestFaultDelaysInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(t, Options{})
		s.Fault(Fault{Command: "INCR", Delay: 10 * time.Second})
		s.Fault(Fault{Key: "n", Delay: time.Second})
		p, other := dial(t, s), dial(t, s)
		start := time.Now()
		p.send("INCR n\r\n")
		other.do("EXISTS m", ":0\r\n")
		require.Zero(t, time.Since(start), "others are not held up")
		p.want(":1\r\n")
		require.Equal(t, 11*time.Second, time.Since(start))
	})
}

// TestCommandRunsThoughItsClientGaveUp is what makes a timeout's outcome unknown.
func TestCommandRunsThoughItsClientGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(t, Options{})
		s.Fault(Fault{Command: "INCR", First: 1, Delay: time.Second})
		p := dial(t, s)
		p.send("INCR n\r\n")
		synctest.Wait()
		require.NoError(t, p.Close())
		other := dial(t, s)
		other.do("EXISTS n", ":0\r\n")
		time.Sleep(2 * time.Second)
		other.do("GET n", "$1\r\n1\r\n")
	})
}

func TestEndOfTestEndsADelay(t *testing.T) {
	rec := &recorder{TB: t}
	require.Empty(t, rec.run(func() {
		s := New(rec, Options{})
		s.Fault(Fault{Command: "PING", Delay: time.Hour})
		dial(t, s).send("PING\r\n")
		require.True(t, eventually(func() bool { return s.Count("PING") == 1 }))
	}))
}

func TestFaultRefusesConnections(t *testing.T) {
	s := New(t, Options{})
	before := dial(t, s)
	rule := s.Fault(Fault{Refuse: true, First: 2})
	_, err := s.Dial(t.Context(), "tcp", "")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	nc, err := net.Dial("tcp", s.Addr())
	if err == nil { // before the fake has looked at it
		_, err = newPeer(t, nc, err).Read(make([]byte, 1))
	}
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.Equal(t, 2, rule.Fired())
	before.do("PING", "+PONG\r\n")
	dial(t, s).do("PING", "+PONG\r\n")
	nc, err = net.Dial("tcp", s.Addr())
	newPeer(t, nc, err).do("PING", "+PONG\r\n")
	require.Equal(t, 2, rule.Fired())
}

func TestFaultsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(t, Options{})
		for _, f := range []Fault{{Error: Busy}, {Error: Loading, Cut: CutWithin}, {Delay: time.Second}, {Delay: 10 * time.Second, Cut: CutAfter}} {
			s.Fault(f)
		}
		p, start := dial(t, s), time.Now()
		p.send("PING\r\n")
		got, err := io.ReadAll(p.r)
		require.NoError(t, err)
		require.Empty(t, got, "the earliest cut")
		require.Equal(t, 11*time.Second, time.Since(start))
		require.Equal(t, Busy, s.Commands()[0].Refused)
		require.Equal(t, "delayed 11s, cut before the reply", s.Commands()[0].Fault)
	})
}

// hook is one that a test brings along.
type hook struct{ seen []string }

func (h *hook) Connect(net.Addr) bool { return true }

func (h *hook) Command(c resp.Call) resp.Verdict {
	h.seen = append(h.seen, c.Name)
	return resp.Verdict{Error: "ERR mine"}
}

func TestFaultsStandBesideAHook(t *testing.T) {
	h := &hook{}
	s := New(t, Options{Server: resp.Options{Hook: h}})
	s.Fault(Fault{Command: "GET", Error: Busy})
	p := dial(t, s)
	p.do("PING", "-ERR mine\r\n")
	p.do("GET k", "-"+Busy+"\r\n")
	require.Equal(t, []string{"ping", "get"}, h.seen)
}

func TestSenselessFaultsEndTheTest(t *testing.T) {
	for _, c := range []struct {
		fault Fault
		what  string
	}{
		{Fault{}, "nothing happens"},
		{Fault{Command: "GTE", Error: Busy}, `there is no command "GTE"`},
		{Fault{Command: "CONFIG GTE", Error: Busy}, `there is no command "CONFIG GTE"`},
		{Fault{Nth: -1, Error: Busy}, "a negative number"},
		{Fault{Delay: -1}, "a negative number"},
		{Fault{Probability: 1.5, Error: Busy}, "the probability 1.5"},
		{Fault{Cut: 9}, "there is no cut 9"},
		{Fault{Refuse: true, Command: "GET"}, "Refuse is about new connections"},
		{Fault{Refuse: true, Delay: 1}, "Refuse is about new connections"},
		{Fault{Error: "ERR two\r\nlines"}, "a line end"},
		{Fault{Error: "something"}, "no code in capital letters"},
	} {
		rec := &recorder{TB: t}
		require.Contains(t, rec.run(func() { New(rec, Options{}).Fault(c.fault) }), "redistest: Fault: "+c.what)
	}
}

// TestOutOfMemoryIsTheServersOwn holds texts to what the server says itself.
func TestOutOfMemoryIsTheServersOwn(t *testing.T) {
	s := New(t, Options{Store: store.Options{MaxMemory: 1}, Server: resp.Options{Password: "p"}})
	p := dial(t, s)
	p.do("GET k", "-"+NoAuth+"\r\n")
	p.do("AUTH p", "+OK\r\n")
	p.do("SET k v", "+OK\r\n") // more than it may, from now on
	p.do("SET l v", "-"+OutOfMemory+"\r\n")
}

func TestSlot(t *testing.T) {
	for key, slot := range map[string]int{"": 0, "123456789": 12739, "foo": 12182, "{foo}.bar": 12182, "a{foo}": 12182, "{}foo": 9500, "foo{}{bar}": 8363, "{foo": 13308, "foo{{bar}}": 4015} {
		require.Equal(t, slot, Slot(key), "%q", key)
	}
	require.Equal(t, "MOVED 12182 127.0.0.1:7000", Moved("foo", "127.0.0.1:7000"))
	require.Equal(t, "ASK 12182 127.0.0.1:7000", Ask("foo", "127.0.0.1:7000"))
}
