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

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// portOfServer is the variable of the environment that makes this program serve a
// store on a port instead of running tests, so that server and clients are
// processes of their own.
const portOfServer = "RESIDE_BENCH_PORT"

func TestMain(m *testing.M) {
	if port := os.Getenv(portOfServer); port != "" {
		fmt.Fprintln(os.Stderr, resp.NewServer(store.New(store.Options{}), resp.Options{}).ListenAndServe("127.0.0.1:"+port))
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

// bothServers starts redis-server and Reside's, or skips the test where Redis is
// not installed.
func bothServers(t *testing.T) (redis, reside int) {
	t.Helper()
	for _, program := range []string{"redis-server", "redis-benchmark"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed")
		}
	}
	redis, reside = freePort(t), freePort(t)
	serve(t, exec.Command("redis-server", "--port", strconv.Itoa(redis), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"), redis)
	mine := exec.Command(os.Args[0])
	mine.Env = append(os.Environ(), fmt.Sprint(portOfServer, "=", reside))
	serve(t, mine, reside)
	return redis, reside
}

// TestServers runs every test of redis-benchmark against both servers, few
// requests each.
func TestServers(t *testing.T) {
	redis, reside := bothServers(t)
	d, err := fight(serverRun{pipeline: 4, requests: 20_000}, redis, reside, 1)
	require.NoError(t, err)
	for _, test := range d.tests {
		require.Positive(t, d.ratio(test), test)
	}
	require.Equal(t, len(d.tests)+2, strings.Count(serverTable([]duel{d}), "\n"))
}

func TestServerFloors(t *testing.T) {
	d := duel{serverRun{pipeline: 1}, []string{"GET"}, map[string][]float64{"GET": {100, 200, 100}}, map[string][]float64{"GET": {76, 150, 10}}}
	require.Empty(t, d.slow(), "the median of the ratios counts")
	d.pipeline = 16
	require.Len(t, d.slow(), 1)
}

// TestServerTable measures the server beside redis-server, prints the README's
// table, and holds the server to its floors.
func TestServerTable(t *testing.T) {
	if !*tableFlag {
		t.Skip("measures for minutes; run with -table")
	}
	redis, reside := bothServers(t)
	var duels []duel
	for _, r := range []serverRun{{1, 100_000}, {16, 500_000}} {
		d, err := fight(r, redis, reside, *turnsFlag)
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
