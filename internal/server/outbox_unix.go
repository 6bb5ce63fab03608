//go:build unix

package server

import (
	"syscall"
)

// trySystem sends through the system's own call, which does not wait.
func trySystem(sc syscall.Conn) func(p []byte) (int, error) {
	raw, err := sc.SyscallConn()
	if err != nil {
		return func([]byte) (int, error) { return 0, err }
	}
	var p []byte
	var n int
	var sysErr error
	send := func(fd uintptr) bool {
		n, sysErr = syscall.Write(int(fd), p)
		return true
	}
	return func(b []byte) (int, error) {
		p = b
		err := raw.Write(send)
		p = nil
		switch {
		case err != nil:
			return 0, err
		case sysErr == syscall.EAGAIN || sysErr == syscall.EINTR:
			return 0, nil
		case sysErr != nil:
			return 0, sysErr
		}
		return n, nil
	}
}
