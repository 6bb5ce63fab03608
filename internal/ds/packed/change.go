package packed

import (
	"math"
	"unsafe"
)

// Room reports whether an element of n bytes can be added at an end without other
// memory or a move.
func (s *Seq) Room(back bool, n int) bool {
	if n > math.MaxUint8 && !s.wide || s.shared {
		return false
	}
	if back {
		return int(s.tail)+n <= s.end(s.Len())-s.width()
	}
	return n <= int(s.head) && s.skip > 0
}

// PushBack adds a copy of b at the end.
func (s *Seq) PushBack(b []byte) {
	if !s.Room(true, len(b)) {
		s.makeRoom(true, len(b))
	}
	copy(s.mem()[s.tail:], b)
	s.tail += uint32(len(b))
	s.n++
	s.setLength(s.Len()-1, len(b))
}

// PushFront adds a copy of b at the front.
func (s *Seq) PushFront(b []byte) {
	if !s.Room(false, len(b)) {
		s.makeRoom(false, len(b))
	}
	s.head -= uint32(len(b))
	copy(s.mem()[s.head:], b)
	s.skip--
	s.n++
	s.setLength(0, len(b))
}

// Insert puts a copy of b at place i.
func (s *Seq) Insert(i int, b []byte) {
	if i == 0 {
		s.PushFront(b)
		return
	}
	s.PushBack(b)
	if last := s.Len() - 1; i < last {
		at := s.offset(i)
		mem := s.mem()
		copy(mem[at+len(b):s.tail], mem[at:])
		copy(mem[at:], b)
		w := s.width()
		copy(mem[s.end(last+1):], mem[s.end(last+1)+w:s.end(i)])
		s.setLength(i, len(b))
	}
}

// Set replaces element i by a copy of b.
func (s *Seq) Set(i int, b []byte) {
	if s.shared {
		*s = s.with(i, b)
		return
	}
	at, old := s.offset(i), s.length(i)
	if old != len(b) {
		if more := len(b) - old; more > 0 && !s.Room(true, len(b)) {
			s.makeRoom(true, len(b))
			at = s.offset(i)
		}
		mem, tail := s.mem(), int(s.tail)+len(b)-old
		copy(mem[at+len(b):max(tail, int(s.tail))], mem[at+old:s.tail])
		s.tail = uint32(tail)
		s.setLength(i, len(b))
	}
	copy(s.mem()[at:], b)
	s.tidy()
}

// with is the sequence with another element i, in memory of its own.
func (s *Seq) with(i int, b []byte) (c Seq) {
	c.Resize(true, s.Need(len(b))-s.length(i), len(b))
	at := 0
	s.Each(0, true, func(old []byte) bool {
		if at == i {
			old = b
		}
		c.PushBack(old)
		at++
		return true
	})
	return c
}

// Delete removes n elements from i on.
func (s *Seq) Delete(i, n int) {
	gone, left := s.sum(i, i+n), s.Len()-n
	switch i {
	case 0:
		s.head += uint32(gone)
		s.skip += uint32(n)
	case left:
		s.tail -= uint32(gone)
	default:
		s.own()
		mem, at := s.mem(), s.offset(i)
		copy(mem[at:], mem[at+gone:s.tail])
		s.tail -= uint32(gone)
		copy(mem[s.end(left):s.end(i)], mem[s.end(s.Len()):s.end(i+n)])
	}
	s.n = uint32(left)
	s.emptied()
	s.tidy()
}

// Pop removes the element at an end and returns it, borrowed until the next change. O(1)
// amortised.
func (s *Seq) Pop(back bool) (b []byte) {
	mem := s.mem()
	if back {
		n := s.length(s.Len() - 1)
		b = mem[int(s.tail)-n : s.tail : s.tail]
		s.tail -= uint32(n)
	} else {
		n := s.length(0)
		b = mem[s.head : int(s.head)+n : int(s.head)+n]
		s.head += uint32(n)
		s.skip++
	}
	s.n--
	s.emptied()
	s.tidy()
	return b
}

// emptied begins anew if nothing is left.
func (s *Seq) emptied() {
	if s.n == 0 {
		s.head, s.tail, s.skip, s.wide = 0, 0, 0, false
	}
}

// minMemory is memory that is kept even if little of it is used.
const minMemory = 64

// tidy gives memory back when most of it is not used.
func (s *Seq) tidy() {
	if used := s.used(); s.size > minMemory && used < int(s.size)/4 {
		s.Resize(true, used+used/4, 0)
	}
}

// makeRoom makes room for an element of n bytes at an end: by a move if at least a
// fourth of the memory is free, or else in memory that is hardly bigger than needed.
func (s *Seq) makeRoom(back bool, n int) {
	size := int(s.size)
	if need := s.Need(n); need > size/4*3 {
		size = max(need, size+size/8)
	}
	s.Resize(back, size, n)
}

// Expect makes room at the back for n more elements, of so many bytes together and of
// longest at most.
func (s *Seq) Expect(n, bytes, longest int) {
	width := 1
	if s.wide || longest > math.MaxUint8 {
		width = 4
	}
	if size := s.Data() + bytes + (s.Len()+n)*width; size > int(s.size) {
		s.Resize(true, size, longest)
	}
}

// Resize moves the sequence to memory of at least so many bytes, which it fits. The room
// that there is will be at one end, and fit for elements of about n bytes.
func (s *Seq) Resize(back bool, size, n int) {
	old := *s
	*s = Seq{wide: old.wide || n > math.MaxUint8}
	s.take(&old, size)
	if back {
		return
	}
	room, w := int(s.size)-s.used(), s.width()
	lens := room / (n + w)
	mem := s.mem()
	copy(mem[s.end(s.Len())-lens*w:], mem[s.end(s.Len()):])
	s.skip = uint32(lens)
	at := room - lens*w
	copy(mem[at:], mem[:s.tail])
	s.head, s.tail = uint32(at), uint32(at)+s.tail
}

// take copies the elements of another sequence into new memory, of as many bytes as Go
// gives for the size.
func (s *Seq) take(from *Seq, size int) {
	mem := append([]byte(nil), make([]byte, size)...)
	s.first, s.size = unsafe.SliceData(mem), uint32(cap(mem))
	s.n, s.tail = from.n, uint32(from.Data())
	if from.size == 0 {
		return
	}
	mem = s.mem()
	copy(mem, from.mem()[from.head:from.tail])
	if s.wide == from.wide {
		copy(mem[s.end(s.Len()):], from.mem()[from.end(from.Len()):from.end(0)])
		return
	}
	for i := range from.Len() {
		s.setLength(i, from.length(i))
	}
}
