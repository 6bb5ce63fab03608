package script

import (
	"fmt"
	"net"
	"os"
	"os/exec"
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
	bin := Program(t, "redis-server")
	port := freePort(t)
	addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	args = append([]string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--enable-debug-command", "yes", "--dir", t.TempDir()}, args...)
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
