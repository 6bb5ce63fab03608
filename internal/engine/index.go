package engine

import (
	"iter"
	"math/rand/v2"

	"github.com/residedb/reside/internal/ds/dict"
	"github.com/residedb/reside/internal/ds/slab"
)

// index finds the entries of a space by key:
//
//	words  | hash | reference |   ▸ block of the heap: a packed string
//	                              ▸ slot in boxes
//
// See package dict for how words are kept and what a scan promises.
type index struct {
	words dict.Words
	heap  slab.Heap
	boxes []*box
	spare []uint32 // free slots of boxes
}

// boxRef and greater are the references of boxes: so many blocks of their own no heap
// has.
const boxRef = slab.Ref(3 << 30)

func (x *index) len() int { return x.words.Len() }

// entry is what a reference names.
func (x *index) entry(r slab.Ref) *Entry {
	if r >= boxRef {
		return &x.boxes[r-boxRef].Entry
	}
	return entryIn(x.heap.Block(r))
}

// find returns the place of a key's reference, and the entry; nil if it is not there.
func (x *index) find(key []byte, hash uint64) (dict.Place, *Entry) {
	for at := x.words.First(hash); at.Found(); at = x.words.Next(at, hash) {
		if e := x.entry(at.Ref()); string(e.Key()) == string(key) {
			return at, e
		}
	}
	return dict.Place{}, nil
}

// addBox puts in a box whose key is not there. O(1) amortised.
func (x *index) addBox(b *box) {
	if n := len(x.spare); n > 0 {
		b.slot = x.spare[n-1]
		x.spare = x.spare[:n-1]
		x.boxes[b.slot] = b
	} else {
		b.slot = uint32(len(x.boxes))
		x.boxes = append(x.boxes, b)
	}
	x.words.Insert(b.hash, boxRef+slab.Ref(b.slot))
}

// add makes a packed string whose key is not there; its value is to be written.
// O(1) amortised.
func (x *index) add(hash uint64, p plan) (slab.Ref, *Entry) {
	r, block := x.heap.Alloc(p.length())
	e := p.write(block)
	x.words.Insert(hash, r)
	return r, e
}

// remove takes out the entry at a place. O(1) amortised.
func (x *index) remove(at dict.Place) {
	r := at.Ref()
	x.words.Remove(at)
	x.release(r)
	if x.len() == 0 {
		x.heap.Clear()
		*x = index{}
	}
}

// release gives back what a reference names.
func (x *index) release(r slab.Ref) {
	if r < boxRef {
		x.heap.Free(r, x.entry(r).length())
		return
	}
	x.boxes[r-boxRef] = nil
	x.spare = append(x.spare, uint32(r-boxRef))
}

// sparse reports whether tidy has something to do.
func (x *index) sparse() bool { return x.heap.Untidy() }

// tidy moves the packed strings of one chunk of a heap of which most is free, so that
// the chunk's memory goes back. Nobody has an entry or bytes of one.
func (x *index) tidy(due *dueHeap) {
	if !x.heap.Moving() {
		x.heap.Move()
	}
	x.heap.Evacuate(func(b []byte) int { return entryIn(b).length() }, func(from, to slab.Ref, b []byte) {
		e := entryIn(b)
		at := x.words.First(KeyOf(e.Key()).Hash)
		for at.Ref() != from {
			at = x.words.Next(at, KeyOf(e.Key()).Hash)
		}
		at.Set(to)
		due.moved(e, to)
	})
}

// at is the entry at a place in [0, span), nil if there is none.
func (x *index) at(i int) *Entry {
	if r := x.words.At(i); r != 0 {
		return x.entry(r)
	}
	return nil
}

func (x *index) span() int { return x.words.Span() }

// all iterates the entries. The loop's body must not change the index.
func (x *index) all() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		for i := range x.span() {
			if e := x.at(i); e != nil && !yield(e) {
				return
			}
		}
	}
}

// pick draws an entry uniformly; there is one. At least a tenth of the places is in
// use, so few draws are in vain.
func (x *index) pick(r *rand.Rand) *Entry {
	for {
		if e := x.at(r.IntN(x.span())); e != nil {
			return e
		}
	}
}

// scan calls emit for the entries of one home and returns the cursor of the next, 0
// after the last.
func (x *index) scan(cursor uint64, emit func(*Entry)) (next uint64) {
	return x.words.Scan(cursor, func(r slab.Ref) { emit(x.entry(r)) })
}
