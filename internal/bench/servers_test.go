package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// These variables of the environment make this program serve a store on a port, or
// none, instead of running tests, so that servers and clients are processes of their
// own.
const (
	portOfServer = "RESIDE_BENCH_PORT"
	dirOfServer  = "RESIDE_BENCH_DIR" // in which the store is kept, nothing for memory
	syncOfServer = "RESIDE_BENCH_SYNC"
	portOfBare   = "RESIDE_BENCH_BARE_PORT"
)

func TestMain(m *testing.M) {
	if port := os.Getenv(portOfServer); port != "" {
		fmt.Fprintln(os.Stderr, resp.NewServer(servedStore(), resp.Options{}).ListenAndServe("127.0.0.1:"+port))
		os.Exit(1)
	}
	if port := os.Getenv(portOfBare); port != "" {
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err == nil {
			err = serveBare(l)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// servedStore is the store of a process that serves one.
func servedStore() *store.Store {
	if dir := os.Getenv(dirOfServer); dir != "" {
		return openReside(dir, true, os.Getenv(syncOfServer)).(residePlace).Store
	}
	return store.New(store.Options{})
}

// serve runs a server in a process of its own until the test ends.
func serve(t *testing.T, cmd *exec.Cmd, port int) {
	t.Helper()
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	require.Eventually(t, func() bool {
		nc, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			_ = nc.Close()
		}
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// startServers starts redis-server, Reside's and the bare server, or skips the test
// where Redis is not installed.
func startServers(t *testing.T) (list [servers]server) {
	t.Helper()
	script.Program(t, "redis-benchmark")
	addr := script.StartRedis(t)
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	list[redisServer] = server{number(t, port), number(t, info(t, addr, "process_id"))}
	for i, variable := range map[int]string{resideServer: portOfServer, bareServer: portOfBare} {
		list[i].port = freePort(t)
		own := exec.Command(os.Args[0])
		own.Env = append(os.Environ(), fmt.Sprint(variable, "=", list[i].port))
		serve(t, own, list[i].port)
		list[i].pid = own.Process.Pid
	}
	return list
}

// info is what a server's INFO says of a name.
func info(t *testing.T, addr, name string) string {
	t.Helper()
	c, err := script.Dial(addr, 2)
	require.NoError(t, err)
	defer c.Close()
	v, err := c.Do("INFO", "server")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(v.Text, name+":")
	require.True(t, ok)
	text, _, _ := strings.Cut(rest, "\r\n")
	return text
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// TestServers runs every test of redis-benchmark against all servers, few requests
// each.
func TestServers(t *testing.T) {
	list := startServers(t)
	d, err := fight(serverRun{pipeline: 4, requests: 10_000}, list, 1)
	require.NoError(t, err)
	for _, test := range d.tests {
		require.Positive(t, d.ratio(test, redisServer), test)
		require.Positive(t, d.ratio(test, bareServer), test)
	}
	if runtime.GOOS == "linux" {
		for _, s := range list {
			require.Positive(t, s.spent())
		}
		own := server{pid: os.Getpid()}
		require.InDelta(t, processorTime(), own.spent(), float64(200*time.Millisecond), "what the system says in another way")
	}
	require.Equal(t, len(d.tests)+2, strings.Count(serverTable([]duel{d}), "\n"))
	r := throughText(t, d.samples())
	again := duelsOf(r)
	require.Len(t, again, 1)
	again[0].requests = d.requests
	require.Equal(t, r.samples, throughText(t, again[0].samples()).samples)

	for i, s := range list {
		c, err := script.Dial(fmt.Sprint("127.0.0.1:", s.port), 2)
		require.NoError(t, err)
		defer c.Close()
		if i != bareServer {
			v, err := c.Do("LLEN", "mylist")
			require.NoError(t, err)
			require.InDelta(t, listLength, number(t, v.Text), listLength/2, "RPOP took what LPUSH had pushed")
			require.NoError(t, s.flush())
			v, err = c.Do("DBSIZE")
			require.NoError(t, err)
			require.Equal(t, "0", v.Text)
		}
	}
}

func TestServerFloors(t *testing.T) {
	speed := func(turns ...float64) map[string][]float64 { return map[string][]float64{"GET": turns} }
	d := duel{serverRun: serverRun{pipeline: 1}, tests: []string{"GET"},
		speed: [servers]map[string][]float64{speed(100, 200, 100), speed(76, 150, 10), speed(100, 200, 100)}}
	require.Empty(t, d.slow(), "the median of the ratios counts")
	d.pipeline = 16
	require.Len(t, d.slow(), 1)
	d.speed[bareServer] = speed(80, 160, 80)
	require.Empty(t, d.slow(), "the bare server is no faster")
}

// TestServerTable measures the server beside redis-server, prints the README's
// table, and holds the server to its floors.
func TestServerTable(t *testing.T) {
	if !*tableFlag {
		t.Skip("measures for minutes; run with -table")
	}
	list := startServers(t)
	var duels []duel
	var r results
	for _, run := range []serverRun{{1, 100_000}, {16, 500_000}} {
		d, err := fight(run, list, *turnsFlag)
		require.NoError(t, err)
		duels = append(duels, d)
		r.samples = append(r.samples, d.samples()...)
	}
	report(t, ofServers, r)
	for _, d := range duels {
		for _, broken := range d.slow() {
			t.Error(broken)
		}
	}
}
