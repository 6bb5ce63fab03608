package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
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
	portOfBare   = "RESIDE_BENCH_BARE_PORT"
)

func TestMain(m *testing.M) {
	if port := os.Getenv(portOfServer); port != "" {
		fmt.Fprintln(os.Stderr, resp.NewServer(store.New(store.Options{}), resp.Options{}).ListenAndServe("127.0.0.1:"+port))
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
func startServers(t *testing.T) (ports [servers]int) {
	t.Helper()
	script.Program(t, "redis-benchmark")
	_, redis, err := net.SplitHostPort(script.StartRedis(t))
	require.NoError(t, err)
	ports[redisServer], err = strconv.Atoi(redis)
	require.NoError(t, err)
	for i, variable := range map[int]string{resideServer: portOfServer, bareServer: portOfBare} {
		ports[i] = freePort(t)
		own := exec.Command(os.Args[0])
		own.Env = append(os.Environ(), fmt.Sprint(variable, "=", ports[i]))
		serve(t, own, ports[i])
	}
	return ports
}

// TestServers runs every test of redis-benchmark against all servers, few requests
// each.
func TestServers(t *testing.T) {
	d, err := fight(serverRun{pipeline: 4, requests: 20_000}, startServers(t), 1)
	require.NoError(t, err)
	for _, test := range d.tests {
		require.Positive(t, d.ratio(test, redisServer), test)
		require.Positive(t, d.ratio(test, bareServer), test)
	}
	require.Equal(t, len(d.tests)+2, strings.Count(serverTable([]duel{d}), "\n"))
}

func TestServerFloors(t *testing.T) {
	speed := func(turns ...float64) map[string][]float64 { return map[string][]float64{"GET": turns} }
	d := duel{serverRun{pipeline: 1}, []string{"GET"}, [servers]map[string][]float64{speed(100, 200, 100), speed(76, 150, 10), speed(100, 200, 100)}}
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
	ports := startServers(t)
	var duels []duel
	for _, r := range []serverRun{{1, 100_000}, {16, 500_000}} {
		d, err := fight(r, ports, *turnsFlag)
		require.NoError(t, err)
		duels = append(duels, d)
	}
	fmt.Printf("%s, 50 clients, median of %d interleaved runs\n\n%s\n", machine(), *turnsFlag, serverTable(duels))
	for _, d := range duels {
		for _, broken := range d.slow() {
			t.Error(broken)
		}
	}
}
