package list

import (
	"unsafe"

	"github.com/residedb/reside/internal/ds/packed"
)

// Visit reads the elements that a list had when the visit began, a block at a time. It
// shares the blocks with the list, which copies one before it writes to it.
type Visit struct {
	blocks packed.Deque[block]
	next   int // block
	n      int // elements
}

// Visit begins a visit. If fixed is set, the list will not change meanwhile. O(Len/500).
func (l *List) Visit(fixed bool) *Visit {
	if !fixed {
		for i := range l.blocks.Len() {
			l.blocks.At(i).Share()
		}
	}
	return &Visit{blocks: l.blocks.Clone(), next: -1, n: l.n}
}

// Len is how many elements there were.
func (v *Visit) Len() int { return v.n }

// Copied is how many bytes the visit has copied to begin.
func (v *Visit) Copied() int { return v.blocks.Len() * int(unsafe.Sizeof(block{})) }

// Whole reports whether the visit has all it needs: it is no concern of it what becomes
// of the list.
func (v *Visit) Whole() bool { return true }

// Read goes on to the next block and reports whether there may be more.
func (v *Visit) Read(int) (more bool) {
	v.next++
	return v.next+1 < v.blocks.Len()
}

// Each calls fn with the elements of the block, in order, each of them borrowed for the
// call. It needs no lock.
func (v *Visit) Each(fn func(element []byte)) {
	if v.next < v.blocks.Len() {
		v.blocks.At(v.next).Each(0, true, func(b []byte) bool {
			fn(b)
			return true
		})
	}
}

// Close ends the visit.
func (v *Visit) Close() {}
