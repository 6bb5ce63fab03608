package zset

import (
	"slices"

	"github.com/residedb/reside/internal/ds/slab"
)

// node is a leaf or a branch.
type node interface {
	keys() *run
	size() int // entries below
	// insert adds an entry that is not there, and returns the new right sibling if the
	// node had to be split.
	insert(t *tree, s spot, ref slab.Ref) (right node)
	// remove takes an entry out that is there.
	remove(t *tree, s spot)
	// join takes over what the right sibling has; there is room.
	join(right node)
	clone() node
}

// leaf holds entries. It has no pointers.
type leaf struct{ run }

// branch holds the least entries of its children, which are all leaves or all
// branches, and how many entries are below each.
type branch struct {
	run
	total  int
	counts [fan]int
	kids   [fan]node
}

func (l *leaf) keys() *run { return &l.run }
func (l *leaf) size() int  { return int(l.n) }

func (b *branch) keys() *run { return &b.run }
func (b *branch) size() int  { return b.total }

// child is the child of a branch that a spot belongs to.
func (b *branch) child(t *tree, s spot) int { return max(t.before(&b.run, s, true)-1, 0) }

func (l *leaf) insert(t *tree, s spot, ref slab.Ref) node {
	at := t.before(&l.run, s, false)
	if l.n < fan {
		l.put(at, s.score, ref)
		return nil
	}
	right := new(leaf)
	t.leaves++
	l.give(splitAt(at), &right.run)
	if at < int(l.n) || at == 0 {
		l.put(at, s.score, ref)
	} else {
		right.put(at-int(l.n), s.score, ref)
	}
	return right
}

// splitAt is where a full node is split for something new at a place. What comes in
// order leaves full nodes behind.
func splitAt(at int) int {
	if at == 0 || at == fan {
		return at
	}
	return fan / 2
}

func (b *branch) insert(t *tree, s spot, ref slab.Ref) node {
	i := b.child(t, s)
	right := b.kids[i].insert(t, s, ref)
	b.total++
	b.look(i)
	if right == nil {
		return nil
	}
	if b.n < fan {
		b.hang(i+1, right)
		return nil
	}
	return b.split(t, i+1, right)
}

// look brings what a branch knows of a child up to date.
func (b *branch) look(i int) {
	kid := b.kids[i]
	r := kid.keys()
	b.counts[i], b.scores[i], b.refs[i] = kid.size(), r.scores[0], r.refs[0]
}

// hang puts a child at a place; there is room. The branch's total has its entries
// already.
func (b *branch) hang(i int, kid node) {
	copy(b.counts[i+1:], b.counts[i:b.n])
	copy(b.kids[i+1:], b.kids[i:b.n])
	b.kids[i] = kid
	b.put(i, 0, 0)
	b.look(i)
}

// split moves the upper children to a new branch and hangs another one.
func (b *branch) split(t *tree, at int, kid node) node {
	right, from := new(branch), splitAt(at)
	t.branches++
	b.pass(from, right)
	if at < int(b.n) || at == 0 {
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
	b.give(from, &to.run)
}

func (b *branch) count() {
	b.total = 0
	for _, n := range b.counts[:b.n] {
		b.total += n
	}
}

func (l *leaf) remove(t *tree, s spot) { l.cut(t.before(&l.run, s, false)) }

func (b *branch) remove(t *tree, s spot) {
	i := b.child(t, s)
	b.kids[i].remove(t, s)
	b.total--
	if b.kids[i].size() == 0 {
		t.forget(b.kids[i])
		b.drop(i)
		return
	}
	b.look(i)
	b.merge(t, i)
}

// drop takes a child out.
func (b *branch) drop(i int) {
	copy(b.counts[i:], b.counts[i+1:b.n])
	copy(b.kids[i:], b.kids[i+1:b.n])
	b.kids[b.n-1] = nil
	b.cut(i)
}

// merge joins child i with its right or left neighbour if both fit well into one.
func (b *branch) merge(t *tree, i int) {
	if i+1 == int(b.n) {
		i--
	}
	if i < 0 || b.kids[i].keys().n+b.kids[i+1].keys().n > fan/2 {
		return
	}
	b.kids[i].join(b.kids[i+1])
	t.forget(b.kids[i+1])
	b.drop(i + 1)
	b.look(i)
}

func (l *leaf) join(right node) { right.keys().give(0, &l.run) }

func (b *branch) join(right node) {
	r := right.(*branch)
	b.total += r.total
	r.pass(0, b)
}

func (l *leaf) clone() node {
	twin := *l
	return &twin
}

func (b *branch) clone() node {
	twin := *b
	for i, kid := range slices.Clone(b.kids[:b.n]) {
		twin.kids[i] = kid.clone()
	}
	return &twin
}
