package dict

import (
	"github.com/residedb/reside/internal/ds/slab"
)

// word is a tag and a reference; 0 is none, as no block has the reference 0.
type word uint64

func wordOf(tag uint32, ref slab.Ref) word { return word(tag)<<32 | word(ref) }

func (w word) tag() uint32   { return uint32(w >> 32) }
func (w word) ref() slab.Ref { return slab.Ref(w) }

const (
	minWords = 8
	maxWords = 4096 // of a segment: 32 KiB
)

// segment holds the words of all tags that begin with the same bits.
type segment struct {
	words  []word // sorted where they are not 0
	over   []word // those that found no room; rare
	homes  uint64 // places where a word can be at home; the rest is room behind the last
	prefix uint32 // the first bits, the others 0
	depth  uint8  // how many bits
	at     int    // in the list of segments
	n      int    // words in use, over too
}

func newSegment(words int, prefix uint32, depth uint8) *segment {
	return &segment{words: make([]word, words), homes: uint64(words - words/32 - 2), prefix: prefix, depth: depth}
}

// home is the place of a tag if all were spread evenly.
func (s *segment) home(tag uint32) int {
	return int(uint64(tag<<s.depth) * s.homes >> 32)
}

// lower is the place of the first word from the tag's home on that is free or not
// less than the tag.
func (s *segment) lower(tag uint32) int {
	i := s.home(tag)
	for i < len(s.words) && s.words[i] != 0 && s.words[i].tag() < tag {
		i++
	}
	return i
}

// full reports whether the segment has to grow before another word.
func (s *segment) full() bool { return 8*s.n >= 7*int(s.homes) }

// put adds a word behind those of the same tag, moving greater ones on to the next gap.
func (s *segment) put(w word) {
	s.n++
	i := s.lower(w.tag())
	end := i
	for end < len(s.words) && s.words[end] != 0 {
		end++
	}
	if end == len(s.words) {
		s.over = append(s.over, w)
		return
	}
	copy(s.words[i+1:end+1], s.words[i:end])
	s.words[i] = w
}

// cut takes the word at a place out, and moves those behind it back towards their
// homes.
func (s *segment) cut(i int) {
	s.n--
	if at := i - len(s.words); at >= 0 {
		last := len(s.over) - 1
		s.over[at] = s.over[last]
		s.over = s.over[:last]
		return
	}
	end := i + 1
	for end < len(s.words) && s.words[end] != 0 && s.home(s.words[end].tag()) < end {
		end++
	}
	copy(s.words[i:], s.words[i+1:end])
	s.words[end-1] = 0
}

// each calls fn with every word.
func (s *segment) each(fn func(word)) {
	for _, w := range s.words {
		if w != 0 {
			fn(w)
		}
	}
	for _, w := range s.over {
		fn(w)
	}
}

// segments are all words of a dict. Where there are several, all are of one size.
type segments struct {
	dir   []*segment // by the first bits of a tag; a segment may stand in several places
	bits  uint8      // how many bits
	list  []*segment // each once, in no order
	over  int        // the most words that ever found no room in a segment
	count int
}

// place is where a word is.
type place struct {
	s *segment
	i int // in words, or behind them in over
}

func (p place) word() word {
	if at := p.i - len(p.s.words); at >= 0 {
		return p.s.over[at]
	}
	return p.s.words[p.i]
}

func (p place) set(w word) {
	if at := p.i - len(p.s.words); at >= 0 {
		p.s.over[at] = w
		return
	}
	p.s.words[p.i] = w
}

func (x *segments) of(tag uint32) *segment { return x.dir[tag>>(32-x.bits)] }

// insert adds a word.
func (x *segments) insert(w word) {
	if len(x.dir) == 0 {
		x.dir = make([]*segment, 1)
		x.add(newSegment(minWords, 0, 0))
	}
	s := x.of(w.tag())
	for s.full() && s.depth < maxDepth {
		x.grow(s)
		s = x.of(w.tag())
	}
	s.put(w)
	x.over = max(x.over, len(s.over))
	x.count++
}

// maxDepth is where splitting is of no use any more: very many tags are the same.
const maxDepth = 30

// remove takes a word out.
func (x *segments) remove(p place) {
	p.s.cut(p.i)
	x.count--
	if p.s.n < int(p.s.homes)/8 {
		x.shrink(p.s)
	}
}

// grow doubles a segment or splits it by the next bit of its tags.
func (x *segments) grow(s *segment) {
	if len(s.words) < maxWords {
		x.become(s, newSegment(2*len(s.words), 0, 0))
		return
	}
	if s.depth == x.bits {
		x.double()
	}
	bit := uint32(1) << (31 - s.depth)
	x.become(s, newSegment(maxWords, s.prefix, s.depth+1), newSegment(maxWords, s.prefix|bit, s.depth+1))
}

// shrink halves a small segment, or joins one with its other half.
func (x *segments) shrink(s *segment) {
	if s.depth == 0 {
		if len(s.words) > minWords {
			x.become(s, newSegment(len(s.words)/2, 0, 0))
		}
		return
	}
	bit := uint32(1) << (32 - s.depth)
	other := x.of(s.prefix ^ bit)
	if other.depth != s.depth || s.n+other.n > maxWords/2 {
		return
	}
	joined := newSegment(maxWords, s.prefix&^bit, s.depth-1)
	other.each(joined.put)
	x.drop(other)
	x.become(s, joined)
}

// become moves the words of a segment to others, which take its place.
func (x *segments) become(s *segment, others ...*segment) {
	x.drop(s)
	for _, o := range others {
		x.add(o)
	}
	s.each(func(w word) { x.of(w.tag()).put(w) })
}

// add puts a segment into the list, and into the directory at every place of its
// tags.
func (x *segments) add(s *segment) {
	s.at = len(x.list)
	x.list = append(x.list, s)
	first := int(s.prefix >> (32 - x.bits))
	for i := range 1 << (x.bits - s.depth) {
		x.dir[first+i] = s
	}
}

// drop takes a segment out of the list.
func (x *segments) drop(s *segment) {
	last := len(x.list) - 1
	x.list[s.at] = x.list[last]
	x.list[s.at].at = s.at
	x.list[last] = nil
	x.list = x.list[:last]
}

// double makes the directory twice as long.
func (x *segments) double() {
	dir := make([]*segment, 2*len(x.dir))
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

// span is how many places there are for words.
func (x *segments) span() int {
	if len(x.list) == 0 {
		return 0
	}
	return len(x.list) * (len(x.list[0].words) + x.over)
}

// wordAt is the word at a place in [0, span), 0 if there is none.
func (x *segments) wordAt(i int) word {
	n := len(x.list[0].words) + x.over
	s, at := x.list[i/n], i%n
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
	if len(x.list) == 0 {
		return 0
	}
	return int64(len(x.list))*int64(8*len(x.list[0].words)+128) + int64(len(x.dir))*8
}
