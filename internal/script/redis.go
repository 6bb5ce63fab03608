package script

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// StartRedis starts a real redis-server on a free loopback port, without
// persistence, and ends it with the test. Without redis-server on the path the
// test is skipped, or fails where CI is set.
func StartRedis(t testing.TB, args ...string) (addr string) {
	t.Helper()
	return start(t, Program(t, "redis-server"), append([]string{"--enable-debug-command", "yes"}, args...))
}

// Others are the servers of other versions that .ci/servers fetches.
func Others() []string { return []string{"redis-6.0", "redis-8.0", "valkey-8.1"} }

// StartOther is StartRedis for a server of another version, one of Others. If it was not
// fetched the test is skipped, even where CI is set: other releases of Debian go.
func StartOther(t testing.TB, name string, args ...string) (addr string) {
	t.Helper()
	if name != "redis-6.0" {
		args = append([]string{"--enable-debug-command", "yes"}, args...)
	}
	return start(t, otherProgram(t, name), args)
}

func otherProgram(t testing.TB, name string) (path string) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		path = filepath.Join(dir, ".bin", "servers", name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Skip(name + " is not there: .ci/servers fetches it")
	return ""
}

func start(t testing.TB, bin string, args []string) (addr string) {
	t.Helper()
	port := freePort(t)
	addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	args = append([]string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--dir", t.TempDir()}, args...)
	cmd := exec.Command(bin, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end(addr) // or else a child of its own may write to the directory still
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if err := awaitServer(addr); err != nil {
		t.Fatal(err)
	}
	return addr
}

// end asks a server to end, with its children.
func end(addr string) {
	if c, err := Dial(addr, 2); err == nil {
		_, _ = c.Do("SHUTDOWN", "NOSAVE", "FORCE")
		c.Close()
	}
}

// Program is where a program is that a test compares Reside with. If it is not
// installed the test is skipped, or fails where CI is set.
func Program(t testing.TB, name string) (path string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(name + " is not installed, and CI requires it")
		}
		t.Skip(name + " is not installed: nothing to compare with")
	}
	return path
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

func awaitServer(addr string) error {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if c, err := Dial(addr, 2); err == nil {
			v, err := c.Do("PING")
			c.Close()
			if err == nil && (v.String() == "+PONG" || strings.HasPrefix(v.Text, "NOAUTH")) {
				return nil
			}
		}
	}
	return fmt.Errorf("script: redis-server at %s does not answer", addr)
}
