//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package vfs

import (
	"errors"
	"io"
)

// lock refuses: without a lock that ends with the process, two of them could write to
// one directory, or nobody after a kill.
func lock(path string) (io.Closer, error) {
	return nil, failed("lock", path, errors.ErrUnsupported)
}
