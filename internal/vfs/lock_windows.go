package vfs

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// errSharing is what Windows says of a file that another has for itself.
const errSharing = syscall.Errno(32)

// lock opens the file for itself alone, which ends with the process.
func lock(path string) (io.Closer, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, failed("lock", path, err)
	}
	const sharedWithNobody = 0
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, sharedWithNobody, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharing) {
		err = ErrLocked
	}
	if err != nil {
		return nil, failed("lock", path, err)
	}
	return os.NewFile(uintptr(h), path), nil
}
