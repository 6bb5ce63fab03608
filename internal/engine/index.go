package engine

import (
	"iter"
	"math/bits"
	"math/rand/v2"
)

// index finds the entries of a space by key. It is a table of open addressing:
//
//	slots  [ - | 5f4a ▸ e | c02a ▸ e | - ]   32 bits of the hash, and the entry
//
// An entry stands at its home, the slot that the low bits of its hash choose, or
// behind it with no free slot between. Beside the slot a lookup touches only the
// entry that it finds, and growing touches none. See package table, which does the
// same for elements, for what Scan promises and why.
type index struct {
	slots []slot
	n     int
}

type slot struct {
	e   *Entry // nil if the slot is free
	tag uint32 // the low bits of the hash
}

// minSlots is the size of the smallest index that has any.
const minSlots = 4

func (x *index) len() int { return x.n }

// find returns the place of a key's slot, or -1 and nil.
func (x *index) find(key []byte, hash uint64) (int, *Entry) {
	if x.n == 0 {
		return -1, nil
	}
	tag, mask := uint32(hash), uint32(len(x.slots)-1)
	for at := tag & mask; ; at = (at + 1) & mask {
		s := &x.slots[at]
		if s.e == nil {
			return -1, nil
		}
		if s.tag == tag && s.e.key == string(key) {
			return int(at), s.e
		}
	}
}

// add puts in an entry whose key is not there. O(1) amortised.
func (x *index) add(e *Entry) {
	if n := len(x.slots); 4*x.n >= 3*n {
		x.resize(max(minSlots, 2*n))
	}
	x.place(slot{e, uint32(e.hash)})
	x.n++
}

// place fills the first free slot from the home on.
func (x *index) place(s slot) {
	mask := uint32(len(x.slots) - 1)
	at := s.tag & mask
	for x.slots[at].e != nil {
		at = (at + 1) & mask
	}
	x.slots[at] = s
}

// remove takes out an entry that is there. O(1) amortised.
func (x *index) remove(e *Entry) {
	at, _ := x.find(e.Key(), e.hash)
	x.free(uint32(at))
	x.n--
	switch {
	case x.n == 0:
		x.slots = nil
	case x.n <= len(x.slots)/8 && len(x.slots) > minSlots:
		x.resize(len(x.slots) / 2)
	}
}

// free empties a slot and moves those behind it back, as far as their homes.
func (x *index) free(hole uint32) {
	mask := uint32(len(x.slots) - 1)
	for at := (hole + 1) & mask; x.slots[at].e != nil; at = (at + 1) & mask {
		if home := x.slots[at].tag & mask; (at-home)&mask >= (at-hole)&mask {
			x.slots[hole] = x.slots[at]
			hole = at
		}
	}
	x.slots[hole] = slot{}
}

func (x *index) resize(n int) {
	old := x.slots
	x.slots = make([]slot, n)
	for _, s := range old {
		if s.e != nil {
			x.place(s)
		}
	}
}

// all iterates the entries. The loop's body must not change the index.
func (x *index) all() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		for i := range x.slots {
			if e := x.slots[i].e; e != nil && !yield(e) {
				return
			}
		}
	}
}

// pick draws an entry uniformly; there is one. At least an eighth of the slots is
// in use, so few draws are in vain.
func (x *index) pick(r *rand.Rand) *Entry {
	for {
		if e := x.slots[r.IntN(len(x.slots))].e; e != nil {
			return e
		}
	}
}

// scan calls emit for the entries of one home and returns the cursor of the next, 0
// after the last.
func (x *index) scan(cursor uint64, emit func(*Entry)) (next uint64) {
	if len(x.slots) == 0 {
		return 0
	}
	mask := uint32(len(x.slots) - 1)
	home := uint32(cursor) & mask
	for at := home; x.slots[at].e != nil; at = (at + 1) & mask {
		if x.slots[at].tag&mask == home {
			emit(x.slots[at].e)
		}
	}
	return bits.Reverse64(bits.Reverse64(cursor|^uint64(mask)) + 1)
}
