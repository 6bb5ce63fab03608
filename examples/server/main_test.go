package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program is the built server.
var program string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "server")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "server")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	return m.Run()
}

// process is a running server.
type process struct {
	*exec.Cmd
	t    *testing.T
	port string
	more *bufio.Reader // what it prints after its first line
}

// start runs the server on a free port and waits until it accepts connections.
func start(t *testing.T, flags ...string) *process {
	t.Helper()
	p, said := launch(t, flags...)
	require.Empty(t, said)
	return p
}

// launch is start for a server that says something before.
func launch(t *testing.T, flags ...string) (p *process, said string) {
	t.Helper()
	cmd := exec.Command(program, append([]string{"-addr", ":0"}, flags...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for r := bufio.NewReader(out); ; {
		line, err := r.ReadString('\n')
		require.NoError(t, err, said)
		addr, found := strings.CutPrefix(strings.TrimSpace(line), "Reside accepts connections on ")
		if !found {
			said += line
			continue
		}
		host, port, err := net.SplitHostPort(addr)
		require.NoError(t, err)
		require.Equal(t, "127.0.0.1", host)
		return &process{cmd, t, port, r}, said
	}
}

// stop ends the server by a signal: cleanly, and without another word.
func (p *process) stop(sig os.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.Process.Signal(sig))
	rest, err := io.ReadAll(p.more)
	require.NoError(p.t, err)
	require.Empty(p.t, string(rest))
	require.NoError(p.t, p.Wait(), "exit status 0")
}

// do sends one line to the server and returns the line of its reply.
func (p *process) do(line string) string {
	p.t.Helper()
	nc, err := net.Dial("tcp", "127.0.0.1:"+p.port)
	require.NoError(p.t, err)
	defer func() { _ = nc.Close() }()
	require.NoError(p.t, nc.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(nc, line+"\r\n")
	require.NoError(p.t, err)
	reply, err := bufio.NewReader(nc).ReadString('\n')
	require.NoError(p.t, err)
	return strings.TrimSpace(reply)
}

func TestSignals(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		p := start(t)
		blocked, err := net.Dial("tcp", "127.0.0.1:"+p.port)
		require.NoError(t, err)
		_, err = io.WriteString(blocked, "PING\r\nBLPOP k 0\r\n")
		require.NoError(t, err)
		require.Equal(t, "+OK", p.do("SET k v"))
		p.stop(sig)
		_, err = io.ReadAll(blocked)
		require.NoError(t, err, "the client was told the end")
	}
}

func TestFlags(t *testing.T) {
	p := start(t, "-requirepass", "secret", "-maxmemory", "100kb", "-maxmemory-policy", "allkeys-lru", "-enable-debug-command")
	require.Equal(t, "-NOAUTH Authentication required.", p.do("GET k"))
	require.Equal(t, "+OK", p.do("AUTH secret\r\nPING"))
	cli := func(args ...string) string {
		return run1(t, "", "redis-cli", append([]string{"-p", p.port, "-a", "secret", "--no-auth-warning"}, args...)...)
	}
	require.Equal(t, "maxmemory\n102400\n", cli("CONFIG", "GET", "maxmemory"))
	require.Equal(t, "maxmemory-policy\nallkeys-lru\n", cli("CONFIG", "GET", "maxmemory-policy"))
	require.Equal(t, "OK\n", cli("DEBUG", "SLEEP", "0"))
	p.stop(syscall.SIGTERM)

	require.Contains(t, start(t).do("DEBUG SLEEP 0"), "-ERR DEBUG command not allowed.")
}

func TestBadFlags(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	for want, flags := range map[string][]string{
		"not a number of bytes":  {"-maxmemory", "lots"},
		"no such policy":         {"-maxmemory-policy", "newest"},
		"address already in use": {"-addr", taken.Addr().String()},
		"missing port":           {"-addr", "localhost"},
	} {
		out, err := exec.Command(program, flags...).CombinedOutput()
		require.Error(t, err, flags)
		require.Contains(t, string(out), want)
	}
}

// run1 runs a client to its end and returns what it prints. It must not complain.
func run1(t *testing.T, input, name string, args ...string) string {
	t.Helper()
	bin, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(name + " is not installed, and CI requires it")
		}
		t.Skip(name + " is not installed")
	}
	cmd := exec.Command(bin, args...)
	cmd.Stdin = strings.NewReader(input)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	require.NoError(t, err, "%s: %s%s", args, out, complaints.String())
	require.Empty(t, complaints.String(), args)
	return string(out)
}

// fill makes a key of each type.
const fill = "SET s hello\nRPUSH l a b c\nSADD set a b\nZADD z 1 a 2 b\nHSET h f v g w\nSET n 41\nINCR n\n"

func TestCLI(t *testing.T) {
	p := start(t)
	cli := func(input string, args ...string) string {
		return run1(t, input, "redis-cli", append([]string{"-p", p.port}, args...)...)
	}
	require.Equal(t, "OK\n3\n2\n2\n2\nOK\n42\n", cli(fill))
	require.Equal(t, "1) \"f\"\n2) \"v\"\n3) \"g\"\n4) \"w\"\n", cli("", "--no-raw", "HGETALL", "h"))
	require.Equal(t, "1# \"f\" => \"v\"\n2# \"g\" => \"w\"\n", cli("", "-3", "--no-raw", "HGETALL", "h"))
	require.ElementsMatch(t, []string{"s", "l", "set", "z", "h", "n"}, strings.Fields(cli("", "--scan")))
	require.Equal(t, "set\n", cli("", "--scan", "--pattern", "se*"))
	for _, mode := range []string{"--bigkeys", "--memkeys"} {
		out := cli("", mode)
		require.Contains(t, out, "Sampled 6 keys in the keyspace!", mode)
	}
	require.Contains(t, cli("", "--bigkeys"), `Biggest   list found '"l"' has 3 items`)
	require.Regexp(t, `^\d+ \d+ [\d.]+ \d+\n$`, cli("", "--latency", "-i", "1"))
	require.Contains(t, cli("", "INFO"), "redis_version:7.2")
	require.Contains(t, cli("", "MEMORY", "DOCTOR"), "problem")
	require.Contains(t, cli("", "-r", "3", "-i", "0.01", "PING"), "PONG\nPONG\nPONG")
	require.Contains(t, cli("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n", "--pipe"), "errors: 0, replies: 1")
	require.Equal(t, "b", cli("", "--raw", "GET", "a")[:1])
	p.stop(syscall.SIGTERM)
}

// TestCLIStat reads some lines of a mode that never ends.
func TestCLIStat(t *testing.T) {
	p := start(t)
	run1(t, fill, "redis-cli", "-p", p.port)
	cmd := exec.Command("redis-cli", "-p", p.port, "--stat", "-i", "0.01")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	lines := bufio.NewScanner(out)
	var text strings.Builder
	for i := 0; i < 5 && lines.Scan(); i++ {
		fmt.Fprintln(&text, lines.Text())
	}
	require.Regexp(t, `(?m)^6 +\S+ +\d+ +0 +\d+ \(\+\d+\) +\d+ *$`, text.String(), "keys, memory, clients, blocked, requests, connections")
}

// requests is how often redis-benchmark calls each command; five times as often in
// CI.
const requests = 4000

// TestBenchmark runs every default test of redis-benchmark but XADD.
func TestBenchmark(t *testing.T) {
	p := start(t)
	n := requests
	if os.Getenv("CI") != "" {
		n *= 5
	}
	const tests = "ping_inline,ping_mbulk,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange_100,lrange_300,lrange_500,lrange_600,mset"
	for n, more := range map[int][]string{n: nil, n / 5: {"-P", "16", "-r", "1000"}, n / 20: {"-3", "-d", "100"}} {
		out := run1(t, "", "redis-benchmark", append([]string{"-p", p.port, "-q", "-n", strconv.Itoa(n), "-t", tests}, more...)...)
		require.NotContains(t, out, "rror")
		require.Equal(t, 20, strings.Count(out, "requests per second"), out)
	}
	p.stop(syscall.SIGTERM)
}
