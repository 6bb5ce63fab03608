package slab

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// owner keeps blocks that begin with their length and are filled with one byte.
type owner struct {
	Heap
	t      *testing.T
	r      *rand.Rand
	blocks map[Ref]block
}

type block struct {
	n    int
	fill byte
}

func (o *owner) alloc(n int) {
	ref, b := o.Alloc(n)
	if _, twice := o.blocks[ref]; twice || ref == 0 || len(b) != n {
		require.Fail(o.t, "a bad block", "%x, %d bytes", ref, len(b))
	}
	x := block{n, byte(o.r.IntN(128))}
	for i := range b {
		b[i] = x.fill
	}
	binary.LittleEndian.PutUint32(b, uint32(n))
	o.blocks[ref] = x
}

func (o *owner) free(ref Ref) {
	o.Free(ref, o.blocks[ref].n)
	delete(o.blocks, ref)
}

func (o *owner) any() Ref {
	for ref := range o.blocks {
		return ref
	}
	return 0
}

func (o *owner) evacuate() {
	o.Evacuate(func(b []byte) int { return int(binary.LittleEndian.Uint32(b)) }, func(from, to Ref, b []byte) {
		x, ok := o.blocks[from]
		if !ok {
			require.Fail(o.t, "a block that nobody owns moves")
		}
		delete(o.blocks, from)
		o.blocks[to] = x
	})
}

func (o *owner) check() {
	var used int64
	for ref, x := range o.blocks {
		b := o.Block(ref)[:x.n]
		if int(binary.LittleEndian.Uint32(b)) != x.n || len(bytes.Trim(b[4:], string(rune(x.fill)))) != 0 {
			require.Fail(o.t, "a block has changed")
		}
		used += int64(Size(x.n))
	}
	require.Equal(o.t, used, o.Used())
	require.GreaterOrEqual(o.t, o.Taken(), used)
}

// size is mostly small: the first byte of a length is never the mark of a free block.
func (o *owner) size() int {
	n := 4 + o.r.IntN(120)
	switch o.r.IntN(100) {
	case 0:
		n = 4 + o.r.IntN(3*maxBlock)
	case 1, 2, 3:
		n = 4 + o.r.IntN(3000)
	}
	if byte(n) == Free {
		n++
	}
	return n
}

func TestBlocksStay(t *testing.T) {
	for seed := range uint64(20) {
		o := &owner{t: t, r: rand.New(rand.NewPCG(seed, 0)), blocks: map[Ref]block{}}
		for step := range 3000 {
			switch grow := step/500%2 == 0; {
			case len(o.blocks) == 0 || o.r.IntN(10) < 3 || grow && o.r.IntN(10) < 5:
				o.alloc(o.size())
			default:
				o.free(o.any())
			}
			if o.r.IntN(200) == 0 && !o.Moving() && len(o.chunks) > 0 {
				o.Move()
			}
			if o.Moving() && o.r.IntN(5) == 0 {
				o.evacuate()
			}
		}
		o.check()
	}
}

func TestMemoryGoesBack(t *testing.T) {
	o := &owner{t: t, r: rand.New(rand.NewPCG(1, 0)), blocks: map[Ref]block{}}
	for range 30_000 {
		o.alloc(40)
	}
	full, left := o.Taken(), len(o.blocks)/20
	for ref := range o.blocks {
		if len(o.blocks) <= left {
			break
		}
		o.free(ref)
	}
	require.True(t, o.Sparse())
	o.Move()
	for o.Moving() {
		o.evacuate()
	}
	o.check()
	require.Less(t, o.Taken(), full/8)
	require.False(t, o.Sparse())
}

func TestFreedBlocksServeAgain(t *testing.T) {
	var h Heap
	ref, _ := h.Alloc(33)
	h.Alloc(33)
	h.Free(ref, 33)
	again, _ := h.Alloc(36)
	require.Equal(t, ref, again, "33 and 36 bytes are of one class")
	h.Free(again, 36)
	second, _ := h.Alloc(36)
	third, _ := h.Alloc(36)
	h.Free(second, 36)
	h.Free(third, 36)
	for range 2 {
		got, _ := h.Alloc(36)
		require.Contains(t, []Ref{second, third}, got)
	}
	taken := h.Taken()
	big, _ := h.Alloc(maxBlock + 1)
	require.Equal(t, taken+maxBlock+1, h.Taken())
	h.Free(big, maxBlock+1)
	require.Equal(t, taken, h.Taken())
}

func TestSizes(t *testing.T) {
	last := 0
	for n := 1; n <= maxBlock; n++ {
		c, size := class(n)
		same, twin := class(size)
		switch {
		case size < n || size > max(8, n+3, n+n/8) || size%unit != 0:
			require.Fail(t, "a size that wastes more than an eighth", "%d for %d", size, n)
		case same != c || twin != size || c < last:
			require.Fail(t, "a size that is not of its class", "%d for %d", size, n)
		}
		last = c
	}
}

func TestAHeapWithoutChunksMoves(t *testing.T) {
	var h Heap
	r, _ := h.Alloc(maxBlock + 1)
	h.Move()
	require.Len(t, h.Block(r), Size(maxBlock+1))
	require.False(t, h.Moving())
}
