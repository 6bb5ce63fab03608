package vfs

import (
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"syscall"
)

// Mem is a directory in memory that can crash: it knows what of it is durable. It
// behaves as OS does on unix: a file that is open stays when it is removed or replaced.
type Mem struct {
	mu      sync.Mutex
	files   map[string]*node // as programs see them
	entries entries          // as the disk has them
	locks   map[string]bool
	limit   int64
	down    bool
}

// NewMem returns an empty directory in memory.
func NewMem() *Mem {
	return &Mem{files: map[string]*node{}, entries: entries{disk: map[string]*node{}}, locks: map[string]bool{}}
}

// SetLimit makes the disk full once its files have that many bytes together: a Write
// then takes what there is room for and fails with syscall.ENOSPC. 0 is no limit.
func (m *Mem) SetLimit(bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.limit = bytes
}

// begin takes the lock for a call.
func (m *Mem) begin(op, name string) error {
	m.mu.Lock()
	if m.down {
		m.mu.Unlock()
		return failed(op, name, ErrCrashed)
	}
	return nil
}

// find is begin and the file with that name.
func (m *Mem) find(op, name string) (*node, error) {
	if err := checkName(op, name); err != nil {
		return nil, err
	}
	if err := m.begin(op, name); err != nil {
		return nil, err
	}
	if n := m.files[name]; n != nil {
		return n, nil
	}
	m.mu.Unlock()
	return nil, failed(op, name, fs.ErrNotExist)
}

// Create makes a file; see FS.
func (m *Mem) Create(name string) (File, error) {
	if err := checkName("create", name); err != nil {
		return nil, err
	}
	if err := m.begin("create", name); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	if m.files[name] != nil {
		return nil, failed("create", name, fs.ErrExist)
	}
	return &memFile{m: m, node: m.create(name), name: name}, nil
}

func (m *Mem) create(name string) *node {
	n := &node{}
	m.change(change{to: name, node: n})
	return n
}

// change makes a change that the disk learns of later.
func (m *Mem) change(c change) {
	c.apply(m.files)
	m.entries.pending = append(m.entries.pending, c)
}

// Open opens a file; see FS.
func (m *Mem) Open(name string) (File, error) {
	n, err := m.find("open", name)
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	return &memFile{m: m, node: n, name: name}, nil
}

// Remove deletes a file; see FS.
func (m *Mem) Remove(name string) error {
	n, err := m.find("remove", name)
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.change(change{from: name, node: n})
	return nil
}

// Rename gives a file another name; see FS.
func (m *Mem) Rename(from, to string) error {
	if err := checkName("rename", to); err != nil {
		return err
	}
	n, err := m.find("rename", from)
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.change(change{from: from, to: to, node: n})
	return nil
}

// List returns all names; see FS.
func (m *Mem) List() ([]string, error) {
	if err := m.begin("list", "."); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.files)), nil
}

// Sync makes creations, removals and renames durable; see FS.
func (m *Mem) Sync() error {
	if err := m.begin("sync", "."); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.entries.sync()
	return nil
}

// Lock takes a file; see FS.
func (m *Mem) Lock(name string) (io.Closer, error) {
	if err := checkName("lock", name); err != nil {
		return nil, err
	}
	if err := m.begin("lock", name); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	if m.files[name] == nil {
		m.create(name)
	}
	if m.locks[name] {
		return nil, failed("lock", name, ErrLocked)
	}
	m.locks[name] = true
	return &memLock{m: m, name: name}, nil
}

// room is how many of so many bytes the disk has room for.
func (m *Mem) room(bytes int) (int, error) {
	if m.limit == 0 {
		return bytes, nil
	}
	left := m.limit
	for _, n := range m.files {
		left -= int64(len(n.data))
	}
	if left >= int64(bytes) {
		return bytes, nil
	}
	return int(max(left, 0)), syscall.ENOSPC
}

// memLock is a lock until it is closed.
type memLock struct {
	m      *Mem
	name   string
	closed bool
}

// Close gives the lock back.
func (l *memLock) Close() error {
	if err := l.m.begin("unlock", l.name); err != nil {
		return err
	}
	defer l.m.mu.Unlock()
	if l.closed {
		return failed("unlock", l.name, fs.ErrClosed)
	}
	l.closed = true
	delete(l.m.locks, l.name)
	return nil
}
