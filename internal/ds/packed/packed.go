// Package packed keeps a short sequence of byte strings in one block of memory
// without pointers: what the small encodings of lists, sets and hashes are
// made of.
//
//	[ . . . a p p l e f i g k i w i . . . . . . . 4 3 5 . . ]
//	        head                   tail           lengths
//
// Elements stand one behind another. Their lengths stand at the end of the memory, the
// first one last, in a byte each, or in 4 bytes each once one of them does not fit a
// byte. So an element costs a byte beside its own, and a search reads the lengths from
// one cache line or two and touches elements of the right length only.
//
// Both ends are O(1), as there may be room on both sides of the elements and of the
// lengths. The middle costs a move of the bytes behind it, and a place the sum of
// the lengths before it, eight at a time. Memory grows by what Go has for the next size,
// as little else is as good for many small collections: a hash of ten fields and values
// of 16 bytes takes 400 bytes (references of 8 bytes to elements in any order were tried:
// about 750, and a third line of the cache a lookup).
//
// Redis's listpack, which this learns from, has a length before and behind each element:
// it can do without the other end of the memory, but costs a byte more and has a search
// touch all elements.
package packed

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Seq is a sequence of byte strings. Its zero value is empty and ready.
type Seq struct {
	first *byte  // of the memory
	size  uint32 // of the memory, in bytes
	head  uint32 // where the elements begin
	tail  uint32 // where they end
	skip  uint32 // places for lengths before that of the first element
	n     uint32
	wide  bool // lengths have 4 bytes

	shared bool // somebody reads the memory: it is not written to any more
}

func (s *Seq) mem() []byte { return unsafe.Slice(s.first, s.size) }

// Len is how many elements there are.
func (s *Seq) Len() int { return int(s.n) }

// Data is how many bytes the elements have.
func (s *Seq) Data() int { return int(s.tail - s.head) }

// Bytes is the heap memory.
func (s *Seq) Bytes() int64 { return int64(s.size) }

// width is how many bytes a length has.
func (s *Seq) width() int {
	if s.wide {
		return 4
	}
	return 1
}

// used is how many bytes elements and lengths take.
func (s *Seq) used() int { return s.Data() + int(s.n)*s.width() }

// Need is how many bytes elements and lengths take once there is another element, of n
// bytes.
func (s *Seq) Need(n int) int {
	if n > math.MaxUint8 || s.wide {
		return s.Data() + n + 4*(s.Len()+1)
	}
	return s.used() + n + 1
}

// end is where the length of element i ends.
func (s *Seq) end(i int) int { return int(s.size) - (int(s.skip)+i)*s.width() }

// length is that of element i.
func (s *Seq) length(i int) int {
	mem, end := s.mem(), s.end(i)
	if s.wide {
		return int(binary.LittleEndian.Uint32(mem[end-4:]))
	}
	return int(mem[end-1])
}

func (s *Seq) setLength(i, n int) {
	mem, end := s.mem(), s.end(i)
	if s.wide {
		binary.LittleEndian.PutUint32(mem[end-4:], uint32(n))
	} else {
		mem[end-1] = byte(n)
	}
}

// sum is how many bytes elements i to j-1 have.
func (s *Seq) sum(i, j int) (n int) {
	if s.wide {
		for ; i < j; i++ {
			n += s.length(i)
		}
		return n
	}
	b := s.mem()[s.end(j):s.end(i)]
	const odd = 0x00ff00ff00ff00ff
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		n += int((x&odd + x>>8&odd) * 0x0001000100010001 >> 48)
	}
	for _, c := range b {
		n += int(c)
	}
	return n
}

// offset is where element i begins; i may be Len.
func (s *Seq) offset(i int) int {
	if i <= s.Len()/2 {
		return int(s.head) + s.sum(0, i)
	}
	return int(s.tail) - s.sum(i, s.Len())
}

// At is element i, borrowed until the next change.
func (s *Seq) At(i int) []byte {
	at := s.offset(i)
	end := at + s.length(i)
	return s.mem()[at:end:end]
}

// Each calls fn with the elements from i on, forward or backward, until it returns
// false, and returns what the last call did. The elements are borrowed.
func (s *Seq) Each(i int, forward bool, fn func(b []byte) bool) bool {
	if !forward {
		for end := s.offset(i + 1); i >= 0; i-- {
			at := end - s.length(i)
			if !fn(s.mem()[at:end:end]) {
				return false
			}
			end = at
		}
		return true
	}
	mem, at := s.mem(), s.offset(i)
	for ; i < s.Len(); i++ {
		end := at + s.length(i)
		if !fn(mem[at:end:end]) {
			return false
		}
		at = end
	}
	return true
}

// Index finds the first element equal to b at 0, step, 2*step ...; -1 if none is. Of a step of 2 there are whole pairs. O(n).
func (s *Seq) Index(b []byte, step int) int {
	i, _ := s.find(b, step)
	return i
}

// Pair finds the first element equal to b at 0, 2, 4 ... and the one behind it; -1 if
// none is. What is behind is borrowed until the next change, and may be written to. O(n).
func (s *Seq) Pair(b []byte) (i int, next []byte) {
	i, at := s.find(b, 2)
	if i < 0 {
		return i, nil
	}
	at += len(b)
	end := at + s.length(i+1)
	return i, s.mem()[at:end:end]
}

// find is Index that also tells where the element begins.
func (s *Seq) find(b []byte, step int) (i, at int) {
	if s.wide || len(b) == 0 {
		return s.findAny(b, step)
	}
	mem := s.mem()
	at = int(s.head)
	last, from := b[len(b)-1], s.end(0)-1
	for p := from; p > from-s.Len(); p -= step {
		n := int(mem[p])
		if end := at + n; n == len(b) && mem[end-1] == last && string(mem[at:end]) == string(b) {
			return from - p, at
		}
		if at += n; step == 2 {
			at += int(mem[p-1])
		}
	}
	return -1, 0
}

// findAny is find for lengths of all kinds.
func (s *Seq) findAny(b []byte, step int) (i, at int) {
	at = int(s.head)
	for i := 0; i < s.Len(); i++ {
		end := at + s.length(i)
		if i%step == 0 && string(s.mem()[at:end]) == string(b) {
			return i, at
		}
		at = end
	}
	return -1, 0
}

// Share returns the sequence as it is now. Both have the same memory, until this one is
// changed and takes other memory. O(1).
func (s *Seq) Share() Seq {
	s.shared = true
	return *s
}

// own gives the sequence memory that nobody else reads.
func (s *Seq) own() {
	if s.shared {
		s.Resize(true, int(s.size), 0)
	}
}

// Clone copies the sequence.
func (s *Seq) Clone() Seq {
	var c Seq
	c.wide = s.wide
	c.take(s, s.used())
	return c
}
