package vfs

import (
	"io"
	"os"
	"path/filepath"
)

// Who may do what with a directory and its files, before the process's umask: the
// owner all, the group read, others nothing.
const (
	dirMode  = 0o750
	fileMode = 0o640
)

// osFS is a directory of the operating system.
type osFS struct{ dir string }

// OS returns a directory of the operating system. What is missing of its path is made,
// durably. It need not be writable: then files can be read, and what would change
// something fails.
func OS(dir string) (FS, error) {
	dir, err := filepath.Abs(dir) // a process may go elsewhere later
	if err != nil {
		return nil, err
	}
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	return osFS{dir}, nil
}

// makeDir makes a directory and those above it. A new one is durable once the one
// above is synced.
func makeDir(dir string) error {
	if isDir(dir) {
		return nil
	}
	above := filepath.Dir(dir)
	if above != dir {
		if err := makeDir(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, dirMode); err != nil && !isDir(dir) { // another may have made it meanwhile
		return err
	}
	return syncDir(above)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (d osFS) path(name string) string { return filepath.Join(d.dir, name) }

func (d osFS) Create(name string) (File, error) {
	if err := checkName("create", name); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(d.path(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, err
	}
	return &osFile{f: f}, nil
}

func (d osFS) Open(name string) (File, error) {
	if err := checkName("open", name); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(d.path(name), os.O_RDWR, 0)
	if err == nil {
		return &osFile{f: f}, nil
	}
	return openToRead(d.path(name), err)
}

// openToRead opens what cannot be opened to write, for the given reason: a backup on
// a read-only mount can be read.
func openToRead(path string, reason error) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		_ = f.Close() // nothing was written
		return nil, reason
	}
	return &osFile{f: f, readOnly: reason}, nil
}

func (d osFS) Remove(name string) error {
	if err := checkName("remove", name); err != nil {
		return err
	}
	return os.Remove(d.path(name))
}

func (d osFS) Rename(from, to string) error {
	if err := checkNames("rename", from, to); err != nil {
		return err
	}
	return os.Rename(d.path(from), d.path(to))
}

func (d osFS) List() ([]string, error) {
	entries, err := os.ReadDir(d.dir) // in order
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (d osFS) Sync() error { return syncDir(d.dir) }

func (d osFS) Lock(name string) (io.Closer, error) {
	if err := checkName("lock", name); err != nil {
		return nil, err
	}
	return lock(d.path(name))
}
