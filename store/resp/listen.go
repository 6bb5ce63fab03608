package resp

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// SocketPerm are the permissions of a UNIX socket that Listen makes: only the user
// that the process runs as can connect.
const SocketPerm fs.FileMode = 0o700

// Listen opens the listener that ListenAndServe would: for "host:port" a TCP port,
// on loopback if there is no host; for "unix:/path" a UNIX socket, as ListenUnix
// with SocketPerm.
func Listen(addr string) (net.Listener, error) {
	if path, unix := strings.CutPrefix(addr, "unix:"); unix {
		return ListenUnix(path, SocketPerm)
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.Listen("tcp", net.JoinHostPort(host, port))
}

// ListenUnix listens on a UNIX socket at path. Who may write to its file may
// connect; perm are its permissions from the moment that it is there (elsewhere than
// on Linux from just after it). A socket file that an ended process has left is
// replaced; where somebody listens, or where another kind of file is, the error is
// that the address is in use. Closing the listener removes the file. (Redis:
// unixsocket, unixsocketperm)
func ListenUnix(path string, perm fs.FileMode) (net.Listener, error) {
	if isStale(path) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	l, err := (&net.ListenConfig{Control: withPerm(perm)}).Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, perm); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// isStale reports whether there is a socket file at path to which nobody listens.
func isStale(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != fs.ModeSocket {
		return false
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		_ = c.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
