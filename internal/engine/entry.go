package engine

import "unsafe"

// Entry is a key with its value. It is valid while its stripe is locked. What a
// read of a string looks at stands in one cache line.
type Entry struct {
	key      string
	str      blob   // the value of kind String
	deadline int64  // unix ms, 0 for none
	access   uint32 // when or how often it was used, see access.go
	heapPos  int32  // position in the space's heap of due entries plus 1, 0 for none
	kind     Kind
	form     form // of a string
	volatile bool // it is counted among its space's keys with a deadline
	shared   bool // a fork has the same value: it is copied before it is changed
	hash     uint64
	space    *space // the database it is in, nil when it was unlinked
	obj      Object // the value of every other kind
	mem      int64  // bytes accounted for
}

// EntryOverhead is what an entry costs beside its key and value: the struct and
// its slot in the table.
const EntryOverhead = int64(unsafe.Sizeof(Entry{})) + 40

// blob is a byte slice in two words.
type blob struct {
	first     *byte
	len, room uint32
}

func blobOf(b []byte) blob { return blob{unsafe.SliceData(b), uint32(len(b)), uint32(cap(b))} }

func (b blob) bytes() []byte { return unsafe.Slice(b.first, b.room)[:b.len] }

// Kind is the type of the value.
func (e *Entry) Kind() Kind { return e.kind }

// Key is the entry's name. The caller must not modify it.
func (e *Entry) Key() []byte { return unsafe.Slice(unsafe.StringData(e.key), len(e.key)) }

// Bytes is the value of a string, borrowed until the transaction ends.
func (e *Entry) Bytes() []byte { return e.str.bytes() }

// Object is the value of a collection.
func (e *Entry) Object() Object { return e.obj }

// Deadline is when the key expires, in unix milliseconds; 0 means never.
func (e *Entry) Deadline() int64 { return e.deadline }

// Memory is how many bytes the key is accounted for. O(1).
func (e *Entry) Memory() int64 { return e.mem }

// countVolatile counts the entry among its space's keys with a deadline, or no more.
func (e *Entry) countVolatile(is bool) {
	if e.volatile == is {
		return
	}
	e.volatile = is
	if is {
		e.space.volatile++
	} else {
		e.space.volatile--
	}
}

// ref names the entry as a Key.
func (e *Entry) ref() Key { return Key{B: e.Key(), Hash: e.hash, DB: e.space.db} }

// size computes what the entry should be accounted for.
func (e *Entry) size() int64 {
	n := EntryOverhead + int64(len(e.key))
	if e.obj != nil {
		return n + e.obj.Bytes()
	}
	return n + int64(e.str.room)
}
