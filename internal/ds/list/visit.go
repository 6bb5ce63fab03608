package list

import (
	"slices"
	"unsafe"

	"github.com/residedb/reside/internal/ds/packed"
)

// Visit reads the elements that a list had when the visit began, some blocks at a time.
// It shares blocks with the list, which copies one before it writes to it.
//
// A few blocks are shared at once. Of a long list the visit shares those that it comes to:
// until then they are its spans, blocks that stand side by side as they did. The list
// tells of every block that it is about to change, which is saved, and of those that
// come and go between them:
//
//	then   0 1 2 3 4 5 6 7 8 9
//	now    . 1 2 s 4 5 + 6 7       one was read, one saved, one is new, two were saved and removed
//	spans    └─────┘   └─┘
type Visit struct {
	list   *List               // that tells of its changes; nil if what is to be read stays
	blocks packed.Deque[block] // if there is no list
	spans  []span
	saved  map[int]block // by their places of then
	next   int           // place of then
	end    int
	n      int // elements
	read   []block
}

// span is the blocks from a place on up to another one. was is the first one's of then.
type span struct{ from, to, was int }

const (
	atOnce   = 32 // blocks that are shared at once
	eachRead = 8  // the most that are read under one lock
)

// Visit begins a visit, which ends with Close; there is only one at a time. If fixed is
// set, the list will not change meanwhile. O(1).
func (l *List) Visit(fixed bool) *Visit { return l.visitFrom(fixed, atOnce) }

func (l *List) visitFrom(fixed bool, atOnce int) *Visit {
	n := l.blocks.Len()
	v := &Visit{n: l.n, end: n, spans: []span{{0, n, 0}}}
	switch {
	case fixed:
		v.blocks = l.blocks
	case n <= atOnce:
		for i := range n {
			l.blocks.At(i).Share()
		}
		v.blocks = l.blocks.Clone()
	default:
		v.list, l.visit = l, v
	}
	return v
}

// Len is how many elements there were.
func (v *Visit) Len() int { return v.n }

// Copied is how many bytes the visit has copied to begin.
func (v *Visit) Copied() int { return v.blocks.Len() * int(unsafe.Sizeof(block{})) }

// Whole reports whether the visit has all it needs: it is no concern of it what becomes
// of the list.
func (v *Visit) Whole() bool { return v.list == nil }

// Read goes on to the next n blocks, 8 at most, and reports whether there may be more.
// It is called under the lock of the list, unless the visit is whole.
func (v *Visit) Read(n int) (more bool) {
	clear(v.read)
	v.read = v.read[:0]
	for len(v.read) < min(n, eachRead) && v.next < v.end {
		v.read = append(v.read, v.take())
	}
	return v.next < v.end
}

// take is the next block.
func (v *Visit) take() block {
	b, isSaved := v.saved[v.next]
	if isSaved {
		delete(v.saved, v.next)
	}
	if len(v.spans) > 0 && v.spans[0].was == v.next {
		s := &v.spans[0]
		if !isSaved {
			b = v.share(s.from)
		}
		s.from, s.was = s.from+1, s.was+1
		if s.from == s.to {
			v.spans = v.spans[1:]
		}
	}
	v.next++
	return b
}

// share is a block that the list, if it may change, copies before it writes to it.
func (v *Visit) share(i int) block {
	if v.list == nil {
		return *v.blocks.At(i)
	}
	b := v.list.blocks.At(i)
	b.Share()
	return *b
}

// Each calls fn with the elements of the blocks, in order, each of them borrowed for the
// call. It needs no lock.
func (v *Visit) Each(fn func(element []byte)) {
	for i := range v.read {
		v.read[i].Each(0, true, func(b []byte) bool {
			fn(b)
			return true
		})
	}
}

// Close ends the visit's hold of the list, under its lock. It may still be read as long
// as the list does not change in place.
func (v *Visit) Close() {
	if v.list != nil {
		v.blocks, v.list.visit, v.list = v.list.blocks, nil, nil
	}
}

// ready saves a block that the list is about to change.
func (v *Visit) ready(i int) {
	for _, s := range v.spans {
		if i < s.from || i >= s.to {
			continue
		}
		was := s.was + i - s.from
		if _, ok := v.saved[was]; !ok {
			if v.saved == nil {
				v.saved = map[int]block{}
			}
			v.saved[was] = v.share(i)
		}
	}
}

// inserted tells of a block that is new.
func (v *Visit) inserted(i int) {
	for k := 0; k < len(v.spans); k++ {
		s := &v.spans[k]
		if s.from >= i {
			s.from, s.to = s.from+1, s.to+1
		} else if s.to > i {
			rest := span{i + 1, s.to + 1, s.was + i - s.from}
			s.to = i
			k++
			v.spans = slices.Insert(v.spans, k, rest)
		}
	}
}

// deleted tells of n blocks that are gone. The list has said before that it changes them.
func (v *Visit) deleted(i, n int) {
	spans := make([]span, 0, len(v.spans)+1)
	for _, s := range v.spans {
		if to := min(s.to, i); s.from < to {
			spans = append(spans, span{s.from, to, s.was})
		}
		if from := max(s.from, i+n); from < s.to {
			spans = append(spans, span{from - n, s.to - n, s.was + from - s.from})
		}
	}
	v.spans = spans
}

// saveAll saves all blocks, and ends the visit's hold of the list.
func (v *Visit) saveAll() {
	for _, s := range v.spans {
		for i := s.from; i < s.to; i++ {
			v.ready(i)
		}
	}
	v.spans = nil
	v.Close()
}
