package engine

import (
	"unsafe"

	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/set"
)

// nest is a box with its collection and a short name in one piece of memory: a command
// on one of many collections finds all three side by side, where it would wait for each
// in turn. HGET from 100,000 hashes of 10 fields takes 0.8 of the time that it takes with
// three pieces; of the misses of the cache that are left, those for the reference, the
// box's place, the box, and both ends of the fields depend on one another.
//
// A hundred thousand hashes of ten fields, how many times Reside's processor time 64 maps
// of maps take, 1 goroutine and 4: HGET 0.71 and 0.68, HSET of an old field 1.16 and 1.01,
// of a new one 0.56; 2.0 was aimed at. In the profile of HGET 34 of 100 are the search of
// the fields, most of it for their first line, 27 the box, 16 the key's hash, 5 the word.
// Tried: three pieces (1.25 of the time), and fields that are found through references
// (nearly twice the memory).
//
// A hash of ten fields and values of 16 bytes takes 567 bytes so, where 410 were aimed at:
// 192 for the nest, 352 for its fields, 23 for the reference and the place. With three
// pieces, a box, a hash and a name, it was 557, and every command waited longer; fields
// that were found through references of 8 bytes took nearly twice as much (see package
// packed). Were the fields in the nest, too, they would have to
// move with every field that comes or grows, and everything that knows the box with them.
// Packed as short strings are, without a box, it would take 395, but every operation on a
// hash would be one on bytes in a slab: small hashes would have two implementations, of
// which a visit, an expiry of fields and a rollback would need both.
//
// A collection that gets another name leaves the nest, whose memory stays as long as it.
type nest[T any] struct {
	box
	collection T
	room       [nestName]byte
}

// nestName is the longest name that stands in a nest.
const nestName = 24

// newBoxOf makes a box of a collection that it takes over; name gives it a name.
func newBoxOf(obj Object) *box {
	switch v := obj.(type) {
	case *list.List:
		n := &nest[list.List]{collection: *v}
		return n.with(&n.collection)
	case *set.Set:
		n := &nest[set.Set]{collection: *v}
		return n.with(&n.collection)
	case *hash.Hash:
		n := &nest[hash.Hash]{collection: *v}
		return n.with(&n.collection)
	}
	return &box{obj: obj}
}

func (n *nest[T]) with(obj Object) *box {
	n.obj = obj
	n.key = unsafe.String(&n.room[0], nestName) // room for a name
	return &n.box
}

// name gives a new box its name.
func (b *box) name(k Key, kind Kind, access uint32) {
	b.Entry, b.hash = Entry{marks: marks(kind), access: access}, k.Hash
	if n := len(k.B); 0 < n && n <= len(b.key) {
		room := unsafe.Slice(unsafe.StringData(b.key), n)
		copy(room, k.B)
		b.key = b.key[:n]
		return
	}
	b.key = string(k.B)
}
