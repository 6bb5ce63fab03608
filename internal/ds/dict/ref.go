package dict

import "github.com/residedb/reside/internal/ds/slab"

// Find is the reference of a key's entry and its meta, borrowed until the next
// change; meta may be written to. The reference stands until the entry is deleted,
// gets another value or moves; see Layout.Moved. O(1).
func (d *Dict) Find(key []byte, hash uint64) (ref slab.Ref, meta []byte, ok bool) {
	at, b := d.find(key, uint32(hash))
	if b == nil {
		return 0, nil, false
	}
	return at.word().ref(), d.parse(b).meta(), true
}

// Add adds a key that is not there, with an empty value and a meta of zeros, and
// returns its reference. O(1) amortised.
func (d *Dict) Add(key []byte, hash uint64) (ref slab.Ref, meta []byte) {
	d.settle()
	ref, e := d.alloc(key, nil)
	clear(e.meta())
	d.insert(wordOf(uint32(hash), ref))
	return ref, e.meta()
}

// Key is the key of a reference, borrowed until the next change.
func (d *Dict) Key(ref slab.Ref) []byte { return d.parse(d.heap.Block(ref)).key() }

// Entry is the key and the meta of a reference, borrowed until the next change.
func (d *Dict) Entry(ref slab.Ref) (key, meta []byte) {
	e := d.parse(d.heap.Block(ref))
	return e.key(), e.meta()
}
