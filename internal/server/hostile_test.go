package server

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
)

// set is a command with a value of any bytes.
func set(value string) string { return wireCommand("SET", "k", value) }

// hostile is what no well-behaved client sends, by name. What the server says to
// it before it hangs up, or before the client does, is compared by the byte.
var hostile = map[string]string{
	"nothing":                    "",
	"empty lines":                "\r\n\n\r\n\r\nPING\r\n",
	"line feed alone":            "PING\nPING\n",
	"two carriage returns":       "PING\r\r\nPING\r\n",
	"spaces":                     "   \r\n  PING  \r\n\tPING\t\r\n",
	"unknown":                    "\xff\xfe\x01\x7f\x80 x y\r\nPING\r\n",
	"HTTP":                       "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n",
	"TLS hello":                  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n",
	"unbalanced double quote":    "PING\r\nECHO \"abc\r\nPING\r\n",
	"unbalanced single quote":    "ECHO 'abc\r\n",
	"quote inside a word":        "ECHO \"a\"b\r\n",
	"escapes":                    `ECHO "\x41\n\t\"\q\x4"` + "\r\n" + `ECHO 'a\'b\n'` + "\r\n" + `ECHO a"b c"` + "\r\n" + `ECHO ""` + "\r\n",
	"backslash at the end":       "ECHO \"abc\\\r\nPING\r\n",
	"inline 64 KiB unfinished":   strings.Repeat("x", 64<<10),
	"inline over 64 KiB":         strings.Repeat("x", 64<<10+1),
	"inline 64 KiB":              "ECHO " + strings.Repeat("x", 60<<10) + "\r\nPING\r\n",
	"bulk after an inline":       "PING\r\n$4\r\nPING\r\n",
	"NUL in an inline":           "PI\x00NG\r\nPING\r\n",
	"NUL before an inline":       "\x00PING\r\n",
	"NUL behind an inline":       "PING\r\n\x00",
	"NUL in 64 KiB":              "ECHO \x00\r\n" + strings.Repeat("x\r\n", 30000),
	"NUL in a header":            "*1\x00\r\n$4\r\nPING\r\n",
	"NUL in a length":            "*1\r\n$4\x00\r\nPING\r\n",
	"NUL for a mark":             "*1\r\n\x00\r\n",
	"NUL in 64 KiB of header":    "*\x00" + strings.Repeat("1\r\n", 30000),
	"NUL in a value":             set("a\x00b") + wireCommand("GET", "k") + wireCommand("ECHO", "\x00"),
	"CRLF in a value":            set("\r\n*1\r\n") + wireCommand("GET", "k"),
	"no header":                  "*\r\n",
	"letter in a header":         "*a\r\n",
	"space in a header":          "* 1\r\n",
	"plus in a header":           "*+1\r\n",
	"zero in front":              "*01\r\n$4\r\nPING\r\n",
	"no words":                   "*0\r\n*-1\r\n*-5\r\n*-9223372036854775808\r\nPING\r\n",
	"minus zero":                 "*-0\r\n",
	"header out of range":        "*99999999999999999999\r\n",
	"header over 2^31":           "*2147483648\r\n",
	"header at 2^31":             "*2147483647\r\n",
	"a billion words":            "*1000000000\r\n",
	"a billion words, begun":     "PING\r\n*1000000000\r\n$4\r\nPING\r\n$4\r\nPING\r\n",
	"header without line feed":   "*1\rx$4\rxPINGxxPING\r\n",
	"header unfinished":          "PING\r\n*3\r",
	"header of 64 KiB":           "*" + strings.Repeat("1", 70000),
	"length of 64 KiB":           "*1\r\n$" + strings.Repeat("1", 70000),
	"mark of 64 KiB":             "*1\r\n" + strings.Repeat("x", 70000),
	"length missing":             "*1\r\n$\r\n",
	"length with space":          "*1\r\n$ 4\r\n",
	"length with plus":           "*1\r\n$+4\r\n",
	"length with zero in front":  "*1\r\n$04\r\nPING\r\n",
	"length -1":                  "*1\r\n$-1\r\n",
	"length -0":                  "*1\r\n$-0\r\n",
	"length of 2 GB":             "*1\r\n$2147483648\r\n",
	"length over 512 MB":         "*1\r\n$536870913\r\n",
	"length of 512 MB":           "*1\r\n$536870912\r\nxxx",
	"length out of range":        "*1\r\n$99999999999999999999\r\n",
	"length too small":           "*1\r\n$2\r\nPING\r\n*1\r\n",
	"length too big":             "*1\r\n$10\r\nPING\r\n",
	"integer for a word":         "*1\r\n:1\r\n",
	"high byte for a mark":       "*1\r\n\xe9abc\r\n",
	"empty line for a mark":      "*1\r\n\r\n",
	"nested":                     "*1\r\n*1\r\n$4\r\nPING\r\n",
	"deeply nested":              strings.Repeat("*1\r\n", 3000),
	"RESP3 request":              "%1\r\n$1\r\na\r\n$1\r\nb\r\nPING\r\n",
	"truncated command":          "PING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n",
	"truncated value":            "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nab",
	"error behind good commands": strings.Repeat("PING\r\n", 100) + "*1\r\n$-5\r\nPING\r\n",
	"empty words":                "*1\r\n$0\r\n\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
	"QUIT in the middle":         "PING\r\nQUIT\r\nPING\r\n",
	"MULTI cut off":              "MULTI\r\nPING\r\n*1\r\n$x\r\n",
	"very long name":             wireCommand(strings.Repeat("n", 300), strings.Repeat("a", 300), "b") + "PING\r\n",
	"error with CRLF":            wireCommand("a\r\nb", "c\r\n+OK\r\n"),
	"subcommand":                 wireCommand("CLIENT", strings.Repeat("s", 300)),
	"POST of a browser":          "POST x\r\nPING\r\n",
	"Host of a browser":          "hOST: x\r\nPING\r\n",
}

// unauthenticated is what a client sends that has yet to give the password.
var unauthenticated = map[string]string{
	"10 words":             "*10\r\n",
	"11 words":             "*11\r\n",
	"16 KiB":               "*1\r\n$16384\r\n",
	"over 16 KiB":          "*1\r\n$16385\r\n",
	"command":              "GET k\r\nMULTI\r\nPING\r\nQUIT\r\n",
	"unknown":              "NONSENSE\r\nCLIENT NONSENSE\r\nGET\r\n",
	"lifted":               "AUTH secret\r\n" + wireCommand("MGET", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11") + wireCommand("ECHO", strings.Repeat("x", 17000)),
	"in force again":       "AUTH secret\r\nRESET\r\n*11\r\n",
	"HELLO":                "HELLO 3 AUTH default wrong\r\nPING\r\n",
	"wrong password twice": "AUTH wrong\r\nAUTH default wrong\r\nAUTH a b c\r\nPING\r\n",
}

// answer is all that a server says to the input of a client which then hangs up.
// The input goes in pieces of the given size, the whole at once if that is 0.
func answer(t *testing.T, addr, input string, piece int) string {
	t.Helper()
	p := dial(t, addr)
	for rest := input; rest != ""; {
		n := len(rest)
		if piece > 0 {
			n = min(n, piece)
		}
		if _, err := io.WriteString(p, rest[:n]); err != nil {
			break // the server has hung up already
		}
		rest = rest[n:]
	}
	_ = p.CloseWrite()
	return p.gone()
}

func TestHostileInputEqualsOracle(t *testing.T) {
	redis := script.StartRedis(t)
	_, reside := start(t, Options{})
	bystand(t, reside)
	compare(t, redis, reside, hostile)
}

func TestUnauthenticatedEqualsOracle(t *testing.T) {
	redis := script.StartRedis(t, "--requirepass", "secret")
	_, reside := start(t, Options{Password: "secret"})
	compare(t, redis, reside, unauthenticated)
}

func compare(t *testing.T, redis, reside string, inputs map[string]string) {
	for name, input := range inputs {
		t.Run(name, func(t *testing.T) {
			want := answer(t, redis, input, 0)
			require.Equal(t, want, answer(t, reside, input, 0))
			if len(input) < 1000 {
				require.Equal(t, want, answer(t, reside, input, 1), "byte by byte")
			}
			require.Equal(t, want, answer(t, reside, input, 997), "in pieces")
		})
	}
}

// TestJunkEqualsOracle sends random bytes, in which the marks of RESP are frequent.
func TestJunkEqualsOracle(t *testing.T) {
	redis := script.StartRedis(t)
	_, reside := start(t, Options{})
	rng := rand.New(rand.NewPCG(1, 2))
	const alphabet = "**$$\r\n\r\n\r\n0123456789-+:%\"'\\ \x00PINGabcx"
	for range 500 {
		var b strings.Builder
		for range rng.IntN(60) {
			b.WriteByte(alphabet[rng.IntN(len(alphabet))])
		}
		b.WriteString("\r\nPING\r\n")
		require.Equal(t, answer(t, redis, b.String(), 0), answer(t, reside, b.String(), 0), "%q", b.String())
	}
}

// bystand keeps a client at work until the test ends, to see that nobody harms it.
func bystand(t *testing.T, addr string) {
	p := dial(t, addr)
	done, ended := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { ended <- n }()
		for {
			select {
			case <-done:
				return
			default:
			}
			if _, err := io.WriteString(p, "SET by stander\r\nGET by\r\n"); err != nil {
				return
			}
			b := make([]byte, len("+OK\r\n$7\r\nstander\r\n"))
			if _, err := io.ReadFull(p.r, b); err != nil || string(b) != "+OK\r\n$7\r\nstander\r\n" {
				n = -1
				return
			}
			n++
		}
	}()
	t.Cleanup(func() {
		close(done)
		require.Positive(t, <-ended, "the other client was harmed")
	})
}

// TestClaimsCostNothing holds clients that announce much and send little to the
// memory of an idle connection.
func TestClaimsCostNothing(t *testing.T) {
	s, addr := start(t, Options{})
	bystand(t, addr)
	const clients, each = 200, 64 << 10
	for name, claim := range map[string]string{
		"words":  "*1000000000\r\n$4\r\nPING\r\n",
		"length": "*1\r\n$536870912\r\nabc",
		"inline": "SET k v",
	} {
		before := heap()
		peers := make([]*peer, clients)
		for i := range peers {
			peers[i] = dial(t, addr)
			peers[i].send("PING\r\n" + claim)
		}
		for _, p := range peers {
			p.want("+PONG\r\n")
		}
		require.Less(t, heap()-before, int64(clients*each), name)
		for _, p := range peers {
			_ = p.Close()
		}
		until(t, func() bool { return s.connected() == 1 })
	}
}

// TestMemoryIsGivenBack looks at a connection that has sent big commands and is
// idle.
func TestMemoryIsGivenBack(t *testing.T) {
	_, addr := start(t, Options{})
	p := dial(t, addr)
	p.do("PING", "+PONG\r\n")
	before := heap()
	words := make([]string, 200_000)
	for i := range words {
		words[i] = "0123456789"
	}
	words[0] = "DEL"
	p.do(wireCommand(words...), ":0\r\n")
	p.do(wireCommand("STRLEN", strings.Repeat("x", 20<<20)), ":0\r\n")
	p.do(wireCommand("ECHO", "bye"), "$3\r\nbye\r\n")
	clear(words)
	require.Less(t, heap()-before, int64(1<<20))
}

// TestConnectStorm has waves of clients of which some cannot be served, and that leave
// in the middle of what they say.
func TestConnectStorm(t *testing.T) {
	s, addr := start(t, Options{MaxClients: 300})
	bystand(t, addr)
	const waves, clients = 10, 400
	for wave := range waves {
		rejected := s.stats.rejected.Load()
		var wg sync.WaitGroup
		leave := make(chan struct{})
		for i := range clients {
			wg.Go(func() {
				nc, err := net.Dial("tcp", addr)
				if err != nil {
					return
				}
				defer func() { _ = nc.Close() }()
				if i%3 > 0 {
					_, _ = io.WriteString(nc, hostile["truncated command"])
				}
				<-leave
				if i%3 > 0 && (i+wave)%2 == 0 {
					_, _ = nc.Read(make([]byte, 10))
				}
			})
		}
		until(t, func() bool { return s.stats.rejected.Load() > rejected })
		close(leave)
		wg.Wait()
	}
	until(t, func() bool { return s.connected() == 1 })
}
