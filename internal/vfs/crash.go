package vfs

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Clone returns a directory that has all that this one has, and knows as much of it to
// be durable, but nobody has opened a file or holds a lock. Either goes its own way
// from there. It costs a few words a file.
func (m *Mem) Clone() *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.clone()
}

func (m *Mem) clone() *Mem {
	copies := map[*node]*node{} // a file can be found at several places
	copied := func(n *node) *node {
		if n != nil && copies[n] == nil {
			copies[n] = n.copy()
		}
		return copies[n]
	}
	c := NewMem()
	c.limit = m.limit
	for name, n := range m.files {
		c.files[name] = copied(n)
	}
	for name, n := range m.entries.disk {
		c.entries.disk[name] = copied(n)
	}
	for _, change := range m.entries.pending {
		change.node = copied(change.node)
		c.entries.pending = append(c.entries.pending, change)
	}
	return c
}

// Kill returns the directory as another process finds it when the one that used it was
// killed: all that was written is there, but no more of it is durable. Whatever is done
// with m and its files from then on is ErrCrashed.
func (m *Mem) Kill() *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = true
	return m.clone()
}

// Crash returns the directory as it may be after a power cut; see the package on what
// that is. The same directory and the same random numbers give the same again. Whatever
// is done with m and its files from then on is ErrCrashed.
func (m *Mem) Crash(rng *rand.Rand) *Mem {
	after := m.Kill()
	after.files = after.entries.settle(rng)
	settled := map[*node]bool{}
	for _, name := range slices.Sorted(maps.Keys(after.files)) { // in order, to be replayed
		if n := after.files[name]; !settled[n] {
			settled[n] = true
			*n = node{data: slices.Clip(n.settle(rng))}
			n.sync()
		}
	}
	after.entries = entries{disk: maps.Clone(after.files)}
	return after
}

// syncFailed is a Sync that fails.
func (m *Mem) syncFailed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries.syncFailed()
}

// syncFailed is a Sync that fails.
func (f *memFile) syncFailed() {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.node.syncFailed()
}
