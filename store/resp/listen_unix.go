//go:build unix

package resp

import (
	"io/fs"
	"syscall"
)

// withPerm sets the permissions of a socket before it has a file: on Linux the file
// gets them when it is made, so that there is no moment in which others could
// connect. Other systems refuse, and have to wait for the file.
func withPerm(perm fs.FileMode) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), uint32(perm.Perm())) })
	}
}
