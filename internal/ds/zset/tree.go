package zset

import "slices"

// tree keeps entries in order and knows how many stand below every branch, so
// that the rank of an entry and the entry of a rank are found in O(log n). It is
// a B+tree: entries stand in leaves.
type tree struct {
	root *node
}

// Entry is a member with its score.
type Entry struct {
	Score  float64
	Member string
}

// less orders by score, then by the member's bytes.
func (a Entry) less(b Entry) bool {
	return a.Score < b.Score || a.Score == b.Score && a.Member < b.Member
}

// fan is the most entries of a leaf and the most children of a branch.
const fan = 64

type node struct {
	entries []Entry // of a leaf
	kids    []*node // of a branch
	firsts  []Entry // the least entry of each child
	n       int     // entries below
}

func (t *tree) len() int {
	if t.root == nil {
		return 0
	}
	return t.root.n
}

// child is the child of a branch that the entry belongs to.
func (b *node) child(e Entry) int {
	lo, hi := 1, len(b.firsts)
	for lo < hi {
		mid := (lo + hi) / 2
		if e.less(b.firsts[mid]) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo - 1
}

// lower is how many entries of a leaf are less than e.
func (b *node) lower(e Entry) int {
	lo, hi := 0, len(b.entries)
	for lo < hi {
		mid := (lo + hi) / 2
		if b.entries[mid].less(e) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// insert adds an entry that is not there.
func (t *tree) insert(e Entry) {
	if t.root == nil {
		t.root = &node{}
	}
	if right := t.root.insert(e); right != nil {
		left := t.root
		t.root = &node{kids: []*node{left, right}, firsts: []Entry{left.first(), right.first()}, n: left.n + right.n}
	}
}

func (b *node) first() Entry {
	if b.kids != nil {
		return b.firsts[0]
	}
	return b.entries[0]
}

// insert returns the new right sibling if the node had to be split.
func (b *node) insert(e Entry) *node {
	b.n++
	if b.kids == nil {
		at := b.lower(e)
		b.entries = slices.Insert(b.entries, at, e)
		if len(b.entries) <= fan {
			return nil
		}
		if at == fan { // entries that come in order leave full leaves behind
			return b.splitLeaf(at)
		}
		return b.splitLeaf(fan / 2)
	}
	i := b.child(e)
	right := b.kids[i].insert(e)
	b.firsts[i] = b.kids[i].first()
	if right == nil {
		return nil
	}
	b.kids = slices.Insert(b.kids, i+1, right)
	b.firsts = slices.Insert(b.firsts, i+1, right.first())
	if len(b.kids) <= fan {
		return nil
	}
	return b.splitBranch()
}

// splitLeaf moves the entries from at on to a new leaf. Leaves have room for fan
// entries and the one that makes them split.
func (b *node) splitLeaf(at int) *node {
	right := &node{entries: append(make([]Entry, 0, fan+1), b.entries[at:]...), n: len(b.entries) - at}
	clear(b.entries[at:])
	b.entries = b.entries[:at]
	b.n = at
	return right
}

func (b *node) splitBranch() *node {
	at := len(b.kids) / 2
	right := &node{kids: slices.Clone(b.kids[at:]), firsts: slices.Clone(b.firsts[at:])}
	clear(b.kids[at:])
	clear(b.firsts[at:])
	b.kids, b.firsts = b.kids[:at], b.firsts[:at]
	for _, k := range right.kids {
		right.n += k.n
	}
	b.n -= right.n
	return right
}

// remove takes an entry out that is there.
func (t *tree) remove(e Entry) {
	t.root.remove(e)
	for len(t.root.kids) == 1 {
		t.root = t.root.kids[0]
	}
	if t.root.n == 0 {
		t.root = nil
	}
}

func (b *node) remove(e Entry) {
	b.n--
	if b.kids == nil {
		at := b.lower(e)
		b.entries = slices.Delete(b.entries, at, at+1)
		return
	}
	i := b.child(e)
	kid := b.kids[i]
	kid.remove(e)
	if kid.n == 0 {
		b.drop(i)
		return
	}
	b.firsts[i] = kid.first()
	b.merge(i)
}

func (b *node) drop(i int) {
	b.kids = slices.Delete(b.kids, i, i+1)
	b.firsts = slices.Delete(b.firsts, i, i+1)
}

// width is how full the node is.
func (b *node) width() int { return max(len(b.entries), len(b.kids)) }

// merge joins child i with its right or left neighbour if both fit well into one.
func (b *node) merge(i int) {
	if i+1 == len(b.kids) {
		i--
	}
	if i < 0 || b.kids[i].width()+b.kids[i+1].width() > fan/2 {
		return
	}
	l, r := b.kids[i], b.kids[i+1]
	l.entries = append(l.entries, r.entries...)
	l.kids = append(l.kids, r.kids...)
	l.firsts = append(l.firsts, r.firsts...)
	l.n += r.n
	b.drop(i + 1)
}

// rank is how many entries are less than e.
func (t *tree) rank(e Entry) int {
	if t.root == nil {
		return 0
	}
	rank, b := 0, t.root
	for b.kids != nil {
		i := b.child(e)
		for _, k := range b.kids[:i] {
			rank += k.n
		}
		b = b.kids[i]
	}
	return rank + b.lower(e)
}

// each calls fn with the entries from rank i on, forward or backward, until it
// returns false.
func (t *tree) each(i int, forward bool, fn func(Entry) bool) {
	if i < 0 || i >= t.len() {
		return
	}
	if forward {
		t.root.ascend(i, fn)
	} else {
		t.root.descend(i, fn)
	}
}

func (b *node) ascend(i int, fn func(Entry) bool) bool {
	if b.kids == nil {
		for _, e := range b.entries[i:] {
			if !fn(e) {
				return false
			}
		}
		return true
	}
	for _, k := range b.kids {
		if i >= k.n {
			i -= k.n
			continue
		}
		if !k.ascend(i, fn) {
			return false
		}
		i = 0
	}
	return true
}

func (b *node) descend(i int, fn func(Entry) bool) bool {
	if b.kids == nil {
		for ; i >= 0; i-- {
			if !fn(b.entries[i]) {
				return false
			}
		}
		return true
	}
	at := 0
	for ; i >= b.kids[at].n; at++ {
		i -= b.kids[at].n
	}
	for ; at >= 0; at-- {
		if !b.kids[at].descend(i, fn) {
			return false
		}
		if at > 0 {
			i = b.kids[at-1].n - 1
		}
	}
	return true
}
