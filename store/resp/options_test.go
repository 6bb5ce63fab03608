package resp

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
)

// pair is a reply of CONFIG GET.
func pair(name, value string) string {
	return fmt.Sprintf("*2\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", len(name), name, len(value), value)
}

func TestZeroOptionsAreRedisDefaults(t *testing.T) {
	_, addr := start(t, Options{})
	p := dial(t, addr)
	p.do("PING", "+PONG\r\n")
	for name, value := range map[string]string{
		"requirepass": "", "maxclients": "10000", "timeout": "0", "client-query-buffer-limit": "1073741824", "proto-max-bulk-len": "536870912",
		"client-output-buffer-limit": "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", "enable-debug-command": "no",
	} {
		p.do("CONFIG GET "+name, pair(name, value))
	}
	p.send("DEBUG SLEEP 0\r\n")
	line, err := p.r.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "-ERR DEBUG command not allowed.")
}

func TestOptionsShowInConfig(t *testing.T) {
	_, addr := start(t, Options{MaxClients: 7, Timeout: 1500 * time.Millisecond, MaxQuery: 2 << 20, MaxBulk: 1 << 20,
		OutputHard: 300, OutputSoft: 200, OutputTime: 5 * time.Second, Debug: true})
	p := dial(t, addr)
	for name, value := range map[string]string{
		"maxclients": "7", "timeout": "2", "client-query-buffer-limit": "2097152", "proto-max-bulk-len": "1048576", "enable-debug-command": "yes",
	} {
		p.do("CONFIG GET "+name, pair(name, value))
	}
	p.do("DEBUG SLEEP 0", "+OK\r\n")
	p.do("CONFIG GET client-output-buffer-limit", pair("client-output-buffer-limit", "normal 300 200 5 slave 268435456 67108864 60 pubsub 33554432 8388608 60"))
}

// TestDirectoryShowsInConfig opens a store by a relative name of its directory.
func TestDirectoryShowsInConfig(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	s, err := store.Open("kept", store.Options{})
	require.NoError(t, err)
	_, addr := serve(t, s, Options{})
	dial(t, addr).do("CONFIG GET dir", pair("dir", filepath.Join(dir, "kept")))
}

func TestPassword(t *testing.T) {
	_, addr := start(t, Options{Password: "secret"})
	p := dial(t, addr)
	p.do("GET k", "-NOAUTH Authentication required.\r\n")
	p.do("AUTH wrong", "-WRONGPASS invalid username-password pair or user is disabled.\r\n")
	p.do("AUTH secret", "+OK\r\n")
	p.do("GET k", "$-1\r\n")
}

func TestMaxClients(t *testing.T) {
	_, addr := start(t, Options{MaxClients: 2})
	a, b := dial(t, addr), dial(t, addr)
	a.do("PING", "+PONG\r\n")
	b.do("PING", "+PONG\r\n")
	require.Equal(t, "-ERR max number of clients reached\r\n", dial(t, addr).gone())
	a.do("QUIT", "+OK\r\n")
	require.Empty(t, a.gone())
	until(t, func() bool { return b.info("connected_clients") == "1" })
	dial(t, addr).do("PING", "+PONG\r\n")
	b.do("CONFIG SET maxclients 2", "+OK\r\n")
}

func TestTimeoutEndsIdleClients(t *testing.T) {
	_, addr := start(t, Options{Timeout: 50 * time.Millisecond})
	blocked, half, idle := dial(t, addr), dial(t, addr), dial(t, addr)
	blocked.send("BLPOP k 0\r\n")
	half.send("*1\r\n$4\r\nPI")
	idle.do("PING", "+PONG\r\n")
	require.Empty(t, idle.gone())
	require.Empty(t, half.gone(), "half a command does not count")
	dial(t, addr).do("RPUSH k v", ":1\r\n")
	blocked.want("*2\r\n$1\r\nk\r\n$1\r\nv\r\n")
}

func TestMaxQuery(t *testing.T) {
	_, addr := start(t, Options{MaxQuery: 10000})
	p := dial(t, addr)
	p.do("SET k "+strings.Repeat("x", 9000), "+OK\r\n")
	p.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$20000\r\n" + strings.Repeat("x", 20000) + "\r\n")
	require.Empty(t, p.gone())
	p = dial(t, addr)
	p.do("STRLEN k", ":9000\r\n")
	p.do("MULTI", "+OK\r\n")
	p.do("SET k "+strings.Repeat("y", 6000), "+QUEUED\r\n")
	p.send("SET k " + strings.Repeat("y", 6000) + "\r\n")
	require.Empty(t, p.gone(), "what is queued counts")
}

func TestMaxBulk(t *testing.T) {
	_, addr := start(t, Options{MaxBulk: 100})
	p := dial(t, addr)
	p.send("*2\r\n$4\r\nECHO\r\n$100\r\n" + strings.Repeat("x", 100) + "\r\n")
	p.want("$100\r\n" + strings.Repeat("x", 100) + "\r\n")
	p.send("*2\r\n$4\r\nECHO\r\n$101\r\n")
	require.Equal(t, "-ERR Protocol error: invalid bulk length\r\n", p.gone())
}

func TestOutputHard(t *testing.T) {
	_, addr := start(t, Options{OutputHard: 1000})
	p := dial(t, addr)
	p.do("ECHO "+strings.Repeat("x", 900), "$900\r\n"+strings.Repeat("x", 900)+"\r\n")
	p.send("ECHO " + strings.Repeat("x", 1000) + "\r\n")
	require.Empty(t, p.gone())
	dial(t, addr).do("PING", "+PONG\r\n")
}

// unread makes the server have many more bytes for the client than it takes.
func unread(p *peer, times int) {
	p.do("SET big "+strings.Repeat("x", 50000), "+OK\r\n")
	p.send(strings.Repeat("GET big\r\n", times))
}

func TestOutputSoft(t *testing.T) {
	_, addr := start(t, Options{OutputSoft: 1000, OutputTime: 50 * time.Millisecond})
	p := dial(t, addr)
	unread(p, 1000)
	other := dial(t, addr)
	until(t, func() bool { return other.info("connected_clients") == "1" })
	quick := dial(t, addr)
	for range 20 {
		quick.do("GET big", "$50000\r\n"+strings.Repeat("x", 50000)+"\r\n")
	}
}

func TestBadOptions(t *testing.T) {
	for want, o := range map[string]Options{
		"resp: Options.MaxClients is negative: -1": {MaxClients: -1},
		"resp: Options.Timeout is negative: -5":    {Timeout: -5},
		"resp: Options.MaxQuery is negative: -1":   {MaxQuery: -1},
		"resp: Options.MaxBulk is negative: -1":    {MaxBulk: -1},
		"resp: Options.OutputHard is negative: -1": {OutputHard: -1},
		"resp: Options.OutputSoft is negative: -1": {OutputSoft: -1},
		"resp: Options.OutputTime is negative: -1": {OutputTime: -1},
		"resp: Options.TLS has no certificate":     {TLS: &tls.Config{MinVersion: tls.VersionTLS13}},
	} {
		s := store.New(store.Options{})
		require.EqualError(t, NewServer(s, o).ListenAndServe(":0"), want)
		require.NoError(t, s.Close())
	}
}

func TestBadAddresses(t *testing.T) {
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	srv := NewServer(s, Options{})
	require.EqualError(t, srv.ListenAndServe("6379"), "address 6379: missing port in address")
	require.ErrorContains(t, srv.ListenAndServe(":nonsense"), "unknown port")
	l, err := Listen(":0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	require.ErrorContains(t, srv.ListenAndServe(l.Addr().String()), "address already in use")
}

func TestBadOptionsServeNobody(t *testing.T) {
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	srv := NewServer(s, Options{MaxClients: -1})
	l, err := Listen(":0")
	require.NoError(t, err)
	require.Error(t, srv.Serve(l))
	_, err = net.Dial("tcp", l.Addr().String())
	require.Error(t, err, "the listener is closed")
	a, b := net.Pipe()
	srv.ServeConn(b)
	_, err = a.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}

func TestLoopbackByDefault(t *testing.T) {
	l, err := Listen(":0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	require.True(t, l.Addr().(*net.TCPAddr).IP.IsLoopback())
}

func TestParseMemory(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "1048576": 1 << 20, "100mb": 100 << 20, "1K": 1000, "2Gb": 2 << 30, "5b": 5} {
		n, err := ParseMemory(text)
		require.NoError(t, err)
		require.Equal(t, want, n, text)
	}
	for _, text := range []string{"", "mb", "-1", "1.5gb", "10tb", "9223372036854775807kb"} {
		_, err := ParseMemory(text)
		require.EqualError(t, err, fmt.Sprintf("resp: not a number of bytes: %q (it should look like 1048576 or 100mb)", text))
	}
}
