package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crowdEnv makes the test binary a crowd of idle clients of the server at that address.
const crowdEnv = "RESIDE_TEST_CROWD"

// crowdSize is how many clients a crowd has. The system allows 20,000 open files to
// a process, and both ends are files: so the clients are in another process.
const crowdSize = 10_000

// crowd connects, calls PING once from each client, and stays until its input ends.
func crowd(addr string) error {
	clients := make([]net.Conn, crowdSize)
	for i := range clients {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		if _, err = io.WriteString(nc, "PING\r\n"); err != nil {
			return err
		}
		clients[i] = nc
	}
	reply := make([]byte, len("+PONG\r\n"))
	for _, nc := range clients {
		if _, err := io.ReadFull(nc, reply); err != nil {
			return err
		}
	}
	fmt.Println("here")
	_, err := io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(clients) // or the garbage collector hangs up for them
	return err
}

// gather lets a crowd connect; leave ends it.
func gather(t *testing.T, addr string) (leave func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), crowdEnv+"="+addr), os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "here\n", line)
	return func() {
		require.NoError(t, in.Close())
		require.NoError(t, cmd.Wait())
	}
}

// TestIdleCrowd holds 10,000 idle connections to a bounded memory each, and others
// to be served as before.
func TestIdleCrowd(t *testing.T) {
	if testing.Short() {
		t.Skip("connects 10,000 times")
	}
	each := int64(10 << 10)
	s, addr := start(t, Options{MaxClients: 2 * crowdSize})
	bystand(t, addr)
	p := dial(t, addr)
	p.do("PING", "+PONG\r\n")
	before := heap()
	leave := gather(t, addr)
	require.Equal(t, crowdSize+2, s.connected())
	bytes := (heap() - before) / crowdSize
	t.Logf("%d bytes an idle connection", bytes)
	if s.clients()[0].line == nil { // each has a goroutine
		each = 16 << 10
	}
	require.Less(t, bytes, each)

	began := time.Now()
	for range 1000 {
		p.send("INCR n\r\n")
		_, err := p.r.ReadString('\n')
		require.NoError(t, err)
	}
	require.Less(t, time.Since(began), patience/4)
	p.send("CLIENT LIST\r\n")
	require.Greater(t, len(p.bulk()), crowdSize*100)
	leave()
	until(t, func() bool { return s.connected() == 2 })
	// What they took is given back, but for the descriptors of goroutines, which Go
	// keeps to use them again.
	until(t, func() bool { return (heap()-before)/crowdSize < 1<<10 })
}
