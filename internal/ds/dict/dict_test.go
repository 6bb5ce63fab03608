package dict

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
	"github.com/residedb/reside/internal/ds/slab"
)

// twin is a dict as it should be.
type twin map[string]pair

type pair struct {
	value string
	meta  byte
}

// uneven gives tags that are more often small than big, so that segments differ.
func uneven(key []byte) uint64 {
	h := Hash(key)
	return (h >> 32) * (h & (1<<32 - 1)) >> 32
}

// layouts are what the tests try.
var layouts = []Layout{{}, {Values: true}, {Meta: 8}, {Meta: 3, Values: true}}

// clash makes most keys have the same few tags.
func clash(key []byte) uint64 { return Hash(key) & 0xc0000003 }

// crowd gives keys tags so alike that a segment has no room for most of them.
func crowd(key []byte) uint64 { return Hash(key) | 0xff<<24 }

// runModel runs a program on a dict and on Go's map.
func runModel(t *testing.T, program []byte, l Layout) {
	d, w := &Dict{Layout: l}, twin{}
	hash := Hash
	if l.Hash != nil {
		hash = l.Hash
	}
	for p := dstest.NewProgram(program); p.More(); {
		switch op, k := p.Int(16), p.Word(); {
		case op < 8:
			v := bytes.Repeat(p.Word(), 1+p.Int(3)*p.Int(100))
			put(t, d, w, k, hash(k), v, byte(p.Int(256)))
		case op < 15:
			_, had := w[string(k)]
			require.Equal(t, had, d.Delete(k, hash(k)))
			delete(w, string(k))
		default:
			if d = d.Clone(); d.count > 0 && !d.heap.Moving() {
				d.heap.Move()
			}
		}
		require.Equal(t, len(w), d.Len())
	}
	check(t, d, w, hash)
}

func put(t *testing.T, d *Dict, w twin, k []byte, hash uint64, v []byte, m byte) {
	meta, added := d.Put(k, hash, v)
	old, had := w[string(k)]
	require.Equal(t, !had, added)
	require.Len(t, meta, d.Meta)
	if !d.Values {
		v = nil
	}
	if d.Meta > 0 {
		require.Equal(t, old.meta, meta[0], "meta stays, or begins as zero")
		meta[0] = m
	} else {
		m = 0
	}
	w[string(k)] = pair{string(v), m}
}

// check holds everything a dict can tell to the twin.
func check(t *testing.T, d *Dict, w twin, hash func([]byte) uint64) {
	t.Helper()
	read := func(value, meta []byte) pair {
		p := pair{value: string(value)}
		if d.Meta > 0 {
			p.meta = meta[0]
		}
		return p
	}
	for k, want := range w {
		value, meta, ok := d.Get([]byte(k), hash([]byte(k)))
		if got := read(value, meta); !ok || got != want {
			require.Equal(t, want, got, "%q", k)
		}
	}
	_, _, ok := d.Get([]byte("never there"), hash([]byte("never there")))
	require.False(t, ok)
	got, n := twin{}, 0
	d.Each(func(k, v, m []byte) bool {
		n++
		got[string(k)] = read(v, m)
		return true
	})
	require.Len(t, w, n, "nothing is iterated twice")
	require.True(t, maps.Equal(w, got))
	got, n = twin{}, 0
	for cursor, first := uint64(0), true; first || cursor != 0; first = false {
		cursor = d.Scan(cursor, func(k, v, m []byte) {
			n++
			got[string(k)] = read(v, m)
		})
	}
	require.Len(t, w, n, "nothing is returned twice while nothing changes")
	require.True(t, maps.Equal(w, got))
	got, n = twin{}, 0
	for i := range d.Span() {
		if d.Has(i) {
			n++
			k, v, m := d.At(i)
			got[string(k)] = read(v, m)
		}
	}
	require.Len(t, w, n, "each has one place, so that a uniform place is a uniform pick")
	require.True(t, maps.Equal(w, got))
	require.LessOrEqual(t, d.Span(), 40*(d.Len()+1)+8*maxWords, "places are not too sparse")
	checkSegments(t, d)
}

// checkSegments holds the words to what segment.go promises of them.
func checkSegments(t *testing.T, d *Dict) {
	n, room, segs := 0, 0, 0
	check := func(s *segment) bool {
		segs++
		room += len(s.words)
		require.LessOrEqual(t, len(s.words), maxWords)
		used := 0
		last := uint32(0)
		for i, w := range s.words {
			if w == 0 {
				continue
			}
			used++
			if last > w.tag() || s.home(w.tag()) > i {
				require.Fail(t, "words are not sorted, or one stands before its home")
			}
			last = w.tag()
			for j := s.home(w.tag()); j < i; j++ {
				if s.words[j] == 0 {
					require.Fail(t, "a word stands behind a gap")
				}
			}
			if d.of(w.tag()) != s {
				require.Fail(t, "a word is in the wrong segment")
			}
		}
		require.Equal(t, s.n, used+len(s.over))
		n += s.n
		require.LessOrEqual(t, len(s.over), d.over)
		return true
	}
	if d.count > 0 {
		d.each(check)
		require.Equal(t, segs, max(1, len(d.list)), "the directory and the list have the same segments")
	}
	require.Equal(t, d.count, n)
	require.Equal(t, d.Buckets(), room)
	require.LessOrEqual(t, d.heap.Used(), d.heap.Taken())
	if d.count == 0 {
		require.Zero(t, d.heap.Taken())
	}
}

func TestDictIsAMap(t *testing.T) {
	for i, l := range layouts {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			for seed := range uint64(40) {
				runModel(t, dstest.Random(seed, 3000), l)
				for _, hash := range []func([]byte) uint64{clash, crowd} {
					l := l
					l.Hash = hash
					runModel(t, dstest.Random(seed, 1000), l)
				}
			}
		})
	}
}

func FuzzDict(f *testing.F) {
	f.Add(dstest.Random(1, 100))
	f.Fuzz(func(t *testing.T, program []byte) {
		for _, l := range layouts {
			runModel(t, program, l)
		}
	})
}

func name(i int) []byte { return binary.BigEndian.AppendUint32([]byte("key"), uint32(i)) }

// TestManyComeAndGo lets a dict grow over many segments, and most of it go.
// TestTagsThatBeginAlike fills words with tags that no split parts: memory stays in
// proportion, and all are found.
func TestTagsThatBeginAlike(t *testing.T) {
	for _, same := range []int{16, 20, 24, 32} {
		var x Words
		for i := range uint64(8000) {
			x.Insert(1<<31|i*0x9e3779b1&0xffffffff>>same, slab.Ref(i+1))
		}
		require.Less(t, x.bytes(), int64(1<<20), same)
		found := 0
		for at := x.First(1 << 31); at.Found(); at = x.Next(at, 1<<31) {
			found++
		}
		if same == 32 {
			require.Equal(t, 8000, found)
		}
		for i := range uint64(8000) {
			hash := 1<<31 | i*0x9e3779b1&0xffffffff>>same
			at := x.First(hash)
			for at.Ref() != slab.Ref(i+1) {
				at = x.Next(at, hash)
			}
			x.Remove(at)
		}
		require.Zero(t, x.Len())
	}
}

func TestManyComeAndGo(t *testing.T) {
	const n = 60_000
	d, w := &Dict{Layout: Layout{Values: true, Meta: 1}}, twin{}
	for i := range n {
		put(t, d, w, name(i), Hash(name(i)), name(i%100), byte(i))
	}
	check(t, d, w, Hash)
	require.Greater(t, len(d.list), 8)
	full := d.Bytes()
	for i := range n {
		if i%20 != 0 {
			require.True(t, d.Delete(name(i), Hash(name(i))))
			delete(w, string(name(i)))
		}
	}
	check(t, d, w, Hash)
	require.Less(t, d.Bytes(), full/5, "memory goes back")
	for i := range n {
		d.Delete(name(i), Hash(name(i)))
	}
	check(t, d, twin{}, Hash)
}

// TestSegmentsOfDifferentSizes grows and empties a dict whose segments are not alike.
func TestSegmentsOfDifferentSizes(t *testing.T) {
	const n = 30_000
	d, w := &Dict{Layout: Layout{Hash: uneven}}, twin{}
	for i := range n {
		put(t, d, w, name(i), uneven(name(i)), nil, 0)
		if i%5000 == 0 {
			check(t, d, w, uneven)
		}
	}
	for i := range n {
		require.True(t, d.Delete(name(i), uneven(name(i))))
		delete(w, string(name(i)))
		if i%5000 == 0 {
			check(t, d, w, uneven)
		}
	}
}

func TestMemoryOfAnEntry(t *testing.T) {
	for _, c := range []struct {
		l      Layout
		value  int
		atMost float64
	}{{Layout{}, 0, 33}, {Layout{Values: true}, 16, 49}, {Layout{Values: true, Meta: 5}, 16, 53}} {
		d, worst, small := &Dict{Layout: c.l}, 0.0, 0.0
		for i := range 200_000 {
			k := fmt.Appendf(nil, "key:%012d", i)
			d.Put(k, Hash(k), make([]byte, c.value))
			if i > 100_000 {
				worst = max(worst, float64(d.Bytes())/float64(d.Len()))
			} else if i >= 500 {
				small = max(small, float64(d.Bytes())/float64(d.Len()))
			}
		}
		require.Less(t, small, 1.4*c.atMost, "bytes an entry of 500 and more")
		require.Less(t, worst, c.atMost, "bytes an entry")
	}
}

// TestGrowthHasNoPause lets dicts grow alike, several times. What an insertion takes at
// least is what it does; the rest is a busy machine's.
func TestGrowthHasNoPause(t *testing.T) {
	const n = 300_000
	least := make([]time.Duration, n)
	for run := range 4 {
		d := &Dict{Layout: Layout{Values: true}}
		for i := range least {
			k := name(i)
			began := time.Now()
			d.Put(k, Hash(k), k)
			if took := time.Since(began); run == 0 || took < least[i] {
				least[i] = took
			}
		}
	}
	require.Less(t, slices.Max(least), time.Millisecond)
}

// TestMeetIsACommonPart compares dicts of many sizes with what lookups say.
func TestMeetIsACommonPart(t *testing.T) {
	for _, hash := range []func([]byte) uint64{Hash, clash, crowd} {
		for _, size := range []struct{ a, b, shared int }{{0, 5, 0}, {5, 0, 0}, {1, 1, 1}, {10, 700, 4}, {700, 10, 4}, {300, 300, 100}, {9000, 20_000, 5000}} {
			if hash(name(1)) != Hash(name(1)) && size.a > 1000 {
				continue // so many of the same tag take long
			}
			a, b := &Dict{Layout: Layout{Hash: hash}}, &Dict{Layout: Layout{Hash: hash}}
			for i := range size.a {
				a.Put(name(i), hash(name(i)), nil)
			}
			for i := range size.b {
				k := name(size.a - size.shared + i)
				b.Put(k, hash(k), nil)
			}
			for _, shared := range []bool{true, false} {
				got, want := map[string]int{}, map[string]int{}
				for i := range size.a {
					if (i >= size.a-size.shared) == shared {
						want[string(name(i))] = 1
					}
				}
				a.Meet(b, shared, func(k []byte) bool { got[string(k)]++; return true })
				require.Equal(t, want, got, "%v, shared: %v", size, shared)
			}
		}
	}
	var none *Dict
	one := new(Dict)
	one.Put(name(1), Hash(name(1)), nil)
	none.Meet(one, true, nil)
	one.Meet(none, true, nil)
	calls := 0
	one.Meet(none, false, func([]byte) bool { calls++; return false })
	require.Equal(t, 1, calls)
}

// BenchmarkMeet compares sets of 100,000 that share half of their keys, and with looking
// each key up.
func BenchmarkMeet(b *testing.B) {
	const n = 100_000
	x, y := new(Dict), new(Dict)
	for i := range n {
		k := fmt.Appendf(nil, "key:%012d", i)
		x.Put(k, Hash(k), nil)
		k = fmt.Appendf(nil, "key:%012d", i+n/2)
		y.Put(k, Hash(k), nil)
	}
	b.Run("in order", func(b *testing.B) {
		for b.Loop() {
			got := 0
			x.Meet(y, true, func([]byte) bool { got++; return true })
			require.Equal(b, n/2, got)
		}
	})
	b.Run("one by one", func(b *testing.B) {
		for b.Loop() {
			got := 0
			x.Each(func(k, _, _ []byte) bool {
				if _, _, ok := y.Get(k, Hash(k)); ok {
					got++
				}
				return true
			})
			require.Equal(b, n/2, got)
		}
	})
}

// scanned is a set for the scan test.
type scanned struct{ Dict }

func (s *scanned) Add(name []byte)    { s.Put(name, Hash(name), nil) }
func (s *scanned) Remove(name []byte) { s.Delete(name, Hash(name)) }
func (s *scanned) Scan(cursor uint64, emit func(name []byte)) uint64 {
	return s.Dict.Scan(cursor, func(name, _, _ []byte) { emit(slices.Clone(name)) })
}

func TestScanKeeps(t *testing.T) {
	dstest.ScanKeeps(t, func() dstest.Scanned { return new(scanned) })
}

func TestPickIsUniform(t *testing.T) {
	for _, hash := range []func([]byte) uint64{Hash, crowd} {
		r := rand.New(rand.NewPCG(1, 2))
		d := &Dict{Layout: Layout{Hash: hash}}
		for i := range 200 {
			d.Put(name(i), hash(name(i)), nil)
		}
		for i := range 100 {
			d.Delete(name(2*i), hash(name(2*i)))
		}
		counts := map[string]int{}
		for range 10_000 {
			k, _, _ := d.At(dstest.Place(r, d))
			counts[string(k)]++
		}
		dstest.Uniform(t, counts, 100)
	}
}

// TestWhatChangesNothingMovesNothing puts a key that is there into a dict whose heap
// should move: its owner would not learn that the memory is another.
func TestWhatChangesNothingMovesNothing(t *testing.T) {
	var d Dict
	key := func(i int) []byte { return fmt.Appendf(nil, "member-%0100d", i) }
	const n = 30_000
	for i := range n {
		d.Put(key(i), Hash(key(i)), nil)
	}
	for i := 0; !d.heap.Moving(); i++ {
		d.Delete(key(i), Hash(key(i)))
	}
	before := d.Bytes()
	for range 200 {
		d.Put(key(n-1), Hash(key(n-1)), nil)
	}
	require.Equal(t, before, d.Bytes())
	for i := range 20 {
		d.Put(key(n+i), Hash(key(n+i)), nil)
	}
	require.Less(t, d.Bytes(), before)
}
