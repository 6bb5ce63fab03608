// Package table is a hash table that can be scanned with a stateless cursor and
// sampled uniformly in O(1), which Go's map cannot.
//
// Items stand densely in one slice; buckets hold the index of the first item of
// a chain, and each item the index of the next:
//
//	buckets  [ 3 | - | 0 | 1 ]          index by the low bits of the hash
//	           |       |   |
//	items    [ a, b, c, d ]             dense: At(i) is a uniform pick
//	           next chains them
//
// Deleting moves the last item into the hole. Scan visits buckets in the order
// of reversed bits, as Redis does: when the table doubles or halves between two
// calls, the buckets that were visited stay exactly those before the cursor,
// so what is there throughout a scan is returned at least once.
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
	items   []item[V]
	buckets []int32 // index of the first item plus 1, 0 for none
	keys    int64   // bytes of all keys
}

type item[V any] struct {
	key  string
	hash uint64
	next int32 // index plus 1
	val  V
}

// minBuckets is the size of the smallest table that has any.
const minBuckets = 4

var seed = maphash.MakeSeed()

// Hash hashes a key with the process's random seed, so that nobody can choose
// keys that collide.
func Hash(key []byte) uint64 { return maphash.Bytes(seed, key) }

// Buckets is how many chains the items are spread over.
func (t *Table[V]) Buckets() int { return len(t.buckets) }

// Len is how many items there are.
func (t *Table[V]) Len() int { return len(t.items) }

// Get finds a key's value, nil if it is not there. The pointer is valid until the
// table is changed. O(1).
func (t *Table[V]) Get(key []byte, hash uint64) *V {
	if len(t.items) == 0 {
		return nil
	}
	for i := t.buckets[hash&t.mask()]; i != 0; {
		it := &t.items[i-1]
		if it.hash == hash && it.key == string(key) {
			return &it.val
		}
		i = it.next
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
	if len(t.items) >= len(t.buckets) {
		t.resize(max(minBuckets, 2*len(t.buckets)))
	}
	head := &t.buckets[hash&t.mask()]
	t.items = append(t.items, item[V]{key: key, hash: hash, next: *head})
	*head = int32(len(t.items))
	t.keys += int64(len(key))
	return &t.items[len(t.items)-1].val
}

// Delete removes a key and returns the value that it had. O(1) amortised.
func (t *Table[V]) Delete(key []byte, hash uint64) (old V, ok bool) {
	if len(t.items) == 0 {
		return old, false
	}
	for at := &t.buckets[hash&t.mask()]; *at != 0; {
		it := &t.items[*at-1]
		if it.hash == hash && it.key == string(key) {
			old = it.val
			t.keys -= int64(len(it.key))
			t.removeAt(at)
			return old, true
		}
		at = &it.next
	}
	return old, false
}

// removeAt unlinks the item that *at refers to and fills its hole with the last.
func (t *Table[V]) removeAt(at *int32) {
	hole := *at
	*at = t.items[hole-1].next
	last := int32(len(t.items))
	if hole != last {
		t.items[hole-1] = t.items[last-1]
		ref := &t.buckets[t.items[hole-1].hash&t.mask()]
		for *ref != last {
			ref = &t.items[*ref-1].next
		}
		*ref = hole
	}
	t.items[last-1] = item[V]{}
	t.items = t.items[:last-1]
	if len(t.items) <= len(t.buckets)/8 && len(t.buckets) > minBuckets {
		t.shrink()
	}
}

func (t *Table[V]) shrink() {
	if len(t.items) == 0 {
		t.items, t.buckets = nil, nil
		return
	}
	t.items = append(make([]item[V], 0, 2*len(t.items)), t.items...)
	t.resize(len(t.buckets) / 2)
}

func (t *Table[V]) resize(n int) {
	t.buckets = make([]int32, n)
	for i := range t.items {
		head := &t.buckets[t.items[i].hash&t.mask()]
		t.items[i].next = *head
		*head = int32(i + 1)
	}
}

func (t *Table[V]) mask() uint64 { return uint64(len(t.buckets) - 1) }

// Name returns the table's own copy of a key that is there, so that another
// structure can share its memory.
func (t *Table[V]) Name(key []byte, hash uint64) string {
	for i := t.buckets[hash&t.mask()]; i != 0; i = t.items[i-1].next {
		if it := &t.items[i-1]; it.hash == hash && it.key == string(key) {
			return it.key
		}
	}
	return ""
}

// At is item i of Len: a uniform i is a uniform pick. The order changes with the
// table. The key is borrowed.
func (t *Table[V]) At(i int) (key []byte, v *V) {
	it := &t.items[i]
	return unsafe.Slice(unsafe.StringData(it.key), len(it.key)), &it.val
}

// Scan calls emit for the items of one bucket and returns the cursor of the next,
// 0 after the last. emit must not change the table.
func (t *Table[V]) Scan(cursor uint64, emit func(key []byte, v *V)) (next uint64) {
	if len(t.buckets) == 0 {
		return 0
	}
	for i := t.buckets[cursor&t.mask()]; i != 0; i = t.items[i-1].next {
		emit(t.At(int(i - 1)))
	}
	cursor |= ^t.mask()
	cursor = bits.Reverse64(bits.Reverse64(cursor) + 1)
	return cursor
}

// Bytes estimates the table's own memory: items, buckets and keys, not what the
// values point to. O(1).
func (t *Table[V]) Bytes() int64 {
	return int64(cap(t.items))*int64(unsafe.Sizeof(item[V]{})) + int64(len(t.buckets))*4 + t.keys
}

// Clone copies the table, each value by the given function.
func (t *Table[V]) Clone(copyValue func(V) V) *Table[V] {
	c := &Table[V]{
		items:   append([]item[V](nil), t.items...),
		buckets: append([]int32(nil), t.buckets...),
		keys:    t.keys,
	}
	for i := range c.items {
		c.items[i].val = copyValue(c.items[i].val)
	}
	return c
}
