package zset

import (
	"math"
	"unsafe"

	"github.com/residedb/reside/internal/ds/dict"
	"github.com/residedb/reside/internal/ds/slab"
)

// tree keeps entries in order and knows how many stand below every branch, so that
// the rank of an entry and the entry of a rank are found in O(log n).
type tree struct {
	names            *dict.Dict // of the members
	root             node       // nil without entries
	leaves, branches int
}

func (t *tree) len() int {
	if t.root == nil {
		return 0
	}
	return t.root.size()
}

// bytes is the memory of the nodes. O(1).
func (t *tree) bytes() int64 {
	return int64(t.leaves)*leafSize + int64(t.branches)*branchSize
}

// What Go gives for a leaf and for a branch.
const (
	leafSize   = int64(unsafe.Sizeof(leaf{})+63) &^ 63
	branchSize = int64(unsafe.Sizeof(branch{})+127) &^ 127
)

// insert adds an entry that is not there.
func (t *tree) insert(s spot, ref slab.Ref) {
	if t.root == nil {
		t.root = new(leaf)
		t.leaves++
	}
	left := t.root
	if right := left.insert(t, s, ref); right != nil {
		top := new(branch)
		t.branches++
		top.hang(0, left)
		top.hang(1, right)
		top.count()
		t.root = top
	}
}

// remove takes an entry out that is there.
func (t *tree) remove(s spot) {
	t.root.remove(t, s)
	for b, ok := t.root.(*branch); ok && b.n == 1; b, ok = t.root.(*branch) {
		t.root = b.kids[0]
		t.forget(b)
	}
	if t.root.size() == 0 {
		t.forget(t.root)
		t.root = nil
	}
}

// forget counts a node that is no longer used.
func (t *tree) forget(n node) {
	if _, ok := n.(*leaf); ok {
		t.leaves--
	} else {
		t.branches--
	}
}

// rename gives the member of an entry that is there another reference.
func (t *tree) rename(s spot, from, to slab.Ref) {
	for n := t.root; ; {
		r := n.keys()
		i := t.before(r, s, true) - 1
		if r.refs[i] == from {
			r.refs[i] = to
		}
		b, ok := n.(*branch)
		if !ok {
			return
		}
		n = b.kids[i]
	}
}

// rank is how many entries stand before a spot, or, with orAt, not behind it.
func (t *tree) rank(s spot, orAt bool) (rank int) {
	if t.root == nil {
		return 0
	}
	n := t.root
	for b, ok := n.(*branch); ok; b, ok = n.(*branch) {
		i := b.child(t, s)
		for _, c := range b.counts[:i] {
			rank += c
		}
		n = b.kids[i]
	}
	return rank + t.before(n.keys(), s, orAt)
}

// each calls fn with the entries from rank i on, forward or backward, until it
// returns false.
func (t *tree) each(i int, forward bool, fn func(Entry) bool) {
	switch {
	case i < 0 || i >= t.len():
	case forward:
		t.ascend(t.root, i, fn)
	default:
		t.descend(t.root, i, fn)
	}
}

func (t *tree) ascend(n node, i int, fn func(Entry) bool) bool {
	b, ok := n.(*branch)
	if !ok {
		return t.up(n.keys(), i, fn)
	}
	at := b.seek(&i)
	for ; at < int(b.n); at++ {
		if !t.ascend(b.kids[at], i, fn) {
			return false
		}
		i = 0
	}
	return true
}

func (t *tree) descend(n node, i int, fn func(Entry) bool) bool {
	b, ok := n.(*branch)
	if !ok {
		return t.down(n.keys(), i, fn)
	}
	for at := b.seek(&i); at >= 0; at-- {
		if !t.descend(b.kids[at], min(i, b.counts[at]-1), fn) {
			return false
		}
		i = math.MaxInt
	}
	return true
}

// seek is the child with entry i of a branch, and makes i the place in the child.
func (b *branch) seek(i *int) (at int) {
	for ; *i >= b.counts[at]; at++ {
		*i -= b.counts[at]
	}
	return at
}

// batch is how many members are fetched at once: they do not depend on each other,
// so the processor waits for memory once and not for each.
const batch = 10

func (t *tree) up(r *run, i int, fn func(Entry) bool) bool {
	var found [batch]Entry
	for n := int(r.n); i < n; {
		some := found[:min(batch, n-i)]
		for k := range some {
			some[k] = Entry{r.scores[i], t.names.Key(r.refs[i])}
			i++
		}
		if !eachOf(some, fn) {
			return false
		}
	}
	return true
}

func (t *tree) down(r *run, i int, fn func(Entry) bool) bool {
	var found [batch]Entry
	for i >= 0 {
		some := found[:min(batch, i+1)]
		for k := range some {
			some[k] = Entry{r.scores[i], t.names.Key(r.refs[i])}
			i--
		}
		if !eachOf(some, fn) {
			return false
		}
	}
	return true
}

func eachOf(list []Entry, fn func(Entry) bool) bool {
	for _, e := range list {
		if !fn(e) {
			return false
		}
	}
	return true
}

// clone copies the tree for a copy of the dict.
func (t *tree) clone(names *dict.Dict) tree {
	twin := *t
	twin.names = names
	if t.root != nil {
		twin.root = t.root.clone()
	}
	return twin
}
