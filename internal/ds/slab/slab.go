// Package slab keeps byte strings in memory without pointers: whatever they are
// many, the garbage collector sees a few big blocks.
//
// A Heap cuts blocks out of chunks and names each by a Ref of 32 bits:
//
//	Ref     | 0 | era | unit          30 |     a block in a chunk
//	        | 1 | index               31 |     a block of its own
//
//	chunks  [ block block free block ... ] [ ... ] [ ...      ← end
//
// A unit is 4 bytes, and a chunk 64 KiB; the last one of a small heap starts small and
// grows, by a quarter of the heap, as references do not care where it lies. Blocks have
// sizes of some classes, so that a freed one serves the next of its class: the freed blocks of a class are a list, each
// with the reference of the next. What is longer than a quarter of a chunk gets memory
// of its own.
//
// # Giving memory back
//
// A heap of which most is free moves: an era begins, new blocks come from new chunks,
// and Evacuate, called now and then, moves what lives in one old chunk and drops it.
// So memory that was freed goes back to Go piece by piece, without a long pause. Only
// the owner can tell whose block is whose, so it does the moving; see Evacuate.
//
// # Visits
//
// All blocks of a moment can be read while the heap changes, see Visit.
//
// A Heap is not safe for concurrent use. Its zero value is empty and ready.
package slab

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/residedb/reside/internal/invariants"
)

// Ref names a block. 0 is none.
type Ref uint32

const (
	unit      = 4
	chunkBits = 14 // units in a chunk
	chunkSize = unit << chunkBits
	minChunk  = 256
	maxBlock  = chunkSize / 4
	growth    = 4 // a heap grows by this part of it

	ownBit  Ref = 1 << 31
	eraBit  Ref = 1 << 30
	maxUnit     = 1 << 30
)

// Free is the first byte of a block that nobody owns. No owner may write it there.
const Free = 0xff

// Heap is memory for blocks.
type Heap struct {
	first  []byte // the first chunk, which a small heap finds without a look into chunks
	chunks [][]byte
	end    int      // first unit of the last chunk that was never used
	free   []Ref    // by class: the first freed block, 0 for none
	own    [][]byte // blocks of their own, nil where one was freed
	spare  []uint32 // places in own
	era    Ref      // eraBit or 0, of chunks
	old    [][]byte // chunks of the era before, nil once evacuated
	visit  *Visit   // that is under way, or nil
	usage           // of blocks
}

type usage struct {
	taken int64 // bytes of chunks, old ones too, and of blocks of their own
	used  int64 // bytes of blocks that somebody owns
}

// class is the place of a size among the classes, and the size of its blocks: every
// multiple of 4 to 64, then 8 steps between powers of two.
func class(n int) (c, size int) {
	if n <= 64 {
		c = max((n+unit-1)/unit, 2)
		return c, c * unit
	}
	shift := bits.Len(uint(n-1)) - 4
	size = (n + 1<<shift - 1) &^ (1<<shift - 1)
	return 16 + 8*(shift-3) + size>>shift - 8, size
}

// Size is how many bytes a block of n bytes takes.
func Size(n int) int {
	if n > maxBlock {
		return n
	}
	_, size := class(n)
	return size
}

// Alloc makes a block of n bytes, which are anything. The block is valid until the
// next change of the heap; Block finds it again.
func (h *Heap) Alloc(n int) (Ref, []byte) {
	if n > maxBlock {
		return h.allocOwn(n)
	}
	c, size := class(n)
	h.used += int64(size)
	if c < len(h.free) && h.free[c] != 0 {
		r := h.free[c]
		b := h.Block(r)
		h.free[c] = Ref(binary.LittleEndian.Uint32(b[unit:]))
		if h.visit != nil {
			h.visit.pass(h.visit.of(r))
		}
		return r, b[:n]
	}
	if !h.room(size / unit) {
		h.used -= int64(size)
		return h.allocOwn(n)
	}
	at := h.end
	h.end += size / unit
	r := h.era | Ref((len(h.chunks)-1)<<chunkBits+at)
	return r, h.chunks[len(h.chunks)-1][at*unit : at*unit+n]
}

// room makes the last chunk have so many unused units. It reports false if there are
// no references left.
func (h *Heap) room(units int) bool {
	n := len(h.chunks)
	if n == 0 {
		h.end = 1 // the reference of the first unit is none
		h.resize(0, (h.end+units)*unit)
		return true
	}
	last := len(h.chunks[n-1])
	if h.end+units <= last/unit {
		return true
	}
	if (h.end+units)*unit <= chunkSize && last < chunkSize {
		h.resize(n-1, max((h.end+units)*unit, last+int(min(h.taken/growth, chunkSize))))
		return true
	}
	if n<<chunkBits >= maxUnit {
		return false
	}
	h.addRest()
	h.end = 0
	h.resize(n, max(units*unit, int(min(h.taken/growth, chunkSize))))
	return true
}

// resize gives a chunk, perhaps a new one behind the last, at least so many bytes: as
// many as fit the memory that Go gives for them.
func (h *Heap) resize(i, size int) {
	if i == len(h.chunks) {
		h.chunks = append(h.chunks, nil)
	}
	size = min(max(size, minChunk), chunkSize)
	b := append([]byte(nil), make([]byte, size)...)
	n := min(cap(b), chunkSize) &^ (unit - 1)
	b = b[:n:n]
	copy(b, h.chunks[i])
	h.taken += int64(n - len(h.chunks[i]))
	h.chunks[i] = b
	h.first = h.chunks[0]
}

// addRest frees what is left of the last chunk, so that its blocks can be walked.
func (h *Heap) addRest() {
	if len(h.chunks) == 0 {
		return // all blocks have memory of their own
	}
	last := h.chunks[len(h.chunks)-1]
	for left := len(last) - h.end*unit; left > 0; left = len(last) - h.end*unit {
		size := min(left, 64)
		if size < 2*unit {
			mark(last[h.end*unit:], size)
			h.end += size / unit
			continue
		}
		r := h.era | Ref((len(h.chunks)-1)<<chunkBits+h.end)
		h.end += size / unit
		h.release(r, last[(h.end*unit-size):h.end*unit])
	}
}

// mark writes that a block is free, and its size in units.
func mark(b []byte, size int) {
	b[0] = Free
	b[1], b[2] = byte(size/unit), byte(size/unit>>8)
}

// release puts a block of a class into its list.
func (h *Heap) release(r Ref, b []byte) {
	if invariants.Enabled {
		for i := range b {
			b[i] = 0xdd
		}
	}
	mark(b, len(b))
	c, _ := class(len(b))
	for c >= len(h.free) {
		h.free = append(h.free, 0)
	}
	binary.LittleEndian.PutUint32(b[unit:], uint32(h.free[c]))
	h.free[c] = r
}

// allocOwn gives a block memory of its own, with room to its class like every other.
func (h *Heap) allocOwn(n int) (Ref, []byte) {
	b := make([]byte, Size(n))
	h.used += int64(len(b))
	h.taken += int64(len(b))
	if k := len(h.spare); k > 0 {
		i := h.spare[k-1]
		h.spare = h.spare[:k-1]
		h.own[i] = b
		if h.visit != nil {
			h.visit.pass(placeOf(owned, i))
		}
		return ownBit | Ref(i), b[:n]
	}
	h.own = append(h.own, b)
	return ownBit | Ref(len(h.own)-1), b[:n]
}

// Block is the memory from a block's begin on; the owner knows how long it is.
func (h *Heap) Block(r Ref) []byte {
	switch at := r ^ h.era; {
	case at < 1<<chunkBits:
		return h.first[at*unit:]
	case at < eraBit:
		return h.chunks[at>>chunkBits][at&(1<<chunkBits-1)*unit:]
	}
	return h.other(r)
}

// other is Block for what has memory of its own or stands in the old era.
func (h *Heap) other(r Ref) []byte {
	if r&ownBit != 0 {
		return h.own[r&^ownBit]
	}
	r &^= eraBit
	return h.old[r>>chunkBits][r&(1<<chunkBits-1)*unit:]
}

// Free gives a block of n bytes back.
func (h *Heap) Free(r Ref, n int) {
	if h.visit != nil {
		h.visit.save(r, n)
	}
	if r&ownBit != 0 {
		i := uint32(r &^ ownBit)
		size := int64(len(h.own[i]))
		h.own[i] = nil
		h.spare = append(h.spare, i)
		h.used -= size
		h.taken -= size
		return
	}
	size := Size(n)
	h.used -= int64(size)
	b := h.Block(r)[:size]
	if r&eraBit != h.era {
		mark(b, size)
		return
	}
	h.release(r, b)
}

// Taken is how many bytes the heap has taken from Go.
func (h *Heap) Taken() int64 { return h.taken }

// Used is how many bytes blocks have, those that are free left out.
func (h *Heap) Used() int64 { return h.used }

// Moving reports whether an old era is being left.
func (h *Heap) Moving() bool { return h.old != nil }

// Sparse reports whether so little is in use that the heap should move.
func (h *Heap) Sparse() bool {
	return !h.Moving() && len(h.chunks) > 4 && h.used < h.taken/4
}

// Move begins a new era: every block that lives is to be moved by Evacuate.
func (h *Heap) Move() {
	h.addRest()
	h.old, h.chunks, h.first, h.free, h.end = h.chunks, nil, nil, nil, 0
	h.era ^= eraBit
}

// Evacuate moves the blocks of one old chunk into the new era. length tells how many
// bytes of a block its owner has; moved hears of each block's new reference, once its
// bytes are there.
func (h *Heap) Evacuate(length func(block []byte) int, moved func(from, to Ref, block []byte)) {
	i := len(h.old) - 1
	for i >= 0 && h.old[i] == nil {
		i--
	}
	if i < 0 {
		h.old = nil
		return
	}
	chunk := h.old[i]
	at := 0
	if i == 0 {
		at = unit
	}
	for at < len(chunk) {
		b := chunk[at:]
		if b[0] == Free {
			at += (int(b[1]) | int(b[2])<<8) * unit
			continue
		}
		n := length(b)
		from := h.era ^ eraBit | Ref(i<<chunkBits+at/unit)
		to, block := h.Alloc(n)
		copy(block, b[:n])
		h.used -= int64(Size(n))
		moved(from, to, block)
		at += Size(n)
	}
	h.old[i] = nil
	h.taken -= int64(len(chunk))
	if i == 0 {
		h.old = nil
	}
}

// Clone copies the heap: the same references name the same bytes.
func (h *Heap) Clone() Heap {
	c := *h
	c.visit = nil
	c.chunks, c.old, c.own = cloneAll(h.chunks), cloneAll(h.old), cloneAll(h.own)
	if len(c.chunks) > 0 {
		c.first = c.chunks[0]
	}
	c.free, c.spare = slices.Clone(h.free), slices.Clone(h.spare)
	return c
}

func cloneAll(list [][]byte) [][]byte {
	twin := slices.Clone(list)
	for i := range twin {
		twin[i] = slices.Clone(twin[i])
	}
	return twin
}
