package vfs

// entries is what the disk knows of a directory, and what it does not know yet.
type entries struct {
	disk    map[string]*node
	pending []change // since, in order
}

// change is a creation (to), a removal (from) or a rename (both).
type change struct {
	from, to string
	node     *node
}

// apply makes the change where those before it may be missing.
func (c change) apply(files map[string]*node) {
	if files[c.from] == c.node {
		delete(files, c.from)
	}
	if c.to != "" {
		files[c.to] = c.node
	}
}

func (e *entries) sync() {
	for _, c := range e.pending {
		c.apply(e.disk)
	}
	e.pending = nil
}
