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
	homes  uint64 // places where a word can be at home; the rest is room behind the last
	prefix uint32 // the first bits, the others 0
	depth  uint8  // how many bits
	n      int    // words in use, over too
	over   []word // those that found no room; rare
	at     int    // in the list of segments
}

// newSegment has at least so many words: as many as fit the memory that Go gives for
// them.
func newSegment(words int, prefix uint32, depth uint8) *segment {
	room := append([]word(nil), make([]word, max(words, minWords))...)
	n := min(cap(room), maxWords)
	return &segment{words: room[:n:n], homes: uint64(n - n/32 - 2), prefix: prefix, depth: depth}
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

// sparse reports whether the segment has so few words that it should shrink.
func (s *segment) sparse() bool { return 8*s.n < 3*int(s.homes) }

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

// fill takes over the words of another segment, as far as they belong to this one. What
// is there is less than all of them.
func (s *segment) fill(from *segment) {
	at := 0
	for _, w := range from.words {
		if w == 0 || !s.owns(w.tag()) {
			continue
		}
		at = max(at, s.home(w.tag()))
		for at < len(s.words) && s.words[at] != 0 {
			at++
		}
		if at < len(s.words) {
			s.words[at] = w
		} else {
			s.over = append(s.over, w)
		}
		s.n++
	}
	for _, w := range from.over {
		if s.owns(w.tag()) {
			s.put(w)
		}
	}
}

// owns reports whether a tag begins with the segment's bits.
func (s *segment) owns(tag uint32) bool { return (tag^s.prefix)>>(32-s.depth) == 0 }

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
