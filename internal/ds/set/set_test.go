package set

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

// runModel runs a program on a set and on a map. Limits change as it goes on.
func runModel(t *testing.T, program []byte) {
	limits := []Limits{DefaultLimits(), {Intset: 4, Packed: 10, MaxSize: 8}, {Intset: 0, Packed: 0, MaxSize: 64}}
	twin := map[string]bool{}
	p := dstest.NewProgram(program)
	lim := limits[p.Int(len(limits))]
	word := p.Word
	if p.Int(2) == 0 {
		word = func() []byte { return strconv.AppendInt(nil, int64(p.Int(300)-100), 10) }
	}
	s := New(word(), lim)
	for p.More() {
		before := s.Encoding()
		switch op, m := p.Int(20), word(); {
		case op < 10:
			require.Equal(t, !twin[string(m)], s.Add(m, lim))
			twin[string(m)] = true
		case op < 17:
			require.Equal(t, twin[string(m)], s.Remove(m))
			delete(twin, string(m))
			require.Equal(t, before, s.Encoding(), "a set never goes back by itself")
		case op == 17:
			s = s.Clone()
		case op == 18:
			restore(t, s, m)
		default:
			s.Expect(p.Int(9), p.Int(200), p.Int(80), lim)
			lim = limits[p.Int(len(limits))]
		}
		require.Equal(t, len(twin), s.Len())
	}
	check(t, s, twin)
}

// restore adds a member for which the encoding may change, and undoes it.
func restore(t *testing.T, s *Set, m []byte) {
	was := s.Encoding()
	if s.Add(m, Limits{}) {
		require.True(t, s.Remove(m))
	}
	s.Restore(was)
	require.Equal(t, was, s.Encoding())
}

func check(t *testing.T, s *Set, twin map[string]bool) {
	got, buf := map[string]bool{}, make([]byte, 20)
	for i := range s.Span() {
		if !s.Has(i) {
			continue
		}
		m := s.At(i, buf)
		got[string(m)] = true
		require.True(t, s.Contains(m))
	}
	require.Equal(t, twin, got)
	require.False(t, s.Contains([]byte("never there")))
	require.False(t, s.Contains([]byte("123456")))
	clear(got)
	for cursor, first := uint64(0), true; first || cursor != 0; first = false {
		cursor = s.Scan(cursor, func(m []byte) { got[string(m)] = true })
	}
	require.Equal(t, twin, got)
	checkMeet(t, s, twin)
	ints, ok := s.Ints()
	require.Equal(t, s.Encoding() == "intset", ok)
	for i := range ints {
		require.True(t, twin[strconv.FormatInt(ints[i], 10)])
		require.True(t, i == 0 || ints[i-1] < ints[i], "integers are sorted")
	}
	recount := s.small.Bytes() + s.big.Bytes() + int64(8*cap(s.ints)) + int64(unsafe.Sizeof(*s))
	require.Equal(t, recount, s.Bytes())
}

// checkMeet compares a set with others, of all forms, that share a part of it.
func checkMeet(t *testing.T, s *Set, twin map[string]bool) {
	s.Meet(nil, true, nil)
	for _, lim := range []Limits{{Intset: 1000, Packed: 1000, MaxSize: 64}, {Packed: 1000, MaxSize: 64}, {}} {
		o, has := New([]byte("7"), lim), map[string]bool{}
		o.Add([]byte("7"), lim)
		has["7"] = true
		for m := range twin {
			if len(m)%2 == 0 {
				o.Add([]byte(m), lim)
				has[m] = true
			}
		}
		for _, shared := range []bool{true, false} {
			got, want := map[string]int{}, map[string]int{}
			for m := range twin {
				if has[m] == shared {
					want[m] = 1
				}
			}
			s.Meet(o, shared, func(m []byte) bool { got[string(m)]++; return true })
			require.Equal(t, want, got, "%s and %s, shared: %v", s.Encoding(), o.Encoding(), shared)
			calls := 0
			s.Meet(o, shared, func([]byte) bool { calls++; return false })
			require.Equal(t, min(1, len(want)), calls, "it stops when it is told to")
		}
	}
}

func TestModel(t *testing.T) {
	dstest.Each(t, 200, 2000, runModel)
}

func FuzzModel(f *testing.F) {
	f.Add(dstest.Random(1, 200))
	f.Fuzz(runModel)
}

// TestEncoding follows Redis's rules of when a set changes its form.
func TestEncoding(t *testing.T) {
	lim := Limits{Intset: 4, Packed: 3, MaxSize: 5}
	for _, c := range []struct {
		name    string
		members []string
		want    string
	}{
		{"integers", []string{"1", "-2", "3", "4"}, "intset"},
		{"one integer too many", []string{"1", "2", "3", "4", "5"}, "hashtable"},
		{"words", []string{"a", "b", "c"}, "listpack"},
		{"one word too many", []string{"a", "b", "c", "d"}, "hashtable"},
		{"a long word", []string{"abcdef"}, "hashtable"},
		{"integers, then a word", []string{"1", "2", "a"}, "listpack"},
		{"integers, then one word too many", []string{"1", "2", "3", "a"}, "hashtable"},
		{"integers, then a long word", []string{"1", "abcdef"}, "hashtable"},
		{"a word, then a long integer", []string{"a", "123456"}, "hashtable"},
		{"long integers, then a word", []string{"123456", "a"}, "hashtable"},
		{"not canonical", []string{"01"}, "listpack"},
	} {
		s := New([]byte(c.members[0]), lim)
		for _, m := range c.members {
			s.Add([]byte(m), lim)
		}
		require.Equal(t, c.want, s.Encoding(), c.name)
	}
}

// scanned is a set for the scan test.
type scanned struct{ *Set }

func (s scanned) Add(name []byte)    { s.Set.Add(name, DefaultLimits()) }
func (s scanned) Remove(name []byte) { s.Set.Remove(name) }

func TestScanKeeps(t *testing.T) {
	dstest.ScanKeeps(t, func() dstest.Scanned { return scanned{New([]byte("a"), DefaultLimits())} })
}

func (s scanned) Scan(cursor uint64, emit func(name []byte)) uint64 { return s.Set.Scan(cursor, emit) }

func TestAtIsUniform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, lim := range []Limits{{Intset: 512}, {Packed: 128, MaxSize: 64}, {}} {
		s, counts := New([]byte("1"), lim), map[string]int{}
		for i := range 60 {
			s.Add(strconv.AppendInt(nil, int64(i), 10), lim)
		}
		for i := range 10 {
			s.Remove(strconv.AppendInt(nil, int64(i), 10))
		}
		for range 5000 {
			counts[string(s.At(dstest.Place(r, s), make([]byte, 20)))]++
		}
		dstest.Uniform(t, counts, 50)
	}
}
