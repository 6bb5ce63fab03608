// Package table is a hash table that can be scanned with a stateless cursor and
// sampled uniformly in O(1), which Go's map cannot.
//
// Items stand densely in one slice. Beside them is a table of words, each with 32
// bits of a hash and the place of its item:
//
//	words  [ 9e31:2 | - | c02a:0 | 5f4a:1 | - | - | 0117:3 | - ]
//	                          |        |
//	items  [ a, b, c, d ]     a        b          dense: At(i) is a uniform pick
//
// A word stands at its home, the slot that the low bits of its hash choose, or
// behind it, with no free slot between. So a key that is not there costs one look
// at a few neighbouring words and no look at any item, and the words move to a
// bigger table without one either.
//
// Deleting moves the last item into the hole, and words back to their homes. Scan
// visits homes in the order of reversed bits, as Redis visits its buckets: when
// the table doubles or halves between two calls, the homes that were visited stay
// exactly those before the cursor, so what is there throughout a scan is returned
// at least once.
//
// A Table is not safe for concurrent use. Its zero value is empty and ready.
package table

import (
	"hash/maphash"
	"math/bits"
	"unsafe"
)

// Table maps byte keys to values of type V.
type Table[V any] struct {
	items []item[V]
	words []word
	keys  int64 // bytes of all keys
}

type item[V any] struct {
	key string
	val V
	tag uint32
}

// word is the tag of an item, the low half of its key's hash, and the item's index
// plus 1; 0 is a free slot.
type word uint64

func wordOf(tag uint32, index int) word { return word(tag)<<32 | word(index+1) }

func (w word) tag() uint32 { return uint32(w >> 32) }
func (w word) index() int  { return int(uint32(w)) - 1 }

// minWords is the size of the smallest table that has any.
const minWords = 4

var seed = maphash.MakeSeed()

// Hash hashes a key with the process's random seed, so that nobody can choose
// keys that collide.
func Hash(key []byte) uint64 { return maphash.Bytes(seed, key) }

// Buckets is how many homes the items are spread over.
func (t *Table[V]) Buckets() int { return len(t.words) }

// Len is how many items there are.
func (t *Table[V]) Len() int { return len(t.items) }

// find returns the slot and the item of a key, or -1 and nil.
func (t *Table[V]) find(key []byte, hash uint64) (slot int, it *item[V]) {
	if len(t.words) == 0 {
		return -1, nil
	}
	tag, mask := uint32(hash), uint32(len(t.words)-1)
	for at := tag & mask; ; at = (at + 1) & mask {
		w := t.words[at]
		if w == 0 {
			return -1, nil
		}
		if w.tag() == tag {
			if it := &t.items[w.index()]; it.key == string(key) {
				return int(at), it
			}
		}
	}
}

// Get finds a key's value, nil if it is not there. The pointer is valid until the
// table is changed. O(1).
func (t *Table[V]) Get(key []byte, hash uint64) *V {
	if _, it := t.find(key, hash); it != nil {
		return &it.val
	}
	return nil
}

// Put finds a key's value or adds the key with a zero value. The key is copied
// when it is added. The pointer is valid until the table is changed. O(1)
// amortised.
func (t *Table[V]) Put(key []byte, hash uint64) (v *V, added bool) {
	if v := t.Get(key, hash); v != nil {
		return v, false
	}
	return t.Add(string(key), hash), true
}

// Add adds a key that is not there, with a zero value. The table keeps the string
// itself. O(1) amortised.
func (t *Table[V]) Add(key string, hash uint64) *V {
	if n := len(t.words); 4*len(t.items) >= 3*n {
		t.resize(max(minWords, 2*n))
	}
	i := len(t.items)
	t.items = append(t.items, item[V]{key: key, tag: uint32(hash)})
	t.place(wordOf(uint32(hash), i))
	t.keys += int64(len(key))
	return &t.items[i].val
}

// place puts a word into the first free slot from its home on.
func (t *Table[V]) place(w word) {
	mask := uint32(len(t.words) - 1)
	at := w.tag() & mask
	for t.words[at] != 0 {
		at = (at + 1) & mask
	}
	t.words[at] = w
}

// Delete removes a key and returns the value that it had. O(1) amortised.
func (t *Table[V]) Delete(key []byte, hash uint64) (old V, ok bool) {
	slot, it := t.find(key, hash)
	if it == nil {
		return old, false
	}
	old = it.val
	t.keys -= int64(len(it.key))
	hole, last := t.words[slot].index(), len(t.items)-1
	if hole != last {
		t.move(last, hole)
	}
	t.free(slot)
	t.items[last] = item[V]{}
	t.items = t.items[:last]
	if len(t.items) <= len(t.words)/8 && len(t.words) > minWords {
		t.shrink()
	}
	return old, true
}

// move gives an item another place.
func (t *Table[V]) move(from, to int) {
	tag, mask := t.items[from].tag, uint32(len(t.words)-1)
	at := tag & mask
	for t.words[at] != wordOf(tag, from) {
		at = (at + 1) & mask
	}
	t.words[at] = wordOf(tag, to)
	t.items[to] = t.items[from]
}

// free empties a slot and moves the words behind it back, as far as their homes.
func (t *Table[V]) free(slot int) {
	mask := uint32(len(t.words) - 1)
	hole := uint32(slot)
	for at := (hole + 1) & mask; t.words[at] != 0; at = (at + 1) & mask {
		if home := t.words[at].tag() & mask; (at-home)&mask >= (at-hole)&mask {
			t.words[hole] = t.words[at]
			hole = at
		}
	}
	t.words[hole] = 0
}

func (t *Table[V]) shrink() {
	if len(t.items) == 0 {
		t.items, t.words = nil, nil
		return
	}
	t.items = append(make([]item[V], 0, 2*len(t.items)), t.items...)
	t.resize(len(t.words) / 2)
}

func (t *Table[V]) resize(n int) {
	old := t.words
	t.words = make([]word, n)
	for _, w := range old {
		if w != 0 {
			t.place(w)
		}
	}
}

// Name returns the table's own copy of a key that is there, so that another
// structure can share its memory.
func (t *Table[V]) Name(key []byte, hash uint64) string {
	if _, it := t.find(key, hash); it != nil {
		return it.key
	}
	return ""
}

// At is item i of Len: a uniform i is a uniform pick. The order changes with the
// table. The key is borrowed.
func (t *Table[V]) At(i int) (key []byte, v *V) {
	it := &t.items[i]
	return unsafe.Slice(unsafe.StringData(it.key), len(it.key)), &it.val
}

// Scan calls emit for the items of one home and returns the cursor of the next, 0
// after the last. emit must not change the table.
func (t *Table[V]) Scan(cursor uint64, emit func(key []byte, v *V)) (next uint64) {
	if len(t.words) == 0 {
		return 0
	}
	mask := uint32(len(t.words) - 1)
	home := uint32(cursor) & mask
	for at := home; t.words[at] != 0; at = (at + 1) & mask {
		if w := t.words[at]; w.tag()&mask == home {
			emit(t.At(w.index()))
		}
	}
	return bits.Reverse64(bits.Reverse64(cursor|^uint64(mask)) + 1)
}

// Bytes estimates the table's own memory: items, words and keys, not what the
// values point to. O(1).
func (t *Table[V]) Bytes() int64 {
	return int64(cap(t.items))*int64(unsafe.Sizeof(item[V]{})) + int64(len(t.words))*8 + t.keys
}

// Clone copies the table, each value by the given function.
func (t *Table[V]) Clone(copyValue func(V) V) *Table[V] {
	c := &Table[V]{
		items: append([]item[V](nil), t.items...),
		words: append([]word(nil), t.words...),
		keys:  t.keys,
	}
	for i := range c.items {
		c.items[i].val = copyValue(c.items[i].val)
	}
	return c
}
