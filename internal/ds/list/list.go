// Package list is a sequence of byte strings that is cheap at both ends, in the
// manner of Redis's quicklist: a deque of blocks, each a packed sequence
// without pointers.
//
// A List is not safe for concurrent use. Its zero value is empty and ready.
package list

import (
	"github.com/residedb/reside/internal/ds/packed"
)

// A block holds up to maxLen elements and, unless it is a single one, up to
// maxData bytes.
const (
	maxLen  = 128
	maxData = 8 << 10
)

// Limits say how long a list's encoding is "listpack".
type Limits struct {
	Size int // list-max-listpack-size: elements if positive, -1 to -5 for 4 to 64 KiB
}

// DefaultLimits are Redis's.
func DefaultLimits() Limits { return Limits{Size: -2} }

// List is a sequence of byte strings.
type List struct {
	blocks packed.Deque[*packed.Seq]
	n      int
	bytes  int64 // of all blocks
	packed int   // what a listpack of all elements would take
	quick  bool  // the encoding is quicklist
}

// New makes an empty list.
func New() *List { return &List{packed: packed.ListpackHeader} }

// Len is how many elements there are.
func (l *List) Len() int { return l.n }

// Bytes estimates the heap memory. O(1).
func (l *List) Bytes() int64 { return 96 + l.bytes + int64(l.blocks.Cap())*8 }

// change runs f on a block and keeps the accounts.
func (l *List) change(b *packed.Seq, f func()) {
	l.bytes -= b.Bytes()
	f()
	l.bytes += b.Bytes()
}

func full(b *packed.Seq, add int) bool {
	return b.Len() >= maxLen || b.Len() > 0 && b.Data()+add > maxData
}

// Push adds a copy of v at the back or the front. O(1) amortised.
func (l *List) Push(back bool, v []byte) {
	b := l.end(back, len(v))
	l.bytes -= b.Bytes()
	if back {
		b.PushBack(v)
	} else {
		b.PushFront(v)
	}
	l.bytes += b.Bytes()
	l.n++
	l.packed += packed.ListpackSize(v)
}

// end is the block at an end that has room.
func (l *List) end(back bool, add int) *packed.Seq {
	if n := l.blocks.Len(); n > 0 {
		i := 0
		if back {
			i = n - 1
		}
		if b := *l.blocks.At(i); !full(b, add) {
			return b
		}
	}
	b := new(packed.Seq)
	l.bytes += blockSize
	if back {
		l.blocks.PushBack(b)
	} else {
		l.blocks.PushFront(b)
	}
	return b
}

// blockSize is a block's own memory beside its elements.
const blockSize = 96

// find is the block and the place in it of element i.
func (l *List) find(i int) (block, at int) {
	if i >= l.n/2 {
		rest := l.n - i
		for block = l.blocks.Len() - 1; ; block-- {
			n := (*l.blocks.At(block)).Len()
			if rest <= n {
				return block, n - rest
			}
			rest -= n
		}
	}
	for {
		n := (*l.blocks.At(block)).Len()
		if i < n {
			return block, i
		}
		i -= n
		block++
	}
}

// Index is element i, borrowed until the next change. O(n/128).
func (l *List) Index(i int) []byte {
	block, at := l.find(i)
	return (*l.blocks.At(block)).At(at)
}

// Set replaces element i by a copy of v.
func (l *List) Set(i int, v []byte) {
	block, at := l.find(i)
	b := *l.blocks.At(block)
	l.packed += packed.ListpackSize(v) - packed.ListpackSize(b.At(at))
	l.change(b, func() { b.Set(at, v) })
	if b.Data() > 2*maxData && b.Len() > 1 {
		l.split(block, b.Len()/2)
	}
}

// Insert puts a copy of v before element i; i may be Len.
func (l *List) Insert(i int, v []byte) {
	if i == 0 || i == l.n {
		l.Push(i != 0, v)
		return
	}
	block, at := l.find(i)
	b := *l.blocks.At(block)
	if full(b, len(v)) {
		l.split(block, at)
		if at > 0 {
			l.Insert(i, v)
			return
		}
	}
	l.change(b, func() { b.Insert(at, v) })
	l.n++
	l.packed += packed.ListpackSize(v)
	if b.Len() > maxLen {
		l.split(block, b.Len()/2)
	}
}

// split moves the elements of a block from at on to a new block behind it.
func (l *List) split(block, at int) {
	b := *l.blocks.At(block)
	if at == 0 {
		return
	}
	rest := new(packed.Seq)
	for i := at; i < b.Len(); i++ {
		rest.PushBack(b.At(i))
	}
	l.change(b, func() { b.Delete(at, b.Len()-at) })
	l.bytes += rest.Bytes() + blockSize
	l.blocks.Insert(block+1, rest)
}

// Delete removes n elements from i on. O(Len/128 + n).
func (l *List) Delete(i, n int) {
	if n == l.n {
		l.reset()
		return
	}
	block, at := l.find(i)
	empty := 0
	for j := block; n > 0; j++ {
		b := *l.blocks.At(j)
		take := min(n, b.Len()-at)
		l.forget(b, at, take)
		n -= take
		at = 0
		if b.Len() > 0 {
			continue
		}
		if empty == 0 {
			block = j
		}
		empty++
		l.bytes -= b.Bytes() + blockSize
	}
	l.blocks.Delete(block, empty)
}

// DeleteAll removes the elements at the given indexes, which ascend. O(Len/128 +
// len(at)).
func (l *List) DeleteAll(at []int) {
	if len(at) == l.n {
		l.reset()
		return
	}
	first, kept := 0, 0
	for i := range l.blocks.Len() {
		b := *l.blocks.At(i)
		n := b.Len()
		for gone := 0; len(at) > 0 && at[0] < first+n; gone++ {
			l.forget(b, at[0]-first-gone, 1)
			at = at[1:]
		}
		first += n
		if b.Len() == 0 {
			l.bytes -= b.Bytes() + blockSize
			continue
		}
		*l.blocks.At(kept) = b
		kept++
	}
	l.blocks.Delete(kept, l.blocks.Len()-kept)
}

func (l *List) reset() { *l = List{packed: packed.ListpackHeader, quick: l.quick} }

// forget removes n elements of a block from at on.
func (l *List) forget(b *packed.Seq, at, n int) {
	for i := at; i < at+n; i++ {
		l.packed -= packed.ListpackSize(b.At(i))
	}
	l.n -= n
	l.change(b, func() { b.Delete(at, n) })
}

// Each calls fn with the elements from i on, forward or backward, until it
// returns false. The elements are borrowed; fn must not change the list.
func (l *List) Each(i int, forward bool, fn func(v []byte) bool) {
	if i < 0 || i >= l.n {
		return
	}
	step := 1
	if !forward {
		step = -1
	}
	block, at := l.find(i)
	for {
		b := *l.blocks.At(block)
		for ; at >= 0 && at < b.Len(); at += step {
			if !fn(b.At(at)) {
				return
			}
		}
		block += step
		if block < 0 || block >= l.blocks.Len() {
			return
		}
		at = 0
		if !forward {
			at = (*l.blocks.At(block)).Len() - 1
		}
	}
}

// Clone copies the list.
func (l *List) Clone() *List {
	c := *l
	c.blocks = l.blocks.Clone()
	c.bytes = 0
	for i := range c.blocks.Len() {
		b := (*c.blocks.At(i)).Clone()
		*c.blocks.At(i) = &b
		c.bytes += b.Bytes() + blockSize
	}
	return &c
}
