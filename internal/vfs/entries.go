package vfs

import (
	"maps"
	"math/rand/v2"
)

// entries is what the disk knows of a directory, and what it may not know yet.
type entries struct {
	disk    map[string]*node
	pending []change // since, in order
}

// change is a creation (to), a removal (from) or a rename (both): names get an entry or
// lose it. Whatever happens to other changes, the last one that reached the disk says
// what a name has.
type change struct {
	from, to string
	node     *node
	sure     bool // a Sync returned after it
	doubtful bool // a Sync failed after it: none that comes later can make it sure
}

func (c change) apply(files map[string]*node) {
	if c.from != "" {
		delete(files, c.from)
	}
	if c.to != "" {
		files[c.to] = c.node
	}
}

// sync makes sure what can be. Nothing is kept of changes before which all is sure.
func (e *entries) sync() {
	for i := range e.pending {
		e.pending[i].sure = !e.pending[i].doubtful
	}
	for len(e.pending) > 0 && e.pending[0].sure {
		e.pending[0].apply(e.disk)
		e.pending = e.pending[1:]
	}
}

// syncFailed is what a Sync does that returns an error.
func (e *entries) syncFailed() {
	for i, c := range e.pending {
		e.pending[i].doubtful = !c.sure
	}
}

// settle returns what a power cut leaves: what is sure, and of the rest nothing, all,
// or some.
func (e *entries) settle(rng *rand.Rand) map[string]*node {
	files := maps.Clone(e.disk)
	all := rng.IntN(4) // with 2 and 3 each change has a luck of its own
	for _, c := range e.pending {
		luck := all
		if all > 1 {
			luck = rng.IntN(3)
		}
		switch {
		case c.sure || luck == 1:
			c.apply(files)
		case luck == 2: // a rename adds the new name first
			change{to: c.to, node: c.node}.apply(files)
		}
	}
	return files
}
