package dict

import (
	"unsafe"

	"github.com/residedb/reside/internal/ds/slab"
)

// segments are all words of a dict.
type segments struct {
	one   segment    // all there are, while bits is 0
	dir   []*segment // by the first bits of a tag; a segment may stand in several places
	bits  uint8      // how many bits
	list  []*segment // each of dir once, in no order
	room  int        // words that the segments have room for
	over  int        // the most words that ever found no room in a segment
	count int
}

func (x *segments) of(tag uint32) *segment {
	if x.bits == 0 {
		return &x.one
	}
	return x.dir[tag>>(32-x.bits)]
}

// insert adds a word.
func (x *segments) insert(w word) {
	if x.count == 0 {
		x.add(newSegment(minWords, 0, 0))
	}
	s := x.of(w.tag())
	for s.full() && x.growable(s) {
		x.grow(s)
		s = x.of(w.tag())
	}
	s.put(w)
	x.over = max(x.over, len(s.over))
	x.count++
}

// growable reports whether a segment may grow or split. The directory is kept in
// proportion to the segments: where very many tags begin alike, splitting does not part
// them, and would only double the directory again and again.
func (x *segments) growable(s *segment) bool {
	return len(s.words) < maxWords || s.depth < x.bits || 1<<x.bits <= 4*len(x.list)+16
}

// remove takes a word out.
func (x *segments) remove(p place) {
	p.s.cut(p.i)
	x.count--
	if p.s.sparse() {
		x.shrink(p.s)
	}
}

// grow makes a segment bigger by a fourth, or splits it by the next bit of its tags.
func (x *segments) grow(s *segment) {
	if n := len(s.words); n < maxWords {
		x.resize(s, n+max(n/4, minWords))
		return
	}
	if s.depth == x.bits {
		x.double()
	}
	bit := uint32(1) << (31 - s.depth)
	low := newSegment(roomFor(s.n/2), s.prefix, s.depth+1)
	high := newSegment(len(low.words), s.prefix|bit, s.depth+1)
	x.replace([]*segment{s}, low, high)
}

// roomFor is how many words a segment should have for n of them and some more.
func roomFor(n int) int { return min(n+n/3+n/16+minWords, maxWords) }

// shrink makes a segment smaller, or joins it with its other half if both are small.
func (x *segments) shrink(s *segment) {
	if s.depth == 0 || len(s.words) > maxWords/2 {
		if len(s.words) > 2*minWords {
			x.resize(s, roomFor(s.n))
		}
		return
	}
	bit := uint32(1) << (32 - s.depth)
	other := x.of(s.prefix ^ bit)
	if n := s.n + other.n; other.depth == s.depth && n <= maxWords/2 {
		if s.prefix > other.prefix {
			s, other = other, s
		}
		x.replace([]*segment{s, other}, newSegment(roomFor(n), s.prefix, s.depth-1))
	}
}

// resize gives a segment another number of words.
func (x *segments) resize(s *segment, words int) {
	x.replace([]*segment{s}, newSegment(words, s.prefix, s.depth))
}

// replace puts segments in the place of others, whose words they take over.
func (x *segments) replace(old []*segment, by ...*segment) {
	for _, s := range by {
		for _, o := range old {
			s.fill(o)
		}
	}
	for _, o := range old {
		x.drop(o)
	}
	for _, s := range by {
		x.add(s)
	}
}

// add takes a segment in, and puts it into the directory at every place of its tags.
func (x *segments) add(s *segment) {
	if s.depth == 0 {
		*x = segments{one: *s, room: len(s.words), over: len(s.over), count: x.count}
		return
	}
	s.at = len(x.list)
	x.list = append(x.list, s)
	x.room += len(s.words)
	x.over = max(x.over, len(s.over))
	first := int(s.prefix >> (32 - x.bits))
	for i := range 1 << (x.bits - s.depth) {
		x.dir[first+i] = s
	}
}

// drop takes a segment out of the list.
func (x *segments) drop(s *segment) {
	x.room -= len(s.words)
	if s.depth == 0 {
		x.one = segment{}
		return
	}
	last := len(x.list) - 1
	x.list[s.at] = x.list[last]
	x.list[s.at].at = s.at
	x.list[last] = nil
	x.list = x.list[:last]
}

// double makes the directory twice as long.
func (x *segments) double() {
	dir := make([]*segment, 2<<x.bits)
	for i, s := range x.dir {
		dir[2*i], dir[2*i+1] = s, s
	}
	x.dir = dir
	x.bits++
}

// rename gives a block another reference.
func (x *segments) rename(tag uint32, from, to slab.Ref) {
	s := x.of(tag)
	for i := s.lower(tag); i < len(s.words) && s.words[i] != 0 && s.words[i].tag() == tag; i++ {
		if s.words[i].ref() == from {
			s.words[i] = wordOf(tag, to)
			return
		}
	}
	for i, w := range s.over {
		if w == wordOf(tag, from) {
			s.over[i] = wordOf(tag, to)
		}
	}
}

// each calls fn with the segments in the order of their tags until it returns false.
func (x *segments) each(fn func(s *segment) bool) {
	if x.bits == 0 {
		fn(&x.one)
		return
	}
	for i := 0; i < len(x.dir); {
		s := x.dir[i]
		if !fn(s) {
			return
		}
		i += 1 << (x.bits - s.depth)
	}
}

// stride is how many places there are for the words of one segment, whatever its size.
func (x *segments) stride() int {
	if x.bits == 0 {
		return len(x.one.words) + x.over
	}
	return maxWords + x.over
}

// span is how many places there are for words.
func (x *segments) span() int { return max(len(x.list), 1) * x.stride() }

// wordAt is the word at a place in [0, span), 0 if there is none.
func (x *segments) wordAt(i int) word {
	s, n := &x.one, x.stride()
	if x.bits > 0 {
		s = x.list[i/n]
	}
	at := i % n
	switch {
	case at < len(s.words):
		return s.words[at]
	case at-len(s.words) < len(s.over):
		return s.over[at-len(s.words)]
	}
	return 0
}

// bytes is the memory of segments and directory.
func (x *segments) bytes() int64 {
	return int64(x.room)*8 + int64(len(x.list))*segmentSize + int64(len(x.dir)+cap(x.list))*8
}

const segmentSize = int64(unsafe.Sizeof(segment{}))
