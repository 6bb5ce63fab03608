//go:build !windows

package vfs

import (
	"errors"
	"os"
	"syscall"
)

// syncDir makes a directory's entries durable. Some file systems (of networks, of
// other systems) know no such thing and say so: there is nothing that one could wait
// for.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, f.Close())
}
