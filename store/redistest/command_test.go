package redistest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store/resp"
)

func TestCommandsTellWhoSentWhat(t *testing.T) {
	s := New(t, Options{})
	p := dial(t, s)
	p.do("client SetName worker", "+OK\r\n")
	p.do("Select 2", "+OK\r\n")
	p.do(`set k "two words"`, "+OK\r\n")
	p.do("GET", "-ERR wrong number of arguments for 'get' command\r\n")
	dial(t, s).do("GET k", "$-1\r\n")
	s.Load(t, "SET loaded 1")

	all := s.Commands()
	require.Len(t, all, 5)
	require.Equal(t, Command{ClientID: 1, ClientName: "worker", Addr: p.LocalAddr().String(), DB: 2, Name: "set", Words: []string{"set", "k", "two words"}}, all[2])
	require.Equal(t, "ERR wrong number of arguments for 'get' command", all[3].Refused)
	require.Len(t, all.By("worker"), 3, "it had no name when it asked for one")
	require.Len(t, all.Of("GET").By("worker"), 1)
	require.Equal(t, `  client 1 (worker) [2]: set k "two words"
  client 1 (worker) [2]: GET  -> ERR wrong number of arguments for 'get' command
  client 2: GET k
`, all[2:].String())
	for words, n := range map[string]int{"": 5, "get": 2, "GET k": 1, "GET K": 0, "GET k x": 0, "SET k": 1, "client": 1, "CLIENT SETNAME worker": 1, "CLIENT SETNAME WORKER": 0} {
		require.Equal(t, n, s.Count(strings.Fields(words)...), words)
	}
	s.ForgetCommands()
	require.Empty(t, s.Commands())
	require.Zero(t, s.Count())
}

func TestSaw(t *testing.T) {
	s := New(t, Options{})
	dial(t, s).do(`SET k "a b"`, "+OK\r\n")
	rec := &recorder{TB: t}
	require.True(t, s.Saw(rec, "set", "k"))
	require.True(t, s.DidNotSee(rec, "SET", "l"))
	require.Empty(t, rec.failed.String())
	require.False(t, s.Saw(rec, "SET", "k", "b"))
	require.Equal(t, "redistest: no client sent SET k b\nthe last 1 of 1 commands:\n  client 1: SET k \"a b\"\n\n", rec.failed.String())
	rec.failed.Reset()
	require.False(t, s.DidNotSee(rec, "SET"))
	require.Equal(t, "redistest: a client sent SET\n  client 1: SET k \"a b\"\n\n", rec.failed.String())
}

func TestFailedTestShowsTheLastCommands(t *testing.T) {
	rec := &recorder{TB: t}
	rec.run(func() {
		s := New(rec, Options{Commands: 30})
		p := dial(t, s)
		for i := range 41 {
			p.do(fmt.Sprintf("SET k%d v", i), "+OK\r\n")
		}
		s.Close()
		rec.Errorf("something else")
	})
	require.Contains(t, rec.logged.String(), "redistest: the last 20 of 41 commands:\n  client 1: SET k21 v\n")
	require.Contains(t, rec.logged.String(), "  client 1: SET k40 v\n  (11 are not remembered, see Options.Commands)\n")
	require.NotContains(t, rec.logged.String(), "k20 ")

	rec = &recorder{TB: t}
	rec.run(func() { dial(t, New(rec, Options{})).do("PING", "+PONG\r\n") })
	require.Empty(t, rec.logged.String(), "a test that passes says nothing")
	rec = &recorder{TB: t}
	rec.run(func() { New(rec, Options{}); rec.Errorf("failed") })
	require.Empty(t, rec.logged.String(), "nor one that has nothing to show")
}

func TestOldCommandsAreForgotten(t *testing.T) {
	s := New(t, Options{Commands: 3})
	p := dial(t, s)
	for i := range 10 {
		p.do(fmt.Sprintf("SET k%d v", i), "+OK\r\n")
	}
	require.Equal(t, "  client 1: SET k7 v\n  client 1: SET k8 v\n  client 1: SET k9 v\n", s.Commands().String())

	var l log
	l.limit = 100
	for big := strings.Repeat("x", maxCommandBytes/4); len(l.all)+l.forgotten < 10; {
		l.add(Command{Words: []string{big}})
	}
	require.Len(t, l.all, 3, "memory is bounded too")
	require.Equal(t, 7, l.forgotten)
	require.LessOrEqual(t, l.bytes, maxCommandBytes)

	rec := &recorder{TB: t}
	require.Contains(t, rec.run(func() { New(rec, Options{Commands: -1}) }), "Options.Commands is negative: -1")
}

func TestPasswordsAreNotShown(t *testing.T) {
	s := New(t, Options{Server: resp.Options{Password: "secret1"}})
	p := dial(t, s)
	for _, line := range []string{"AUTH secret1", "auth default secret1", "AUTH", "AUTH a secret2 secret3", "HELLO 3 AUTH default secret1 SETNAME me", "HELLO 2 auth default secret4",
		"HELLO AUTH secret5", "CONFIG SET requirepass secret6 maxmemory 0 masterauth secret7", "ACL SETUSER bob >secret8", "MIGRATE h 1 k 0 1 AUTH secret9"} {
		p.send(line + "\r\n")
	}
	require.True(t, eventually(func() bool { return len(s.Commands()) == 10 }))
	text := s.Commands().String()
	require.NotContains(t, text, "secret")
	require.Contains(t, text, "AUTH (redacted)\n")
	require.Contains(t, text, "HELLO 3 AUTH (redacted) (redacted) SETNAME me\n")
	require.Contains(t, text, "CONFIG SET requirepass (redacted) maxmemory 0 masterauth (redacted)")
	require.Contains(t, text, "ACL SETUSER (redacted) (redacted)  -> ERR unknown command 'ACL'\n")
	require.Equal(t, 1, s.Count("CONFIG", "SET", "requirepass", "(redacted)"))
}

func TestLongWordsAreShortened(t *testing.T) {
	c := Command{ClientID: 1, Words: []string{"SET", "k", strings.Repeat("x", 101)}}
	require.Equal(t, "client 1: SET k "+strings.Repeat("x", 100)+"...(101 bytes)", c.String())
}
