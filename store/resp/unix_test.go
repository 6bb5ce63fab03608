package resp

import (
	"bytes"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
)

// startUnix serves an empty store on a UNIX socket until the test ends.
func startUnix(t *testing.T, path string, o Options) *Server {
	t.Helper()
	s := store.New(store.Options{})
	srv := NewServer(s, o)
	l, err := Listen("unix:" + path)
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, srv.Close())
		require.ErrorIs(t, <-served, ErrServerClosed)
		require.NoError(t, s.Close())
	})
	return srv
}

func dialUnix(t *testing.T, path string) *peer {
	t.Helper()
	nc, err := net.Dial("unix", path)
	require.NoError(t, err)
	return newPeer(t, nc)
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reside.sock")
	cert, _ := certificate(t, serverName)
	srv := startUnix(t, path, Options{TLS: tlsConfig(cert)})
	p := dialUnix(t, path)
	p.do("PING", "+PONG\r\n")
	p.do("CONFIG GET unixsocket", pair("unixsocket", path))
	p.do("CONFIG GET port", pair("port", "0"))
	require.Equal(t, "0", p.info("tcp_port"))
	p.send("CLIENT INFO\r\n")
	_, err := p.r.ReadString('\n')
	require.NoError(t, err)
	line, err := p.r.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, " addr="+path+":0 laddr="+path+":0 ", "as Redis has it")
	require.Contains(t, line, " flags=U ")
	p.want("\r\n")

	other := dialUnix(t, path)
	other.do("CLIENT KILL ADDR "+path+":0 SKIPME yes", ":1\r\n")
	require.Empty(t, p.gone())

	// More than the socket holds, before the first reply is read.
	big := strings.Repeat("x", 50000)
	other.do("SET big "+big, "+OK\r\n")
	other.send(strings.Repeat("GET big\r\n", 100))
	other.want(strings.Repeat("$50000\r\n"+big+"\r\n", 100))

	require.NoError(t, srv.Shutdown(within(t, patience)))
	require.NoFileExists(t, path)
}

func TestUnixSocketPermissions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for _, perm := range []fs.FileMode{SocketPerm, 0o770, 0o777} {
		if runtime.GOOS == "linux" {
			l, err := (&net.ListenConfig{Control: withPerm(0o700)}).Listen(within(t, patience), "unix", path)
			require.NoError(t, err)
			require.Equal(t, fs.FileMode(0o700), permissions(t, path), "from the first moment")
			require.NoError(t, l.Close())
		}
		l, err := ListenUnix(path, perm)
		require.NoError(t, err)
		require.Equal(t, perm, permissions(t, path), "whatever umask says")
		require.NoError(t, l.Close())
	}
	startUnix(t, path, Options{})
	require.Equal(t, fs.FileMode(0o700), permissions(t, path))
}

func permissions(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}

// TestStaleSocket leaves a socket file behind, as a process does that is killed.
func TestStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := ListenUnix(path, SocketPerm)
	require.NoError(t, err)
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	require.NoError(t, l.Close())
	require.FileExists(t, path)

	startUnix(t, path, Options{})
	p := dialUnix(t, path)
	p.do("SET k v", "+OK\r\n")
	_, err = Listen("unix:" + path)
	require.ErrorContains(t, err, "address already in use")
	p.do("GET k", "$1\r\nv\r\n")
	dialUnix(t, path).do("GET k", "$1\r\nv\r\n")
}

func TestSocketReplacesNoOtherFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "precious")
	require.NoError(t, os.WriteFile(path, []byte("text"), 0o600))
	_, err := Listen("unix:" + path)
	require.ErrorContains(t, err, "address already in use")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal([]byte("text"), text))

	_, err = Listen("unix:" + filepath.Join(dir, "missing", "s"))
	require.ErrorContains(t, err, "no such file or directory")
	_, err = Listen("unix:" + filepath.Join(dir, strings.Repeat("x", 200)))
	require.Error(t, err, "a path longer than the system takes")
}
