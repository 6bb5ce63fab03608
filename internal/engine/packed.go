package engine

import (
	"unsafe"

	"github.com/residedb/reside/internal/ds/slab"
)

const (
	maxPackedKey   = 255
	maxPackedValue = 1024

	headSize = int(unsafe.Sizeof(Entry{}))
)

// fits reports whether a key and a string of n bytes can be packed.
func fits(key []byte, n int) bool { return len(key) <= maxPackedKey && n <= maxPackedValue }

// due is what a packed string has between header and key if it has a deadline. Blocks
// begin at a multiple of 4 bytes.
type due struct {
	low, high uint32 // of the deadline
	heapPos   int32  // as in a box
}

const (
	dueLen  = int(unsafe.Sizeof(due{}))
	dueSize = 14 // an item of the heap of due entries, with some room
)

func (e *Entry) due() *due { return (*due)(unsafe.Add(unsafe.Pointer(e), headSize)) }

// head is where the key of a packed string begins.
func (e *Entry) head() int {
	if e.marks&dueBit != 0 {
		return headSize + dueLen
	}
	return headSize
}

// length is how many bytes of its block a packed string takes.
func (e *Entry) length() int { return e.head() + int(e.keyLen) + int(e.valueLen) }

func (e *Entry) part(at, n int) []byte {
	if n == 0 {
		return []byte{} // a pointer behind the block may be one behind the chunk
	}
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(e), at)), n)
}

// entryIn is the packed string in a block.
func entryIn(block []byte) *Entry { return (*Entry)(unsafe.Pointer(unsafe.SliceData(block))) }

// plan is what a packed string is made of.
type plan struct {
	key      []byte
	n        int // bytes of the value
	deadline int64
	form     form
	access   uint32
}

// planOf is what the packed string is made of.
func planOf(e *Entry) plan {
	return plan{e.Key(), int(e.valueLen), e.Deadline(), e.form(), e.access}
}

func (p plan) length() int {
	n := headSize + len(p.key) + p.n
	if p.deadline != 0 {
		n += dueLen
	}
	return n
}

// write makes the block, but for the value.
func (p plan) write(block []byte) *Entry {
	e := entryIn(block)
	*e = Entry{marks(String) | packedBit | marks(p.form)<<formShift, uint8(len(p.key)), uint16(p.n), p.access}
	if p.deadline != 0 {
		e.marks |= dueBit
		e.due().heapPos = 0
		e.setPackedDeadline(p.deadline)
	}
	copy(e.Key(), p.key)
	return e
}

// fill writes the value, with zeros behind it.
func (e *Entry) fill(value []byte) {
	b := e.Bytes()
	clear(b[copy(b, value):])
}

// rewritable reports whether the block can be as the plan says.
func (e *Entry) rewritable(p plan) bool {
	return e.packed() && (e.marks&dueBit != 0) == (p.deadline != 0) && slab.Size(e.length()) == slab.Size(p.length())
}

func (e *Entry) setPackedDeadline(at int64) {
	e.due().low, e.due().high = uint32(at), uint32(at>>32)
}

// detached copies a packed string out of its heap, for who needs it when it is gone. A
// box can stay as it is.
func (e *Entry) detached() *Entry {
	if !e.packed() {
		return e
	}
	b := make([]uint32, (e.length()+3)/4)
	copy(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(b))), 4*len(b)), e.part(0, e.length()))
	d := (*Entry)(unsafe.Pointer(unsafe.SliceData(b)))
	if d.marks&dueBit != 0 {
		d.due().heapPos = 0
	}
	return d
}
