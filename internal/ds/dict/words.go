package dict

import "github.com/residedb/reside/internal/ds/slab"

// Words are what a Dict finds its blocks by, for an owner that has blocks of its own:
// references by the low 32 bits of a hash. Its zero value is empty.
type Words struct{ segments }

// Place is where the reference of a block stands, until the next change of the words.
type Place struct{ place }

// Found reports whether there is a reference.
func (p Place) Found() bool { return p.s != nil }

// Ref is the reference at a place that has one.
func (p Place) Ref() slab.Ref { return p.word().ref() }

// Set puts another reference there, of a block with the same hash.
func (p Place) Set(r slab.Ref) { p.set(wordOf(p.word().tag(), r)) }

// Len is how many references there are.
func (x *Words) Len() int { return x.count }

// First is the place of the first reference of a hash. O(1).
func (x *Words) First(hash uint64) Place {
	if x.count == 0 {
		return Place{}
	}
	tag := uint32(hash)
	s := x.of(tag)
	for i := s.home(tag); i < len(s.words); i++ {
		w := s.words[i]
		if w == 0 || w.tag() > tag {
			break
		}
		if w.tag() == tag {
			return Place{place{s, i}}
		}
	}
	return nextOver(s, 0, tag)
}

// Next is the place of the next reference of the same hash.
func (x *Words) Next(p Place, hash uint64) Place {
	tag, i := uint32(hash), p.i+1
	if i < len(p.s.words) && p.s.words[i] != 0 && p.s.words[i].tag() == tag {
		return Place{place{p.s, i}}
	}
	return nextOver(p.s, max(i-len(p.s.words), 0), tag)
}

func nextOver(s *segment, from int, tag uint32) Place {
	for j := from; j < len(s.over); j++ {
		if s.over[j].tag() == tag {
			return Place{place{s, len(s.words) + j}}
		}
	}
	return Place{}
}

// Insert adds a reference. O(1) amortised.
func (x *Words) Insert(hash uint64, r slab.Ref) { x.insert(wordOf(uint32(hash), r)) }

// Remove takes out the reference at a place. O(1) amortised.
func (x *Words) Remove(p Place) { x.remove(p.place) }

// Span is Dict.Span for references.
func (x *Words) Span() int {
	if x.count == 0 {
		return 0
	}
	return x.span()
}

// At is the reference at a place in [0, Span), 0 if there is none.
func (x *Words) At(i int) slab.Ref { return x.wordAt(i).ref() }

// Scan is Dict.Scan for references.
func (x *Words) Scan(cursor uint64, emit func(slab.Ref)) (next uint64) {
	return x.scan(cursor, func(w word) { emit(w.ref()) })
}

// Clone copies the words.
func (x *Words) Clone() Words { return Words{x.clone()} }
