package list

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

// runVisits runs a program on a list, visiting it meanwhile, now and then not to the end.
func runVisits(t *testing.T, program []byte) {
	l, twin := New(), [][]byte(nil)
	var v *Visit
	var got, want [][]byte
	for p := dstest.NewProgram(program); p.More(); {
		w := p.Word()
		if p.Int(30) == 0 {
			w = bytes.Repeat([]byte("big"), p.Int(4000))
		}
		i := p.Int(len(twin) + 1)
		switch op := p.Int(12); {
		case op < 5:
			l.Push(op < 3, w)
			if op < 3 {
				i = len(twin)
			} else {
				i = 0
			}
			twin = slices.Insert(twin, i, w)
		case op == 5:
			l.Insert(i, w)
			twin = slices.Insert(twin, i, w)
		case op < 8 && i < len(twin):
			l.Set(i, w)
			twin[i] = w
		case op == 8 && len(twin) > 0:
			n := 1 + p.Int(min(len(twin), 1+p.Int(300)))
			i = min(i, len(twin)-n)
			l.Delete(i, n)
			twin = slices.Delete(twin, i, i+n)
		case op == 9:
			at := places(p, len(twin))
			if p.Int(10) == 0 {
				l.DeleteAll(at)
				for _, i := range slices.Backward(at) {
					twin = slices.Delete(twin, i, i+1)
				}
			}
		case v == nil && len(twin) > 0:
			fixed := p.Int(9) == 0
			v, got, want = l.visitFrom(fixed, p.Int(2)*atOnce), nil, slices.Clone(twin)
			if fixed {
				l = l.Clone() // the other one does not change
			}
		case v != nil:
			more := v.Read(1)
			v.Each(func(b []byte) { got = append(got, bytes.Clone(b)) })
			if !more {
				requireSame(t, want, got)
				v = nil
			}
		}
	}
	check(t, l, twin)
}

func requireSame(t *testing.T, want, got [][]byte) {
	require.Len(t, got, len(want))
	for i := range want {
		require.True(t, bytes.Equal(want[i], got[i]), "element %d", i)
	}
}

func TestAVisitSeesTheElementsOfItsBeginning(t *testing.T) {
	dstest.Each(t, 150, 4000, runVisits)
}

func FuzzVisits(f *testing.F) {
	f.Add(dstest.Random(1, 400))
	f.Fuzz(runVisits)
}

// TestALongElementIsNotCopied replaces and removes an element that a visit shares.
func TestALongElementIsNotCopied(t *testing.T) {
	l, long := New(), make([]byte, 1<<20)
	l.Push(true, long)
	l.Push(true, []byte("short"))
	v := l.Visit(false)
	memory := l.blocks.At(0).At(0)
	l.Set(0, []byte("x"))
	require.Less(t, l.bytes, int64(1<<10))
	l.Delete(0, 1)
	more := v.Read(1)
	require.False(t, more)
	same := false
	v.Each(func(b []byte) { same = same || &memory[0] == &b[0] })
	require.True(t, same)
}

// TestAVisitOfALongListBeginsAtOnce and shares no more blocks than it has come to.
func TestAVisitOfALongListBeginsAtOnce(t *testing.T) {
	l, long := New(), make([]byte, 9000)
	const n = 5000 // blocks
	for range n {
		l.Push(true, long)
	}
	require.Equal(t, n, l.blocks.Len())
	for _, fixed := range []bool{false, true} {
		before := allocated()
		v := l.Visit(fixed)
		require.Less(t, allocated()-before, uint64(4<<10))
		require.Equal(t, fixed, v.Whole())
		require.True(t, v.Read(100))
		count := 0
		v.Each(func([]byte) { count++ })
		require.Equal(t, eachRead, count)
		v.Close()
	}
}

// allocated is how many bytes were allocated ever.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestAVisitIsReadAfterItsEnd of the hold: the list goes on with a copy, as it does when
// a fork shares it.
func TestAVisitIsReadAfterItsEnd(t *testing.T) {
	l := New()
	var want [][]byte
	for i := range 500 {
		want = append(want, bytes.Repeat([]byte{byte(i)}, 3000))
		l.Push(true, want[i])
	}
	v := l.visitFrom(false, 0)
	v.Read(3)
	var got [][]byte
	v.Each(func(b []byte) { got = append(got, bytes.Clone(b)) })
	l.Push(false, []byte("new"))
	l.Delete(40, 30)
	v.Close()
	l = l.Clone()
	l.Set(100, []byte("other"))
	for more := true; more; {
		more = v.Read(8)
		v.Each(func(b []byte) { got = append(got, bytes.Clone(b)) })
	}
	requireSame(t, want, got)
}

// TestBlocksAreSplitDuringAVisit of what stands before, among and behind what is read yet.
func TestBlocksAreSplitDuringAVisit(t *testing.T) {
	l := New()
	var want, got [][]byte
	for i := range 4000 {
		want = append(want, bytes.Repeat([]byte{byte(i)}, 100))
		l.Push(true, want[i])
	}
	v := l.visitFrom(false, 0)
	more := v.Read(8)
	v.Each(func(b []byte) { got = append(got, bytes.Clone(b)) })
	blocks := l.blocks.Len()
	for _, at := range []int{50, 1500, 3000, 3900} {
		for i := range 200 {
			l.Insert(at, fmt.Append(nil, bytes.Repeat([]byte("new"), 50), i))
		}
	}
	require.Greater(t, l.blocks.Len(), blocks+3)
	for more {
		more = v.Read(3)
		v.Each(func(b []byte) { got = append(got, bytes.Clone(b)) })
	}
	requireSame(t, want, got)
}
