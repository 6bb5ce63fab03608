package vfs

import (
	"io/fs"
	"strings"
)

// checkName holds names to what is one file of a directory on every system.
func checkName(op, name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\:\x00") {
		return failed(op, name, fs.ErrInvalid)
	}
	return nil
}

// checkNames is checkName for the two of a rename.
func checkNames(op, from, to string) error {
	if err := checkName(op, from); err != nil {
		return err
	}
	return checkName(op, to)
}

// failed is the error as package os would return it.
func failed(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}
