package zset

import "slices"

// node is a leaf or a branch.
type node interface {
	run() run  // what it knows of its entries
	size() int // entries below
	// insert adds an entry that is not there. It returns the node that stands in this
	// one's place now, and its new right sibling if it had to be split.
	insert(t *tree, s spot, c cell) (self, right node)
	// remove takes an entry out that is there, and returns what stands in this node's
	// place now.
	remove(t *tree, s spot) (self node)
	// join takes over what the right sibling has; there is room.
	join(t *tree, right node) (self node)
	clone(t *tree) node
}

// fan is the most children of a branch.
const fan = 59

// branch holds the least entries of its children, which are all leaves or all
// branches, and how many entries are below each.
type branch struct {
	n, total int32
	scores   [fan]float64
	counts   [fan]int32
	kids     [fan]node
	names    [fan]name
	sizes    [fan]uint8
}

func (b *branch) run() run  { return run{int(b.n), b.scores[:], b.names[:], b.sizes[:]} }
func (b *branch) size() int { return int(b.total) }

// child is the child of a branch that a spot belongs to; first reports whether the spot
// is before all of them.
func (b *branch) child(t *tree, s spot) (i int, first bool) {
	r := b.run()
	i = t.before(&r, s, true)
	return max(i-1, 0), i == 0
}

func (b *branch) insert(t *tree, s spot, c cell) (self, right node) {
	i, first := b.child(t, s)
	below := s
	below.inner = s.inner || i+1 < int(b.n)
	b.kids[i], right = b.kids[i].insert(t, below, c)
	b.total++
	b.counts[i]++
	if first {
		r := b.run()
		r.set(0, c)
	}
	switch {
	case right == nil:
		return b, nil
	case b.n < fan:
		b.look(i)
		b.hang(i+1, right)
		return b, nil
	}
	b.look(i)
	return b, b.split(t, i+1, right, splitAt(i+1, first, s.inner))
}

// look brings what a branch knows of a child up to date.
func (b *branch) look(i int) {
	kid, to := b.kids[i].run(), b.run()
	to.set(i, kid.cell(0))
	b.counts[i] = int32(b.kids[i].size())
}

// hang puts a child at a place; there is room. The branch's total has its entries
// already.
func (b *branch) hang(i int, kid node) {
	copy(b.counts[i+1:], b.counts[i:b.n])
	copy(b.kids[i+1:], b.kids[i:b.n])
	b.kids[i] = kid
	r := b.run()
	r.put(i, cell{})
	b.n++
	b.look(i)
}

// splitAt is where a full branch is split for something new at a place. What comes in
// order at either end of the tree leaves full branches behind: the new child, or what was
// the first one before it was split, goes to the other side with all others or alone.
func splitAt(at int, first, inner bool) int {
	if first || at == fan && !inner {
		return at
	}
	return fan / 2
}

// split moves the children from a place on to a new branch and hangs another one.
func (b *branch) split(t *tree, at int, kid node, from int) node {
	right := new(branch)
	t.branches++
	b.pass(from, right)
	if at < int(b.n) {
		b.hang(at, kid)
	} else {
		right.hang(at-int(b.n), kid)
	}
	b.count()
	right.count()
	return right
}

// pass moves the children from a place on behind those of another branch.
func (b *branch) pass(from int, to *branch) {
	copy(to.counts[to.n:], b.counts[from:b.n])
	copy(to.kids[to.n:], b.kids[from:b.n])
	clear(b.kids[from:b.n])
	r := to.run()
	r.paste(r.n, b.run(), from)
	to.n += b.n - int32(from)
	b.n = int32(from)
}

func (b *branch) count() {
	b.total = 0
	for _, n := range b.counts[:b.n] {
		b.total += n
	}
}

func (b *branch) remove(t *tree, s spot) node {
	i, _ := b.child(t, s)
	r := b.run()
	least := r.scores[i] == s.score && t.compare(&r, i, s.member) == 0
	b.kids[i] = b.kids[i].remove(t, s)
	b.total--
	b.counts[i]--
	if b.counts[i] == 0 {
		t.forget(b.kids[i])
		b.drop(i)
		return b
	}
	if least { // or else nobody looks at the child's first entry, which is far away
		b.look(i)
	}
	b.merge(t, i)
	return b
}

// drop takes a child out.
func (b *branch) drop(i int) {
	copy(b.counts[i:], b.counts[i+1:b.n])
	copy(b.kids[i:], b.kids[i+1:b.n])
	b.kids[b.n-1] = nil
	r := b.run()
	r.cut(i)
	b.n--
}

// merge joins child i with its right or left neighbour if both fit well into one.
func (b *branch) merge(t *tree, i int) {
	if !b.pair(t, i) {
		b.pair(t, i-1)
	}
}

// pair joins child i with its right neighbour, if both fit well into one.
func (b *branch) pair(t *tree, i int) bool {
	if i < 0 || i+1 == int(b.n) || b.width(i)+b.width(i+1) > fan/2 {
		return false
	}
	b.kids[i] = b.kids[i].join(t, b.kids[i+1])
	b.drop(i + 1)
	b.look(i)
	return true
}

// width is how many entries or children a child has.
func (b *branch) width(i int) int32 {
	if kid, ok := b.kids[i].(*branch); ok {
		return kid.n
	}
	return b.counts[i]
}

func (b *branch) join(t *tree, right node) node {
	r := right.(*branch)
	b.total += r.total
	r.pass(0, b)
	t.forget(r)
	return b
}

func (b *branch) clone(t *tree) node {
	twin := *b
	t.branches++
	for i, kid := range slices.Clone(b.kids[:b.n]) {
		twin.kids[i] = kid.clone(t)
	}
	return &twin
}
