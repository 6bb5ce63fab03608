package slab

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func lengthOf(b []byte) int { return int(binary.LittleEndian.Uint32(b)) }

// rewrite fills a block with another byte.
func (o *owner) rewrite(ref Ref) {
	x := o.blocks[ref]
	if !o.Ready(ref, x.n) {
		o.free(ref)
		o.alloc(x.n)
		return
	}
	x.fill = byte(o.r.IntN(128))
	b := o.Block(ref)[4:x.n]
	for i := range b {
		b[i] = x.fill
	}
	o.blocks[ref] = x
}

// visitor is a visit with what it has to give.
type visitor struct {
	*Visit
	want map[block]int
	used Blocks
}

func (o *owner) begin() *visitor {
	v := &visitor{Visit: o.Visit(false, lengthOf), want: map[block]int{}}
	for _, x := range o.blocks {
		v.want[x]++
	}
	return v
}

// next takes some blocks from what is wanted.
func (v *visitor) next(t *testing.T, n int) (more bool) {
	waiting := v.saved.size
	v.used, more = v.Next(v.used, n)
	if v.used.size-waiting > 2*maxBlock {
		require.Fail(t, "too much is copied under one lock")
	}
	for b := range v.used.All(lengthOf) {
		x := block{len(b), 0}
		if len(b) > 4 {
			x.fill = b[4]
		}
		if len(bytes.Trim(b[4:], string(rune(x.fill)))) != 0 {
			require.Fail(t, "a block has changed")
		}
		if len(b) == 4 {
			x.fill = v.fillOfEmpty()
		}
		if v.want[x] == 0 {
			require.Fail(t, "a block that was not there", "%d bytes", x.n)
		}
		if v.want[x]--; v.want[x] == 0 {
			delete(v.want, x)
		}
	}
	return more
}

// fillOfEmpty is that of any block which has no byte to fill.
func (v *visitor) fillOfEmpty() byte {
	for x := range v.want {
		if x.n == 4 {
			return x.fill
		}
	}
	return 0
}

// TestAVisitSeesTheBlocksOfItsBeginning changes a heap while visits go on, some of which
// are given up.
func TestAVisitSeesTheBlocksOfItsBeginning(t *testing.T) {
	whole := 0
	for seed := range uint64(12) {
		o := &owner{t: t, r: rand.New(rand.NewPCG(seed, 3)), blocks: map[Ref]block{}}
		var v *visitor
		for step := range 4000 {
			switch grow := step/700%2 == 0; {
			case len(o.blocks) == 0 || o.r.IntN(10) < 3 || grow && o.r.IntN(10) < 5:
				o.alloc(o.size())
			case o.r.IntN(3) == 0:
				o.rewrite(o.any())
			default:
				o.free(o.any())
			}
			if len(o.blocks) == 0 && o.r.IntN(2) == 0 {
				o.Clear()
			}
			switch {
			case v == nil && o.r.IntN(100) == 0:
				v = o.begin()
			case v != nil && o.r.IntN(8) == 0 && !v.next(t, 1+o.r.IntN(40)):
				require.Empty(t, v.want)
				v.Close()
				v = nil
				whole++
			case v != nil && o.r.IntN(500) == 0:
				v.Close()
				v = nil
			case v == nil && !o.Moving() && len(o.chunks) > 0 && o.r.IntN(200) == 0:
				o.Move()
			case v == nil && o.Moving() && o.r.IntN(4) == 0:
				o.evacuate()
			}
			if v != nil && o.Untidy() {
				require.Fail(t, "a heap would move while it is visited")
			}
		}
		o.check()
	}
	require.Greater(t, whole, 40)
}

// TestAChangeCopiesOneBlock overwrites all of a heap twice while a visit stands still.
func TestAChangeCopiesOneBlock(t *testing.T) {
	o := &owner{t: t, r: rand.New(rand.NewPCG(1, 4)), blocks: map[Ref]block{}}
	for range 10_000 {
		o.alloc(40)
	}
	v := o.begin()
	for range 2 {
		for ref := range o.blocks {
			before := v.saved.size
			o.rewrite(ref)
			require.LessOrEqual(t, v.saved.size-before, 40)
		}
	}
	require.Equal(t, 10_000*40, v.saved.size, "each once")
	for v.next(t, 32) {
	}
	require.Empty(t, v.want)
}

// TestBlocksOfTheirOwnAreShared visits a block that is too long to be copied.
func TestBlocksOfTheirOwnAreShared(t *testing.T) {
	o := &owner{t: t, r: rand.New(rand.NewPCG(1, 5)), blocks: map[Ref]block{}}
	o.alloc(1 << 20)
	ref := o.any()
	v := o.Visit(false, lengthOf)
	require.False(t, o.Ready(ref, 1<<20), "whoever writes replaces it")
	memory := &o.Block(ref)[0]
	o.free(ref)
	read, _ := v.Next(Blocks{}, 10)
	for b := range read.All(lengthOf) {
		require.Same(t, memory, &b[0])
	}
	require.Zero(t, read.size)
	v.Close()
	o.alloc(1 << 20)
	require.True(t, o.Ready(o.any(), 1<<20))
}
