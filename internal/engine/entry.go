package engine

import (
	"unsafe"

	"github.com/residedb/reside/internal/ds/slab"
)

// Entry is a key with its value, as it stands in memory: the header of a packed
// string, or the beginning of a box.
//
//	packed  | marks | key length | value length | access | due? | key | value |
//	        |   1   |     1      |      2       |   4    |  12  |             |
//
//	box     | marks | ...        | access | Go's pointers to key, value, database
//
// Packed are the strings that are short: a block of their space's heap holds all of
// one, without a pointer, and a read looks at one or two cache lines. Collections and
// long strings are boxed, so that they can move from key to key.
//
// An Entry is valid while its stripe is locked, until its key is changed or another one
// is added.
type Entry struct {
	marks    marks // first, as it is never slab.Free
	keyLen   uint8
	valueLen uint16
	access   uint32 // when or how often it was used, see access.go
}

// marks are the kind, the form of a string, and how the entry is kept.
type marks uint8

const (
	kindBits  marks = 7
	formShift       = 3
	formBits  marks = 3 << formShift
	packedBit marks = 1 << 5
	dueBit    marks = 1 << 6 // a packed string has a deadline
)

// box is an entry that Go's garbage collector looks after.
type box struct {
	Entry
	heapPos  int32 // position in the space's heap of due entries plus 1, 0 for none
	slot     uint32
	volatile bool   // it is counted among its space's keys with a deadline
	shared   bool   // a fork has the same value: it is copied before it is changed
	timed    bool   // it is counted among its space's hashes with fields that have a deadline
	stray    bool   // its collection stands in the nest of another box
	cut      uint32 // the last cut that needs nothing of it any more
	key      string
	str      blob   // the value of kind String
	obj      Object // the value of every other kind
	deadline int64  // unix ms, 0 for none
	hash     uint64
	space    *space // the database it is in, nil when it was unlinked
	mem      int64  // bytes accounted for
	image    *image // that reads the value as it was, nil for none
}

const (
	// EntryOverhead is what the table takes for an entry beside its key and value, on
	// the average: a word, the header, the rest of a block.
	EntryOverhead = wordSize + int64(unsafe.Sizeof(Entry{}))

	wordSize = 11                                         // of a reference to an entry
	boxSize  = wordSize + 8 + int64(unsafe.Sizeof(box{})) // with its slot
)

// box is the whole of an entry that is not packed.
func (e *Entry) box() *box { return (*box)(unsafe.Pointer(e)) }

func (e *Entry) packed() bool { return e.marks&packedBit != 0 }

// Kind is the type of the value.
func (e *Entry) Kind() Kind { return Kind(e.marks & kindBits) }

func (e *Entry) form() form { return form(e.marks & formBits >> formShift) }

func (e *Entry) setForm(f form) { e.marks = e.marks&^formBits | marks(f)<<formShift }

// Key is the entry's name. The caller must not modify it.
func (e *Entry) Key() []byte {
	if e.packed() {
		return e.part(e.head(), int(e.keyLen))
	}
	key := e.box().key
	return unsafe.Slice(unsafe.StringData(key), len(key))
}

// Bytes is the value of a string, borrowed until the transaction ends or changes it.
func (e *Entry) Bytes() []byte {
	if e.packed() {
		return e.part(e.head()+int(e.keyLen), int(e.valueLen))
	}
	return e.box().str.bytes()
}

// Object is the value of a collection, nil of a string.
func (e *Entry) Object() Object {
	if e.Kind() == String {
		return nil
	}
	return e.box().obj
}

// Deadline is when the key expires, in unix milliseconds; 0 means never.
func (e *Entry) Deadline() int64 {
	if !e.packed() {
		return e.box().deadline
	}
	if e.marks&dueBit == 0 {
		return 0
	}
	d := e.due()
	return int64(d.low) | int64(d.high)<<32
}

// Memory is how many bytes the key is accounted for. O(1).
func (e *Entry) Memory() int64 {
	if e.packed() {
		return e.size()
	}
	return e.box().mem
}

// linked reports whether the entry is in a database still.
func (e *Entry) linked() bool { return e.packed() || e.box().space != nil }

// countVolatile counts the box among its space's keys with a deadline, or no more.
func (b *box) countVolatile(is bool) {
	if b.volatile == is {
		return
	}
	b.volatile = is
	if is {
		b.space.volatile++
	} else {
		b.space.volatile--
	}
}

// countTimed counts the box among its space's hashes with fields that have a deadline,
// or no more.
func (b *box) countTimed(is bool) {
	if b.timed == is {
		return
	}
	b.timed = is
	if is {
		b.space.timed++
	} else {
		b.space.timed--
	}
}

// ref names the box as a Key.
func (b *box) ref() Key { return Key{B: b.Key(), Hash: b.hash, DB: b.space.db} }

// nameOf names an entry of the space as a Key, whose bytes are the entry's.
func (sp *space) nameOf(e *Entry) Key { return KeyOf(e.Key()).In(sp.db) }

// shared reports whether a fork has the same value.
func (e *Entry) shared() bool { return !e.packed() && e.box().shared }

// size computes what the entry should be accounted for.
func (e *Entry) size() int64 {
	if e.packed() {
		n := wordSize + int64(slab.Size(e.length()))
		if e.marks&dueBit != 0 {
			n += dueSize
		}
		return n
	}
	b := e.box()
	n := boxSize + int64(len(b.key))
	if b.stray {
		n += int64(unsafe.Sizeof(box{})) + nestName
	}
	if b.obj != nil {
		return n + b.obj.Bytes()
	}
	return n + int64(b.str.room)
}

// blob is a byte slice in two words.
type blob struct {
	first     *byte
	len, room uint32
}

func blobOf(b []byte) blob { return blob{unsafe.SliceData(b), uint32(len(b)), uint32(cap(b))} }

func (b blob) bytes() []byte { return unsafe.Slice(b.first, b.room)[:b.len] }
