package dict

import "github.com/residedb/reside/internal/ds/slab"

// Visit reads the entries that a dict had when the visit began, some at a time, while the
// dict changes. A change saves the one entry that it is about, if the visit has not
// read it yet; values of more than 16 KiB are not copied. See slab.Visit.
type Visit struct {
	layout Layout
	blocks *slab.Visit
	read   slab.Blocks
	n      int
}

// Visit begins a visit, which ends with Close; there is only one at a time. If fixed is
// set, the dict will not change meanwhile. O(1).
func (d *Dict) Visit(fixed bool) *Visit {
	l := d.Layout
	return &Visit{layout: l, blocks: d.heap.Visit(fixed, l.lengthOf), n: d.count}
}

// Len is how many entries there were.
func (v *Visit) Len() int { return v.n }

func (l Layout) lengthOf(block []byte) int { return l.parse(block).length() }

// Read takes up to n more entries, with all that changes have saved meanwhile, and
// reports whether there may be more. It is called under the lock of the dict.
func (v *Visit) Read(n int) (more bool) {
	v.read, more = v.blocks.Next(v.read, n)
	return more
}

// Each calls fn with the entries that Read took, in no order, each of them borrowed
// until the next Read. It needs no lock.
func (v *Visit) Each(fn func(key, value, meta []byte)) {
	for b := range v.read.All(v.layout.lengthOf) {
		e := v.layout.parse(b)
		fn(e.key(), e.value(), e.meta())
	}
}

// Close ends the visit's hold of the dict, under its lock.
func (v *Visit) Close() { v.blocks.Close() }

// Ready is called before the meta of an entry is written to: a visit reads it as it was.
// It returns the reference that the entry has then, and the meta to write to. O(1), but
// for an entry of more than 16 KiB, which is copied if a visit shares it.
func (d *Dict) Ready(ref slab.Ref, hash uint64) (slab.Ref, []byte) {
	e := d.parse(d.heap.Block(ref))
	if d.heap.Ready(ref, e.length()) {
		return ref, e.meta()
	}
	at, _ := d.find(e.key(), uint32(hash))
	meta := d.renew(at, uint32(hash), e.key(), e.value())
	return at.word().ref(), meta
}

// renew gives the entry at a place another block.
func (d *Dict) renew(at place, tag uint32, key, value []byte) (meta []byte) {
	// The new block is made first: freeing writes into the old one.
	ref, e := d.alloc(key, value)
	from := at.word().ref()
	old := d.parse(d.heap.Block(from))
	copy(e.meta(), old.meta())
	d.heap.Free(from, old.length())
	at.set(wordOf(tag, ref))
	return e.meta()
}
