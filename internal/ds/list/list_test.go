package list

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
	"github.com/residedb/reside/internal/ds/packed"
)

// runModel runs a program on a list and on a slice.
func runModel(t *testing.T, program []byte) {
	l, twin := New(), [][]byte(nil)
	for p := dstest.NewProgram(program); p.More(); {
		op, v := p.Int(18), p.Word()
		i := p.Int(len(twin) + 1)
		if p.Int(20) == 0 {
			v = bytes.Repeat([]byte("big"), p.Int(4000))
		}
		switch {
		case op < 5:
			l.Push(true, v)
			twin = append(twin, v)
		case op < 8:
			l.Push(false, v)
			twin = slices.Insert(twin, 0, v)
		case op < 11:
			l.Insert(i, v)
			twin = slices.Insert(twin, i, v)
		case op == 11:
			l = l.Clone()
		case op == 12:
			at := places(p, len(twin))
			l.DeleteAll(at)
			for _, i := range slices.Backward(at) {
				twin = slices.Delete(twin, i, i+1)
			}
		case op == 15:
			l.Expect(1+p.Int(9), p.Int(2*maxBlock), p.Int(maxBlock))
		case op < 15 && i < len(twin):
			l.Set(i, v)
			twin[i] = v
		case op > 15 && len(twin) > 0:
			at := (len(twin) - 1) * (op & 1)
			require.Equal(t, string(twin[at]), string(l.Pop(op&1 == 1)))
			twin = slices.Delete(twin, at, at+1)
		case i < len(twin):
			n := min(1+p.Int(300), len(twin)-i)
			l.Delete(i, n)
			twin = slices.Delete(twin, i, i+n)
		}
		require.Equal(t, len(twin), l.Len())
	}
	check(t, l, twin)
}

// places decides on some ascending indexes below n.
func places(p *dstest.Program, n int) (at []int) {
	for i := p.Int(3); i < n; i += 1 + p.Int(9) {
		at = append(at, i)
	}
	return at
}

func check(t *testing.T, l *List, twin [][]byte) {
	size, mem := packed.ListpackHeader, int64(0)
	for i, want := range twin {
		require.True(t, bytes.Equal(want, l.Index(i)), "element %d", i)
		size += packed.ListpackSize(want)
	}
	require.Equal(t, size, l.packed, "size as a listpack")
	for i := range l.blocks.Len() {
		b := l.blocks.At(i)
		mem += b.Bytes()
		require.NotZero(t, b.Len(), "block %d", i)
		if i > 0 {
			before := l.blocks.At(i - 1)
			require.Equal(t, before.start+before.Len(), b.start, "block %d", i)
		}
		if b.Len() > 1 {
			require.LessOrEqual(t, b.Need(0), 2*maxBlock, "block %d", i)
		}
	}
	require.Equal(t, mem, l.bytes, "memory of the blocks")
	for from := 0; from < len(twin); from += 1 + len(twin)/7 {
		checkEach(t, l, twin, from)
		checkRuns(t, l, twin, from)
	}
	require.NotPanics(t, func() { l.Each(len(twin), true, nil); l.Each(-1, false, nil) })
}

func checkEach(t *testing.T, l *List, twin [][]byte, from int) {
	at, limit := from, 300
	l.Each(from, true, func(v []byte) bool {
		require.True(t, bytes.Equal(twin[at], v))
		at++
		limit--
		return limit > 0
	})
	require.True(t, limit == 0 || at == len(twin))
	at, limit = from, 300
	l.Each(from, false, func(v []byte) bool {
		require.True(t, bytes.Equal(twin[at], v))
		at--
		limit--
		return limit > 0
	})
	require.True(t, limit == 0 || at == -1)
}

// checkRuns reads up to 700 elements.
func checkRuns(t *testing.T, l *List, twin [][]byte, from int) {
	n, at := min(700, len(twin)-from), from
	l.Runs(from, n, func(r packed.Run) {
		rest := r.Data
		for i := range r.Len() {
			require.True(t, bytes.Equal(twin[at], rest[:r.Length(i)]), "element %d", at)
			rest = rest[r.Length(i):]
			at++
		}
		require.Empty(t, rest)
	})
	require.Equal(t, from+n, at)
}

func TestModel(t *testing.T) {
	dstest.Each(t, 150, 3000, runModel)
}

func FuzzModel(f *testing.F) {
	f.Add(dstest.Random(1, 200))
	f.Fuzz(runModel)
}

// TestRangesOfBigLists deletes and removes in the middle of a list of many blocks.
func TestRangesOfBigLists(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 20 {
		l, twin := New(), [][]byte(nil)
		for i := range 3000 {
			v := fmt.Appendf(nil, "element %d", i)
			l.Push(true, v)
			twin = append(twin, v)
		}
		for range 10 {
			i := r.IntN(len(twin))
			n := r.IntN(min(1000, len(twin)-i) + 1)
			l.Delete(i, n)
			twin = slices.Delete(twin, i, i+n)
			check(t, l, twin)
		}
	}
}

// TestMemoryOfAnElement counts bytes while lists of short elements grow at either end.
func TestMemoryOfAnElement(t *testing.T) {
	for _, back := range []bool{true, false} {
		l, v := New(), []byte("sixteen bytes at")
		for n := range 100_000 {
			l.Push(back, v)
			switch each := float64(l.Bytes()) / float64(n+1); {
			case n >= 20_000:
				require.Less(t, each, 17.8)
			case n >= 500:
				require.Less(t, each, 26.0)
			}
		}
	}
}

// TestQueueStaysSmall passes many elements through a short list.
func TestQueueStaysSmall(t *testing.T) {
	for _, back := range []bool{true, false} {
		for _, length := range []int{1, 10, 1000} {
			l, v, most := New(), []byte("sixteen bytes at"), int64(0)
			for n := range 50_000 {
				l.Push(back, v)
				if n < length {
					continue
				}
				if back {
					l.Delete(0, 1)
				} else {
					l.Delete(l.Len()-1, 1)
				}
				most = max(most, l.Bytes())
			}
			require.Less(t, most, int64(250+40*length+maxBlock*min(length/500, 1)), "a queue of %d", length)
		}
	}
}

func TestEncoding(t *testing.T) {
	l, lim := New(), Limits{Size: 3}
	for range 3 {
		l.Push(true, []byte("v"))
		l.Grown(lim)
		require.Equal(t, "listpack", l.Encoding())
	}
	l.Push(true, []byte("v"))
	l.Grown(lim)
	require.Equal(t, "quicklist", l.Encoding())
	l.Delete(0, 2)
	l.Shrunk(lim)
	require.Equal(t, "quicklist", l.Encoding(), "it goes back at half the limit only")
	l.Delete(0, 1)
	l.Shrunk(lim)
	require.Equal(t, "listpack", l.Encoding())

	l, lim = New(), DefaultLimits()
	l.Push(true, make([]byte, 8<<10))
	l.Grown(lim)
	require.Equal(t, "quicklist", l.Encoding(), "8 KiB and its header are more than a node")
	l.Restore("listpack")
	require.Equal(t, "listpack", l.Encoding())
}

// TestStartWraps lets the places of elements overflow, as those of a queue on a 32-bit
// machine do.
func TestStartWraps(t *testing.T) {
	l := New()
	for i := range 3000 {
		l.Push(true, fmt.Appendf(nil, "element %d", i))
	}
	shift := math.MaxInt - 1500 - l.blocks.At(0).start
	for i := range l.blocks.Len() {
		l.blocks.At(i).start += shift
	}
	for i := range 3000 {
		require.Equal(t, fmt.Sprintf("element %d", i), string(l.Index(i)))
	}
}
