// Package dict maps byte strings to byte strings in memory without pointers, can be
// scanned with a stateless cursor and sampled uniformly in O(1), and grows without a
// pause.
//
// Each entry is one block of a slab.Heap:
//
//	length of key | length of value | meta | key | value
//
// where meta is a fixed number of bytes that the owner may write in place. The
// entries are found through segments, sorted arrays of words with gaps:
//
//	word     | tag: 32 bits of the hash | reference to the block |
//
//	segment  [ 02.. 03.. - 41.. 44.. 45.. - - 93.. a0.. - ... | room ]
//
// A tag has a home, the place that it would have if all tags were spread evenly; its
// word stands there or a few places behind, and never behind a greater one. So a key
// that is not there costs one look at a few neighbouring words, and one that is there
// another at its block. Since homes are in the order of tags, so are all words.
//
// # Growth
//
// A segment grows by a fourth until it has 4096 words; then it splits into two, each with
// half of the tags, and so on: a directory finds the segment by the tag's first bits
// (extendible hashing; Fagin, Nievergelt, Pippenger, Strong 1979). What one insertion
// can cost is a split, which looks at no block and copies sorted words in order.
//
// Hashes are spread evenly, so all segments split at about the same time. As each half
// is made to measure, 70 to 87 % of the words are in use at any time, 9.4 to 11.8 bytes
// an entry. (Halves of full size were tried: 44 to 87 %, up to 19 bytes.) A dict of one
// segment keeps it in itself, which saves two misses of the cache a lookup.
//
// # Scanning
//
// The cursor is a tag: everything before it was visited. That means the same however
// the segments were split or joined since, so what is there throughout is visited
// once.
//
// # Many at a time
//
// What visits many entries (Each, Meet) finds some tens of blocks before it reads the
// first, so that the processor waits for their memory at the same time. Meet compares
// two dicts: both keep words in the order of tags, so it goes through the words of both
// one behind another and reads blocks only where tags are equal. Of two sets of 100,000
// that share half of them, it takes 0.3 to 0.5 of the time of one lookup after another,
// and SINTER through the server 0.4 to 0.6 of redis-server's processor time (SUNION 0.5, SDIFF
// 0.4, SINTERCARD 0.25).
//
// # Measured
//
// The worst of 1 to 2 million entries, of the heap after a collection: 33.6 bytes for a
// key of 16 bytes, 49.6 for one with a value of 16. In sets of 1000, 31; in hashes of
// 1000, 51 (83 with words and first chunk that doubled). What is left of a lookup are
// two misses of the cache, the word's and the block's.
//
// One hash or set of a million by handles, how many times Reside's processor time 64
// maps take together, 1 goroutine and 4; 1.0 was aimed at:
//
//	HGET   0.52, 0.51     HSET, new   1.22, 1.03     HSET, existing   0.97, 0.97
//	SISMEMBER  0.53, 0.51    SADD, new  0.94, 1.17     SADD, again      0.93, 1.00
//
// By the profile of HGET 35 of 100 are the first touch of the block, 28 that of the field
// to be hashed, which is as cold for a map, 16 that of the word; of SISMEMBER they are 30,
// 26 and 22. Without handle, lock and
// transaction a Get takes 545 ns in a loop, a map's 255: the search of the words ends at a
// place that cannot be foreseen, so the processor throws away what it has begun of the next
// lookup. With a search of eight words without a branch it is 463 to 490. By the handles
// nothing is left of that (HGET 1.02, HSET 1.03 of the time), nor when the same search
// ends misses as well: there, the instructions between two lookups are too many. A lock
// that lets readers in together (see package engine) gave four goroutines twice as much.
//
// A Dict is not safe for concurrent use. A nil one is empty.
package dict

import (
	"hash/maphash"
	"unsafe"

	"github.com/residedb/reside/internal/ds/slab"
)

// Dict maps keys to values. Its zero value is an empty set of keys: without meta
// and values.
type Dict struct {
	Layout
	heap slab.Heap
	segments
}

// Layout says what an entry has beside its key. It is set before the first Put.
type Layout struct {
	Meta   int                     // bytes
	Values bool                    // or else every value is empty
	Hash   func(key []byte) uint64 // what the owner hashes with; Hash if nil

	// Moved, unless nil, hears of each entry that has another reference now. The
	// old one can still be read, but not kept. It must not change the dict.
	Moved func(from, to slab.Ref)
}

func (l *Layout) hashOf(block []byte) uint64 {
	e := l.parse(block)
	if l.Hash != nil {
		return l.Hash(e.key())
	}
	return Hash(e.key())
}

var seed = maphash.MakeSeed()

// Hash hashes a key with the process's random seed, so that nobody can choose
// keys that collide.
func Hash(key []byte) uint64 { return maphash.Bytes(seed, key) }

// Len is how many entries there are.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return d.count
}

// Buckets is how many places there are for words of entries.
func (d *Dict) Buckets() int {
	if d.Len() == 0 {
		return 0
	}
	return d.room
}

// find returns where the word of a key is, and its block.
func (d *Dict) find(key []byte, tag uint32) (at place, block []byte) {
	if d.count == 0 {
		return at, nil
	}
	s := d.of(tag)
	for i := s.home(tag); i < len(s.words); i++ {
		w := s.words[i]
		if w.tag() < tag && w != 0 {
			continue
		}
		if w.tag() != tag || w == 0 {
			break
		}
		if b := d.heap.Block(w.ref()); d.holds(b, key) {
			return place{s, i}, b
		}
	}
	return d.findOver(s, key, tag)
}

func (d *Dict) findOver(s *segment, key []byte, tag uint32) (at place, block []byte) {
	for j, w := range s.over {
		if w.tag() == tag {
			if b := d.heap.Block(w.ref()); d.holds(b, key) {
				return place{s, len(s.words) + j}, b
			}
		}
	}
	return at, nil
}

// Get is the value of a key and the entry's meta, borrowed until the next change;
// meta may be written to. O(1).
func (d *Dict) Get(key []byte, hash uint64) (value, meta []byte, ok bool) {
	_, b := d.find(key, uint32(hash))
	if b == nil {
		return nil, nil, false
	}
	e := d.parse(b)
	return e.value(), e.meta(), true
}

// Put gives a key a value, and reports whether the key is new. meta is the entry's, for
// the owner to write; that of a new entry is zero. O(1) amortised.
func (d *Dict) Put(key []byte, hash uint64, value []byte) (meta []byte, added bool) {
	at, b := d.find(key, uint32(hash))
	if b == nil {
		d.settle()
		ref, e := d.alloc(key, value)
		clear(e.meta())
		d.insert(wordOf(uint32(hash), ref))
		return e.meta(), true
	}
	if old := d.parse(b); d.fits(old, value) && d.heap.Ready(at.word().ref(), old.length()) {
		return d.overwrite(old, value), false
	}
	if d.settle() {
		at, _ = d.find(key, uint32(hash))
	}
	return d.renew(at, uint32(hash), key, value), false
}

// fits reports whether the entry's block has just the room for the value.
func (d *Dict) fits(e entry, value []byte) bool {
	n := d.length(e.k, len(value))
	return slab.Size(n) == slab.Size(e.length()) && headerLen(len(value)) == headerLen(e.v)
}

// Delete removes a key and reports whether it was there. O(1) amortised.
func (d *Dict) Delete(key []byte, hash uint64) bool {
	at, b := d.find(key, uint32(hash))
	if b == nil {
		return false
	}
	d.heap.Free(at.word().ref(), d.parse(b).length())
	d.remove(at)
	if d.count == 0 {
		d.heap.Clear()
		*d = Dict{Layout: d.Layout}
		return true
	}
	d.settle()
	return true
}

// settle goes on with what was put off: the move of a sparse heap, a chunk at a time.
// It reports whether blocks may have moved.
func (d *Dict) settle() bool {
	if !d.heap.Untidy() {
		return false
	}
	if !d.heap.Moving() {
		d.heap.Move()
	}
	d.heap.Evacuate(func(b []byte) int { return d.parse(b).length() }, func(from, to slab.Ref, b []byte) {
		d.rename(uint32(d.hashOf(b)), from, to)
		if d.Moved != nil {
			d.Moved(from, to)
		}
	})
	return true
}

// Bytes is the memory of the dict. O(1).
func (d *Dict) Bytes() int64 {
	if d == nil {
		return 0
	}
	return int64(unsafe.Sizeof(*d)) + d.heap.Taken() + d.bytes()
}
