// Package list is a sequence of byte strings that is cheap at both ends, in the
// manner of Redis's quicklist: a deque of blocks, each a packed sequence
// without pointers. Of a million elements of 16 bytes each costs 17.1.
//
//	blocks  | start -3 |  | start 477 |  | start 960 | ...
//	          elements      elements       elements
//
// Each block knows the place of its first element, counted from any start, so an index
// is found by bisection. A range is handed out as runs, one for each block: who wants
// copies copies a run's bytes at once and cuts them by its lengths.
//
// # Measured
//
// Beside a Go slice of strings under a lock, processor time, two loaded cores, through
// package types (internal/bench, contest "one list"; 1.0 is the slice's time divided by
// Reside's): a push 0.7 to 1.0, a range of 100 whose strings are copies 1.7 to 1.9, one
// whose strings are the slice's own 0.5 to 0.6, a pop 0.2. A pop of the slice is 30 ns:
// it hands out the string that the push has copied, while here the memory of a list has
// no strings and the pop makes one. Of some 100 ns for a push or a pop in a list that
// stands in the cache, the container takes 12; lock and transaction take 28, finding the
// key 12, the accounts 10, the string of a pop 20, the memory that a push encodes into 20,
// and calls between the layers the rest.
//
// With a million elements, in one run, 1 goroutine and 4: a push 0.75 and 0.76, a range of
// copies 1.34 and 1.61, of the slice's own strings 0.46 and 0.44, a pop 0.24 and 0.35;
// 1.0, 2.0 and 1.0 were aimed at. In the profile of a range 31 of 100 make and fill the one
// string that all are parts of, 15 make the slice, 14 cut the string, 28 find the place:
// 19 of them add up the lengths that stand before it in its block.
//
// What was tried: a pop that hands out what it removes (one look at the key instead of
// two; a third of a pop); runs instead of a slice of borrowed elements, which is written
// and read once more (a range of 100 from 5.5 to 1.8 µs, from 102 allocations to 2); new
// blocks of long lists at full size (17 bytes of allocation a push, not 45); key and
// list beside each other in memory (see the engine's nest; a fifth of a lookup where
// collections are many, nothing where one stands in the cache).
//
// A List is not safe for concurrent use. Its zero value is empty and ready.
package list

import (
	"unsafe"

	"github.com/residedb/reside/internal/ds/packed"
)

// maxBlock is how many bytes a block has, unless it is one for a longer element. So an
// element of 16 bytes costs 17.1, and one in the middle moves 8 KiB at most. The last
// block of a list starts at a part of it and grows.
const (
	maxBlock = 8 << 10
	minBlock = 64
)

// Limits say how long a list's encoding is "listpack".
type Limits struct {
	Size int // list-max-listpack-size: elements if positive, -1 to -5 for 4 to 64 KiB
}

// DefaultLimits are Redis's.
func DefaultLimits() Limits { return Limits{Size: -2} }

// List is a sequence of byte strings.
type List struct {
	blocks packed.Deque[block]
	n      int
	bytes  int64  // of all blocks
	packed int    // what a listpack of all elements would take
	quick  bool   // the encoding is quicklist
	visit  *Visit // that has to know of changes, nil for none
}

// block is some elements one behind another. Places count from any start, and the blocks
// know theirs, so that an index is found by bisection; a push in front starts earlier.
type block struct {
	packed.Seq
	start int // the place of the first element
}

// New makes an empty list.
func New() *List { return &List{packed: packed.ListpackHeader} }

// Len is how many elements there are.
func (l *List) Len() int { return l.n }

// Bytes estimates the heap memory. O(1).
func (l *List) Bytes() int64 {
	return int64(unsafe.Sizeof(*l)) + l.bytes + int64(l.blocks.Cap())*int64(unsafe.Sizeof(block{}))
}

// change runs f on a block and keeps the accounts.
func (l *List) change(b *block, f func()) {
	l.bytes -= b.Bytes()
	f()
	l.bytes += b.Bytes()
}

// Push adds a copy of v at the back or the front. O(1) amortised.
func (l *List) Push(back bool, v []byte) {
	if l.visit != nil {
		l.readyEnd(back)
	}
	b := l.end(back)
	if b == nil || !b.Room(back, len(v)) {
		b = l.makeRoom(b, back, len(v))
	}
	if back {
		b.PushBack(v)
	} else {
		b.PushFront(v)
		b.start--
	}
	l.n++
	l.packed += packed.ListpackSize(v)
}

// ready says that a block is about to be changed.
func (l *List) ready(block int) {
	if l.visit != nil {
		l.visit.ready(block)
	}
}

// readyEnd is ready for the block at an end.
func (l *List) readyEnd(back bool) {
	if n := l.blocks.Len(); back {
		l.ready(n - 1)
	} else {
		l.ready(0)
	}
}

// end is the block at an end, nil if there is none.
func (l *List) end(back bool) *block {
	switch n := l.blocks.Len(); {
	case n == 0:
		return nil
	case back:
		return l.blocks.At(n - 1)
	}
	return l.blocks.At(0)
}

// makeRoom gives the block at an end, or a new one there, room for an element of n bytes.
func (l *List) makeRoom(b *block, back bool, n int) *block {
	size := minBlock
	if b != nil {
		if size = l.grown(b, n); size == 0 && b.Len() > 0 {
			b, size = nil, int(min(max(l.bytes/8, maxBlock/8), maxBlock))
		}
	}
	if b == nil {
		b = l.addEnd(back)
	}
	l.change(b, func() { b.Resize(back, max(size, b.Need(n)), n) })
	return b
}

// Expect makes room in an empty list for n elements, of so many bytes together and of
// longest at most, or for the first of them if they are many.
func (l *List) Expect(n, bytes, longest int) {
	if l.blocks.Len() > 0 || longest > maxBlock/2 {
		return
	}
	b := l.addEnd(true)
	l.change(b, func() { b.Resize(true, min(bytes+n, maxBlock), longest) })
}

// addEnd adds an empty block at an end.
func (l *List) addEnd(back bool) *block {
	switch n := l.blocks.Len(); {
	case n == 0:
		l.blocks.PushBack(block{})
	case back:
		last := l.blocks.At(n - 1)
		l.blocks.PushBack(block{start: last.start + last.Len()})
	default:
		l.blocks.PushFront(block{start: l.blocks.At(0).start})
		if l.visit != nil {
			l.visit.inserted(0)
		}
	}
	return l.end(back)
}

// grown is the size that a block should get for another element of n bytes, 0 if that
// should go into another block. What is free at its other end is used if it is much.
func (l *List) grown(b *block, n int) int {
	size, need := int(b.Bytes()), b.Need(n)
	switch {
	case need <= size/4*3:
		return size
	case size >= maxBlock || need > maxBlock:
		return 0
	}
	return min(size+size/2, maxBlock)
}

// find is the block and the place in it of element i.
func (l *List) find(i int) (at, in int) {
	place := l.blocks.At(0).start + i
	low, high := 0, l.blocks.Len()-1
	if last := l.blocks.At(high); place-last.start >= 0 { // starts may overflow
		return high, place - last.start
	}
	for low < high-1 {
		if mid := (low + high) / 2; place-l.blocks.At(mid).start >= 0 {
			low = mid
		} else {
			high = mid
		}
	}
	return low, place - l.blocks.At(low).start
}

// number tells the blocks from i on where they start, if there is one before i or its
// start stands.
func (l *List) number(i int) {
	for i = max(i, 1); i < l.blocks.Len(); i++ {
		before := l.blocks.At(i - 1)
		l.blocks.At(i).start = before.start + before.Len()
	}
}

// Index is element i, borrowed until the next change. O(log n).
func (l *List) Index(i int) []byte {
	block, at := l.find(i)
	return l.blocks.At(block).At(at)
}

// Set replaces element i by a copy of v.
func (l *List) Set(i int, v []byte) {
	block, at := l.find(i)
	l.ready(block)
	b := l.blocks.At(block)
	l.packed += packed.ListpackSize(v) - packed.ListpackSize(b.At(at))
	l.change(b, func() { b.Set(at, v) })
	l.halve(block)
}

// Insert puts a copy of v before element i; i may be Len.
func (l *List) Insert(i int, v []byte) {
	if i == 0 || i == l.n {
		l.Push(i != 0, v)
		return
	}
	block, at := l.find(i)
	l.ready(block)
	b := l.blocks.At(block)
	l.change(b, func() { b.Insert(at, v) })
	l.n++
	l.packed += packed.ListpackSize(v)
	l.halve(block)
	l.number(block + 1)
}

// halve splits a block that has got too long.
func (l *List) halve(block int) {
	if b := l.blocks.At(block); b.Need(0) > 2*maxBlock && b.Len() > 1 {
		l.split(block, b.Len()/2)
		l.halve(block + 1)
		l.halve(block)
	}
}

// split moves the elements of a block, which is ready, from at on to a new block behind it.
func (l *List) split(i, at int) {
	b := l.blocks.At(i)
	rest := block{start: b.start + at}
	b.Each(at, true, func(v []byte) bool {
		rest.PushBack(v)
		return true
	})
	l.change(b, func() {
		b.Delete(at, b.Len()-at)
		b.Resize(true, b.Need(0), 0)
	})
	l.bytes += rest.Bytes()
	l.blocks.Insert(i+1, rest)
	if l.visit != nil {
		l.visit.inserted(i + 1)
	}
}

// Delete removes n elements from i on. O(Len/500 + n).
func (l *List) Delete(i, n int) {
	if n == l.n {
		l.reset()
		return
	}
	if n == 1 && (i == 0 || i == l.n-1) {
		l.Pop(i > 0)
		return
	}
	block, at := l.find(i)
	empty := 0
	for j := block; n > 0; j++ {
		l.ready(j)
		b := l.blocks.At(j)
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
		l.bytes -= b.Bytes()
	}
	if empty > 0 {
		l.drop(block, empty)
	}
	l.number(block)
}

// Pop removes the element at an end and returns it, borrowed until the next change.
// O(1) amortised.
func (l *List) Pop(back bool) []byte {
	if l.visit != nil {
		l.readyEnd(back)
	}
	b := l.end(back)
	l.bytes -= b.Bytes()
	v := b.Pop(back)
	if !back {
		b.start++
	}
	l.bytes += b.Bytes()
	l.packed -= packed.ListpackSize(v)
	l.n--
	if b.Len() == 0 {
		l.dropEnd(back)
	}
	return v
}

// dropEnd removes the block at an end.
func (l *List) dropEnd(back bool) {
	block := 0
	if back {
		block = l.blocks.Len() - 1
	}
	l.bytes -= l.blocks.At(block).Bytes()
	l.drop(block, 1)
}

// drop removes blocks that are ready.
func (l *List) drop(block, n int) {
	l.blocks.Delete(block, n)
	if l.visit != nil {
		l.visit.deleted(block, n)
	}
}

// DeleteAll removes the elements at the given indexes, which ascend. O(Len/500 +
// len(at)).
func (l *List) DeleteAll(at []int) {
	if len(at) == l.n {
		l.reset()
		return
	}
	if l.visit != nil {
		l.visit.saveAll() // as many blocks as are looked at here
	}
	first, kept := 0, 0
	for i := range l.blocks.Len() {
		b := l.blocks.At(i)
		n := b.Len()
		for gone := 0; len(at) > 0 && at[0] < first+n; gone++ {
			l.forget(b, at[0]-first-gone, 1)
			at = at[1:]
		}
		first += n
		if b.Len() == 0 {
			l.bytes -= b.Bytes()
			continue
		}
		*l.blocks.At(kept) = *b
		kept++
	}
	l.blocks.Delete(kept, l.blocks.Len()-kept)
	l.number(1)
}

func (l *List) reset() {
	if l.visit != nil {
		l.visit.Close() // the blocks are its own
	}
	*l = List{packed: packed.ListpackHeader, quick: l.quick}
}

// forget removes n elements of a block from at on.
func (l *List) forget(b *block, at, n int) {
	left := n
	b.Each(at, true, func(v []byte) bool {
		l.packed -= packed.ListpackSize(v)
		left--
		return left > 0
	})
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
		if !l.blocks.At(block).Each(at, forward, fn) {
			return
		}
		block += step
		if block < 0 || block >= l.blocks.Len() {
			return
		}
		at = 0
		if !forward {
			at = l.blocks.At(block).Len() - 1
		}
	}
}

// Runs calls fn with the n elements from i on, in runs of many. fn must not change the
// list.
func (l *List) Runs(i, n int, fn func(r packed.Run)) {
	if n <= 0 {
		return
	}
	for block, at := l.find(i); n > 0; block, at = block+1, 0 {
		b := l.blocks.At(block)
		take := min(n, b.Len()-at)
		fn(b.Run(at, take))
		n -= take
	}
}

// Clone copies the list.
func (l *List) Clone() *List {
	c := *l
	c.visit = nil
	c.blocks = l.blocks.Clone()
	c.bytes = 0
	for i := range c.blocks.Len() {
		b := c.blocks.At(i)
		b.Seq = b.Clone()
		c.bytes += b.Bytes()
	}
	return &c
}
