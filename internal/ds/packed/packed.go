// Package packed keeps a short sequence of byte strings in one block of memory
// without pointers: what the small encodings of lists, sets and hashes are
// made of.
//
//	arena  [ a p p l e | f i g | . . . . | k i w i ]   bytes, some of them garbage
//	refs   [ (0,5) (5,3) (12,4) ]                      where each element stands
//
// Elements are added to the end of the arena whatever their place in the
// sequence. Removing one leaves garbage, which is squeezed out when it is more
// than half and room is needed, or when it is much. Both ends are O(1), the
// middle O(n) over a few bytes a ref.
package packed

import "unsafe"

// Seq is a sequence of byte strings. Its zero value is empty and ready.
type Seq struct {
	arena   []byte
	refs    Deque[ref]
	garbage int
}

type ref struct{ at, n uint32 }

// Len is how many elements there are.
func (s *Seq) Len() int { return s.refs.Len() }

// Data is how many bytes the elements have.
func (s *Seq) Data() int { return len(s.arena) - s.garbage }

// Bytes estimates the heap memory.
func (s *Seq) Bytes() int64 {
	return int64(cap(s.arena)) + int64(s.refs.Cap())*int64(unsafe.Sizeof(ref{}))
}

// At is element i, borrowed until the next change.
func (s *Seq) At(i int) []byte {
	r := s.refs.At(i)
	return s.arena[r.at : r.at+r.n : r.at+r.n]
}

// PushBack adds a copy of b at the end.
func (s *Seq) PushBack(b []byte) { s.refs.PushBack(s.store(b)) }

// PushFront adds a copy of b at the front.
func (s *Seq) PushFront(b []byte) { s.refs.PushFront(s.store(b)) }

// Insert puts a copy of b at place i.
func (s *Seq) Insert(i int, b []byte) { s.refs.Insert(i, s.store(b)) }

// Set replaces element i by a copy of b.
func (s *Seq) Set(i int, b []byte) {
	r := s.refs.At(i)
	if len(b) <= int(r.n) {
		copy(s.arena[r.at:], b)
		s.garbage += int(r.n) - len(b)
		r.n = uint32(len(b))
		s.tidy()
		return
	}
	s.garbage += int(r.n)
	r.n = 0
	put := s.store(b)
	*s.refs.At(i) = put
}

// Delete removes n elements from i on.
func (s *Seq) Delete(i, n int) {
	for j := i; j < i+n; j++ {
		s.garbage += int(s.refs.At(j).n)
	}
	s.refs.Delete(i, n)
	if s.Len() == 0 {
		s.arena, s.garbage = s.arena[:0], 0
	}
	s.tidy()
}

// maxGarbage is how much garbage is left alone until its room is needed.
const maxGarbage = 4 << 10

// tidy gives memory back when most of it is garbage.
func (s *Seq) tidy() {
	if s.garbage > maxGarbage && s.garbage > len(s.arena)/2 {
		s.squeeze(0)
	}
}

// store copies b into the arena.
func (s *Seq) store(b []byte) ref {
	if s.garbage > len(s.arena)/2 && len(s.arena)+len(b) > cap(s.arena) {
		s.squeeze(len(b))
	}
	at := len(s.arena)
	s.arena = append(s.arena, b...)
	return ref{uint32(at), uint32(len(b))}
}

// squeeze drops the garbage.
func (s *Seq) squeeze(room int) {
	next := make([]byte, 0, max(s.Data()+room, s.Data()*5/4))
	for i := range s.refs.Len() {
		r := s.refs.At(i)
		at := len(next)
		next = append(next, s.arena[r.at:r.at+r.n]...)
		r.at = uint32(at)
	}
	s.arena, s.garbage = next, 0
}

// Index finds the first element equal to b at from, from+step ...; -1 if none is.
func (s *Seq) Index(b []byte, from, step int) int {
	for i := from; i < s.refs.Len(); i += step {
		if r := s.refs.At(i); int(r.n) == len(b) && string(s.arena[r.at:r.at+r.n]) == string(b) {
			return i
		}
	}
	return -1
}

// Clone copies the sequence.
func (s *Seq) Clone() Seq {
	c := Seq{refs: s.refs.Clone(), arena: append([]byte(nil), s.arena...), garbage: s.garbage}
	return c
}
