package packed

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

// runSeq runs a program on a sequence and on a slice.
func runSeq(t *testing.T, program []byte) {
	var s Seq
	var twin [][]byte
	for p := dstest.NewProgram(program); p.More(); {
		op, b := p.Int(14), p.Word()
		i := p.Int(len(twin) + 1)
		switch {
		case op < 2:
			s.PushBack(b)
			twin = append(twin, b)
		case op < 4:
			s.PushFront(b)
			twin = slices.Insert(twin, 0, b)
		case op < 6:
			s.Insert(i, b)
			twin = slices.Insert(twin, i, b)
		case op == 6:
			s = s.Clone()
		case op == 8:
			s.Expect(p.Int(9), p.Int(400), p.Int(300))
		case op == 7 && i < len(twin):
			s.Set(i, b)
			twin[i] = b
		case op > 11 && len(twin) > 0:
			at := (len(twin) - 1) * (op & 1)
			require.Equal(t, string(twin[at]), string(s.Pop(op&1 == 1)))
			twin = slices.Delete(twin, at, at+1)
		case i < len(twin):
			n := min(1+p.Int(4), len(twin)-i)
			s.Delete(i, n)
			twin = slices.Delete(twin, i, i+n)
		}
		checkSeq(t, &s, twin, b)
	}
}

func checkSeq(t *testing.T, s *Seq, twin [][]byte, word []byte) {
	require.Equal(t, len(twin), s.Len())
	data := 0
	for i, want := range twin {
		require.True(t, bytes.Equal(want, s.At(i)), "element %d", i)
		data += len(want)
	}
	require.Equal(t, data, s.Data())
	is := func(b []byte) bool { return bytes.Equal(b, word) }
	require.Equal(t, slices.IndexFunc(twin, is), s.Index(word, 1))
	checkSeqEach(t, s, twin)
	if len(twin)%2 != 0 {
		return
	}
	even := -1
	for i := 0; i < len(twin) && even < 0; i += 2 {
		if is(twin[i]) {
			even = i
		}
	}
	require.Equal(t, even, s.Index(word, 2))
	at, next := s.Pair(word)
	require.Equal(t, even, at)
	if at >= 0 {
		require.True(t, bytes.Equal(twin[at+1], next))
	}
}

// checkSeqEach walks from everywhere, both ways.
func checkSeqEach(t *testing.T, s *Seq, twin [][]byte) {
	for from := 0; from < len(twin); from += 1 + len(twin)/3 {
		at := from
		require.True(t, s.Each(from, true, func(b []byte) bool {
			at++
			return bytes.Equal(twin[at-1], b)
		}))
		require.Equal(t, len(twin), at)
		at = from
		require.True(t, s.Each(from, false, func(b []byte) bool {
			at--
			return bytes.Equal(twin[at+1], b)
		}))
		require.Equal(t, -1, at)
	}
}

func TestSeqModel(t *testing.T) {
	dstest.Each(t, 100, 1000, runSeq)
}

func FuzzSeq(f *testing.F) {
	f.Add(dstest.Random(1, 100))
	f.Fuzz(runSeq)
}

// TestSeqHasRoomForWhatItExpects: then nothing moves, and little is left over.
func TestSeqHasRoomForWhatItExpects(t *testing.T) {
	for _, long := range []int{3, 255, 256} {
		var s Seq
		s.PushBack([]byte("first"))
		s.Expect(20, 20*long, long)
		memory, size := s.first, s.Bytes()
		for range 20 {
			s.PushBack(make([]byte, long))
		}
		require.Same(t, memory, s.first)
		require.Less(t, size, int64(s.used()*5/4))
	}
}

// TestSeqGivesMemoryBack replaces and removes big elements.
func TestSeqGivesMemoryBack(t *testing.T) {
	var s Seq
	s.PushBack([]byte("stays"))
	s.PushBack(make([]byte, 1<<20))
	s.Set(1, []byte("small"))
	require.Less(t, s.Bytes(), int64(200))
	s.PushFront(make([]byte, 1<<20))
	s.Delete(0, 1)
	require.Less(t, s.Bytes(), int64(200))
	require.Equal(t, "stays", string(s.At(0)))
	require.Equal(t, "small", string(s.At(1)))
}

// runDeque runs a program on a deque of pointers and on a slice.
func runDeque(t *testing.T, program []byte) {
	var d Deque[*int]
	var twin []*int
	for p := dstest.NewProgram(program); p.More(); {
		v, i := new(int), p.Int(len(twin)+1)
		switch op := p.Int(10); {
		case op < 3:
			d.PushBack(v)
			twin = append(twin, v)
		case op < 5:
			d.PushFront(v)
			twin = slices.Insert(twin, 0, v)
		case op < 6:
			d.Insert(i, v)
			twin = slices.Insert(twin, i, v)
		case op < 7:
			d = d.Clone()
		default:
			n := min(p.Int(40), len(twin)-i)
			d.Delete(i, n)
			twin = slices.Delete(twin, i, i+n)
		}
		checkDeque(t, &d, twin)
	}
}

func checkDeque(t *testing.T, d *Deque[*int], twin []*int) {
	require.Equal(t, len(twin), d.Len())
	for i := range twin {
		require.Same(t, twin[i], *d.At(i))
	}
	require.GreaterOrEqual(t, d.Cap(), d.Len())
	all := d.items[:cap(d.items)]
	for i := range all {
		live := i >= d.head && i < len(d.items)
		require.Equal(t, live, all[i] != nil, "place %d: what was removed is not kept alive", i)
	}
}

func TestDequeModel(t *testing.T) {
	dstest.Each(t, 100, 1500, runDeque)
}

func FuzzDeque(f *testing.F) {
	f.Add(dstest.Random(1, 100))
	f.Fuzz(runDeque)
}

// TestDequeAsQueue checks that a queue which passes many items stays small.
func TestDequeAsQueue(t *testing.T) {
	var d Deque[int]
	for i := range 1000 {
		d.PushBack(i)
	}
	for i := range 1_000_000 {
		d.PushBack(i)
		d.Delete(0, 1)
	}
	require.Less(t, d.Cap(), 4000)
	for range 1000 {
		d.PushFront(*d.At(d.Len() - 1))
		d.Delete(d.Len()-1, 1)
	}
	require.Less(t, d.Cap(), 8000)
	d.Delete(10, 990)
	require.LessOrEqual(t, d.Cap(), 64)
}
