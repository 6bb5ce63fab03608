package redistest

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store/resp"
)

const people = `# people
SET user:1 "Ada \"the first\"\n\x41"

   # with a note
SET 'it''s'  'a \'b\' "c" \n'
  RPUSH	queue first second
SELECT 1
MULTI
SET in-one 1
EXEC
SET last 1`

func TestLoad(t *testing.T) {
	want := `RPUSH queue first
RPUSH queue second
SET user:1 "Ada \"the first\"\nA"
SELECT 1
SET in-one 1
SET last 1
`
	script := strings.ReplaceAll(people, "SET 'it''s'  'a \\'b\\' \"c\" \\n'\n", "")
	for name, load := range map[string]func(s *Server){
		"string":       func(s *Server) { s.Load(t, script) },
		"line ends":    func(s *Server) { s.Load(t, strings.ReplaceAll(script, "\n", "\r\n")) },
		"reader":       func(s *Server) { s.LoadReader(t, strings.NewReader(script)) },
		"file":         func(s *Server) { s.LoadFile(t, fstest.MapFS{"a/b.redis": {Data: []byte(script)}}, "a/b.redis") },
		"with a fault": func(s *Server) { s.Fault(Fault{Error: Busy}); s.Fault(Fault{Refuse: true}); s.Load(t, script) },
	} {
		t.Run(name, func(t *testing.T) {
			s := New(t, Options{Server: resp.Options{Password: "p"}})
			load(s)
			require.Equal(t, want, Dump(s.Store()))
			require.Empty(t, s.Commands())
		})
	}
}

func TestLoadReadsWordsAsRedisCliDoes(t *testing.T) {
	for text, want := range map[string]string{
		`SET k 'a \'b\' "c" \n'`:              `SET k "a 'b' \"c\" \\n"`,
		`SET k "\x00\xfFé\r\t\\\a\q"`:         `SET k "\x00\xffé\r\t\\\x07q"`,
		`SET k ""`:                            `SET k ""`,
		`SET k #1`:                            `SET k "#1"`,
		`SET k a"b c"`:                        `SET k "ab c"`,
		`SET k ` + strings.Repeat("x", 1<<20): `SET k ` + strings.Repeat("x", 1<<20),
	} {
		s := New(t, Options{})
		s.Load(t, text)
		require.Equal(t, want+"\n", Dump(s.Store()))
	}
}

func TestLoadNamesTheLineThatFails(t *testing.T) {
	for _, c := range []struct{ script, failed string }{
		{"SET a 1\n\nSET b\nSET c 1", "script:3: SET b: ERR wrong number of arguments for 'set' command"},
		{"SET a 1\nNOSUCH 1", "script:2: NOSUCH 1: ERR unknown command 'NOSUCH', with args beginning with: '1' "},
		{"SET a 1\nLPUSH a 1", "script:2: LPUSH a 1: WRONGTYPE Operation against a key holding the wrong kind of value"},
		{"SET a 1\nSET b \"c", "script:2: SET b \"c: quotes that do not close, or something right behind them"},
		{"SET a 1\nSET b 'c'd", "script:2: SET b 'c'd: quotes that do not close"},
		{"SET a 1\nMULTI\nLPUSH a 1\nEXEC", "script:4: EXEC: WRONGTYPE"},
	} {
		rec := &recorder{TB: t}
		s := New(t, Options{})
		require.Contains(t, rec.run(func() { s.Load(rec, c.script) }), "redistest: "+c.failed)
		require.Equal(t, "SET a 1\n", Dump(s.Store()), "what stands before the line was done")
	}
	s, rec := New(t, Options{}), &recorder{TB: t}
	require.Contains(t, rec.run(func() { s.LoadFile(rec, fstest.MapFS{"f": {Data: []byte("\nX")}}, "f") }), "redistest: f:2: X: ERR")
	require.Contains(t, rec.run(func() { s.LoadFile(rec, fstest.MapFS{}, "f") }), "redistest: open f: file does not exist")
	broken := io.MultiReader(strings.NewReader("SET a 1\n"), iotest.ErrReader(errors.New("broken")))
	require.Contains(t, rec.run(func() { s.LoadReader(rec, broken) }), "redistest: script: broken")
	require.Empty(t, Dump(s.Store()))
}

func TestLoadThatBlocksFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := &recorder{TB: t}
		s := New(t, Options{})
		require.Contains(t, rec.run(func() { s.Load(rec, "BLPOP nothing 0") }), "script:1: BLPOP nothing 0: no reply after 5s: does it block?")
	})
}
