package zset

import (
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
	leafBytes        int64
}

func (t *tree) len() int {
	if t.root == nil {
		return 0
	}
	return t.root.size()
}

// bytes is the memory of the nodes. O(1).
func (t *tree) bytes() int64 { return t.leafBytes + int64(t.branches)*branchSize }

// branchSize is what Go gives for a branch.
const branchSize = int64(unsafe.Sizeof(branch{})+127) &^ 127

// insert adds an entry that is not there.
func (t *tree) insert(s spot, ref slab.Ref) {
	if t.root == nil {
		t.root = t.only(cellOf(s, ref))
		return
	}
	var right node
	if t.root, right = t.root.insert(t, s, cellOf(s, ref)); right != nil {
		top := new(branch)
		t.branches++
		top.hang(0, t.root)
		top.hang(1, right)
		top.count()
		t.root = top
	}
}

// remove takes an entry out that is there.
func (t *tree) remove(s spot) {
	t.root = t.root.remove(t, s)
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
	if l, ok := n.(*leaf); ok {
		t.leaves--
		t.leafBytes -= l.bytes()
	} else {
		t.branches--
	}
}

// rename gives the member of an entry that is there another reference.
func (t *tree) rename(s spot, from, to slab.Ref) {
	if len(s.member) <= inline {
		return // no node has a reference to it
	}
	for n := &t.root; ; {
		if l, ok := (*n).(*leaf); ok {
			*n = t.change(l, int(l.n))
		}
		r := (*n).run()
		i := t.before(&r, s, true) - 1
		if r.sizes[i] == long && r.names[i].ref() == from {
			r.names[i].refer(to)
		}
		b, ok := (*n).(*branch)
		if !ok {
			return
		}
		n = &b.kids[i]
	}
}

// rank is how many entries stand before a spot, or, with orAt, not behind it.
func (t *tree) rank(s spot, orAt bool) (rank int) {
	if t.root == nil {
		return 0
	}
	n := t.root
	for b, ok := n.(*branch); ok; b, ok = n.(*branch) {
		i, _ := b.child(t, s)
		for _, c := range b.counts[:i] {
			rank += int(c)
		}
		n = b.kids[i]
	}
	r := n.run()
	return rank + t.before(&r, s, orAt)
}

// at is the leaf with the entry of a rank, which is there, and the entry's place.
func (t *tree) at(i int) (run, int) {
	n := t.root
	for b, ok := n.(*branch); ok; b, ok = n.(*branch) {
		n = b.kids[b.seek(&i)]
	}
	return n.run(), i
}

// seek is the child with entry i of a branch, and makes i the place in the child.
func (b *branch) seek(i *int) (at int) {
	rest := int32(*i)
	for ; rest >= b.counts[at]; at++ {
		rest -= b.counts[at]
	}
	*i = int(rest)
	return at
}

// append adds n entries to a list from rank i on, forward or backward, fewer if there are
// no more. Members that stand in leaves need no look elsewhere; others do not depend on
// each other, so that the processor waits for their memory at the same time.
func (t *tree) append(list []Entry, i, n int, forward bool) []Entry {
	step, left := 1, t.len()-i
	if !forward {
		step, left = -1, i+1
	}
	for n = min(n, left); n > 0; {
		r, at := t.at(i)
		for ; n > 0 && at >= 0 && at < r.n; at += step {
			list = append(list, Entry{r.scores[at], t.member(&r, at)})
			i += step
			n--
		}
	}
	return list
}

// clone copies the tree for a copy of the dict.
func (t *tree) clone(names *dict.Dict) tree {
	twin := tree{names: names}
	if t.root != nil {
		twin.root = t.root.clone(&twin)
	}
	return twin
}
