package slab

import "iter"

// Visit copies the blocks that a heap had when the visit began, some at a time, while
// the heap changes:
//
//	chunk   [ read  read | not yet    new    saved   not yet | ...
//	                       ▲ at       └──── skipped ────┘
//
// It goes through the chunks in the order of memory. What is freed or made ready to be
// written before its turn is saved first, as what it was (Heap.Free, Heap.Ready); what
// is new is marked, in a bit for each unit of a chunk. So a change costs a copy of one
// block, once, and the heap is never copied as a whole. Blocks of their own are not
// copied at all: while a visit runs nobody writes into one, see Heap.Ready.
//
// A heap that is visited does not move.
type Visit struct {
	heap   *Heap
	length func(block []byte) int
	at     place
	ends   [regions]place     // where the blocks of each region ended
	skip   map[place]*unitSet // blocks that are new or saved, by chunk
	saved  Blocks
	spare  *page
}

// place orders all blocks: those of the era before, of this one, and of their own; in
// a region by their units.
type place uint64

const (
	older = iota
	young
	owned
	regions

	regionBits = 32
)

func placeOf(region int, at uint32) place { return place(region)<<regionBits | place(at) }

func (p place) region() int { return int(p >> regionBits) }
func (p place) index() int  { return int(uint32(p)) }
func (p place) chunk() int  { return p.index() >> chunkBits }
func (p place) unit() int   { return p.index() & (1<<chunkBits - 1) }

// unitSet has a bit for each unit of a chunk.
type unitSet [1 << chunkBits / 64]uint64

// Visit begins a visit, which ends with Close; there is only one at a time. length
// tells how many bytes of a block its owner has. O(1).
//
// If fixed is set, nobody will change the heap as long as the visit runs: it can be one
// that others read.
func (h *Heap) Visit(fixed bool, length func(block []byte) int) *Visit {
	v := &Visit{heap: h, length: length}
	v.ends = [regions]place{
		placeOf(older, uint32(len(h.old)<<chunkBits)),
		placeOf(young, 0),
		placeOf(owned, uint32(len(h.own))),
	}
	if n := len(h.chunks); n > 0 {
		v.ends[young] += place((n-1)<<chunkBits + h.end)
	}
	if !fixed {
		h.visit = v
	}
	return v
}

// Close ends the visit's hold of the heap. The visit may still be read as long as the
// heap does not change.
func (v *Visit) Close() {
	if v.heap != nil && v.heap.visit == v {
		v.heap.visit = nil
	}
}

// Next copies up to n more blocks. It returns them with all that was saved meanwhile,
// and whether there may be more. used is what it returned before, if nobody needs it
// any more. It is called under the heap's lock; what it returns needs none. Blocks of
// their own it shares: they stay as they are until the next call, which there is for
// them even if nothing else is left.
func (v *Visit) Next(used Blocks, n int) (read Blocks, more bool) {
	v.recycle(used)
	size := v.saved.size
	for more = true; more && n > 0 && v.saved.size-size < maxBlock; n-- {
		more = v.step()
	}
	read, v.saved = v.saved, Blocks{}
	return read, more || len(read.own) > 0
}

// recycle keeps one page for the next blocks.
func (v *Visit) recycle(used Blocks) {
	if p := used.first; p != nil {
		p.bytes, p.next = p.bytes[:0], nil
		v.spare = p
	}
}

// step reads the block in turn, unless that is free or skipped. It reports false if
// there is none.
func (v *Visit) step() bool {
	chunk, ok := v.seek()
	if !ok {
		return false
	}
	p := v.at
	if p.region() == owned {
		v.at++
		if chunk != nil && !v.skips(p) {
			v.saved.share(chunk)
		}
		return true
	}
	b := chunk[p.unit()*unit:]
	if b[0] == Free {
		v.at += place(int(b[1]) | int(b[2])<<8)
		return true
	}
	n := v.length(b)
	v.at += place(Size(n) / unit)
	if !v.skips(p) {
		v.copy(b[:n])
	}
	return true
}

// seek goes on to the next block and returns its chunk, or, in the last region, its own
// memory, nil if it was freed.
func (v *Visit) seek() (chunk []byte, ok bool) {
	for v.heap != nil && v.at < v.ends[owned] {
		r := v.at.region()
		switch {
		case v.at >= v.ends[r]:
			v.at = placeOf(r+1, 0)
			continue
		case r == owned:
			return v.heap.own[v.at.index()], true
		case v.at.index() == 0:
			v.at++ // the reference of the first unit is none
			continue
		}
		chunk := v.heap.chunkAt(v.at)
		if v.at.unit()*unit < len(chunk) {
			return chunk, true
		}
		delete(v.skip, v.at>>chunkBits)
		v.at = placeOf(r, uint32((v.at.chunk()+1)<<chunkBits))
	}
	return nil, false
}

// chunkAt is the chunk of a place, nil if it was evacuated.
func (h *Heap) chunkAt(p place) []byte {
	if p.region() == older {
		return h.old[p.chunk()]
	}
	return h.chunks[p.chunk()]
}

// of is the place of a block.
func (v *Visit) of(r Ref) place {
	switch {
	case r&ownBit != 0:
		return placeOf(owned, uint32(r&^ownBit))
	case r&eraBit == v.heap.era:
		return placeOf(young, uint32(r&^eraBit))
	}
	return placeOf(older, uint32(r&^eraBit))
}

// skips reports whether the block at a place is new or saved.
func (v *Visit) skips(p place) bool {
	set := v.skip[p>>chunkBits]
	return set != nil && set[p.unit()/64]>>(p.unit()%64)&1 != 0
}

// pass makes the visit skip a block that is new or saved.
func (v *Visit) pass(p place) {
	if p >= v.ends[p.region()] || p < v.at && p.region() != owned {
		return // it would never come to it
	}
	set := v.skip[p>>chunkBits]
	if set == nil {
		if v.skip == nil {
			v.skip = map[place]*unitSet{}
		}
		set = new(unitSet)
		v.skip[p>>chunkBits] = set
	}
	set[p.unit()/64] |= 1 << (p.unit() % 64)
}

// had reports whether the heap had the block at a place when the visit began, and
// the block was not saved.
func (v *Visit) had(p place) bool { return p < v.ends[p.region()] && !v.skips(p) }

// save keeps a block of n bytes, if its turn is still to come.
func (v *Visit) save(r Ref, n int) {
	p := v.of(r)
	if p < v.at || !v.had(p) {
		return
	}
	if r&ownBit != 0 {
		v.saved.share(v.heap.own[p.index()])
	} else {
		v.copy(v.heap.Block(r)[:n])
	}
	v.pass(p)
}

// copy adds a copy of a block to what is saved.
func (v *Visit) copy(b []byte) {
	if v.saved.first == nil && v.spare != nil {
		v.saved.first, v.saved.last, v.spare = v.spare, v.spare, nil
	}
	v.saved.copy(b)
}

// Untidy reports whether there is something to do for Move and Evacuate: little of the
// heap is in use, and no visit runs.
func (h *Heap) Untidy() bool { return h.visit == nil && (h.Moving() || h.Sparse()) }

// Ready is called before something is written into a block of n bytes that somebody
// owns: a visit saves it first. It reports false if the block must not be written to,
// but has to be replaced: one of its own, which the visit shares.
func (h *Heap) Ready(r Ref, n int) bool { return h.visit == nil || h.visit.ready(r, n) }

func (v *Visit) ready(r Ref, n int) bool {
	if r&ownBit != 0 {
		return !v.had(v.of(r))
	}
	v.save(r, n)
	return true
}

// Clear empties the heap.
func (h *Heap) Clear() {
	if h.visit != nil {
		h.visit.heap = nil // all that it had was freed, and so it was saved
	}
	*h = Heap{}
}

// Blocks are copies of blocks, in no order.
type Blocks struct {
	first, last *page
	own         [][]byte
	size        int // bytes copied
}

// page holds blocks one behind another, each in whole units.
type page struct {
	bytes []byte
	next  *page
}

const minPage = 1 << 10

func (b *Blocks) share(block []byte) { b.own = append(b.own, block) }

func (b *Blocks) copy(block []byte) {
	n := (len(block) + unit - 1) &^ (unit - 1)
	if p := b.last; p == nil || cap(p.bytes)-len(p.bytes) < n {
		room := minPage
		if p != nil {
			room = min(2*cap(p.bytes), chunkSize)
		}
		b.grow(max(room, n))
	}
	p := b.last
	at := len(p.bytes)
	p.bytes = p.bytes[:at+n]
	copy(p.bytes[at:], block)
	b.size += n
}

func (b *Blocks) grow(room int) {
	p := &page{bytes: make([]byte, 0, room)}
	if b.last == nil {
		b.first = p
	} else {
		b.last.next = p
	}
	b.last = p
}

// All iterates the blocks, of which length tells how long they are.
func (b Blocks) All(length func(block []byte) int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for p := b.first; p != nil; p = p.next {
			for rest := p.bytes; len(rest) > 0; {
				n := length(rest)
				if !yield(rest[:n]) {
					return
				}
				rest = rest[(n+unit-1)&^(unit-1):]
			}
		}
		for _, block := range b.own {
			if !yield(block[:length(block)]) {
				return
			}
		}
	}
}
