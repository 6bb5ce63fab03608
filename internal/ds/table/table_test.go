package table

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

// runModel runs a program on a table and on Go's map.
func runModel(t *testing.T, program []byte) {
	var tab Table[int]
	twin := map[string]int{}
	for p := dstest.NewProgram(program); p.More(); {
		switch op, k := p.Int(10), p.Word(); {
		case op < 5:
			v, added := tab.Put(k, Hash(k))
			old, had := twin[string(k)]
			require.Equal(t, !had, added)
			require.Equal(t, old, *v)
			*v = p.Int(100)
			twin[string(k)] = *v
		case op < 9:
			v, ok := tab.Delete(k, Hash(k))
			old, had := twin[string(k)]
			require.Equal(t, had, ok)
			require.Equal(t, old, v)
			delete(twin, string(k))
		default:
			tab = *tab.Clone(func(v int) int { return v })
		}
		require.Equal(t, len(twin), tab.Len())
	}
	check(t, &tab, twin)
}

// check holds everything a table can tell to the twin.
func check(t *testing.T, tab *Table[int], twin map[string]int) {
	got, keys := map[string]int{}, 0
	for i := range tab.Len() {
		k, v := tab.At(i)
		got[string(k)] = *v
		keys += len(k)
		require.Equal(t, v, tab.Get(k, Hash(k)))
		require.Equal(t, string(k), tab.Name(k, Hash(k)))
	}
	require.Equal(t, twin, got)
	require.EqualValues(t, keys, tab.keys, "bytes of the keys")
	require.Nil(t, tab.Get([]byte("never there"), Hash([]byte("never there"))))

	clear(got)
	for cursor, first := uint64(0), true; first || cursor != 0; first = false {
		cursor = tab.Scan(cursor, func(k []byte, v *int) {
			require.NotContains(t, got, string(k), "nothing is returned twice while nothing changes")
			got[string(k)] = *v
		})
	}
	require.True(t, maps.Equal(twin, got))
}

func TestModel(t *testing.T) {
	for seed := range uint64(100) {
		runModel(t, dstest.Random(seed, 2000))
	}
}

func FuzzModel(f *testing.F) {
	f.Add(dstest.Random(1, 100))
	f.Fuzz(runModel)
}

// ints is a table for the scan test.
type ints struct{ Table[int] }

func (s *ints) Add(name []byte)    { s.Put(name, Hash(name)) }
func (s *ints) Remove(name []byte) { s.Delete(name, Hash(name)) }
func (s *ints) Scan(cursor uint64, emit func(name []byte)) uint64 {
	return s.Table.Scan(cursor, func(name []byte, _ *int) { emit(name) })
}

func TestScanKeeps(t *testing.T) {
	dstest.ScanKeeps(t, func() dstest.Scanned { return new(ints) })
}

func TestAtIsUniform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s ints
	for i := range byte(200) {
		s.Add([]byte{i})
	}
	for i := range byte(100) {
		s.Remove([]byte{2 * i})
	}
	counts := map[string]int{}
	for range 10_000 {
		k, _ := s.At(r.IntN(s.Len()))
		counts[string(k)]++
	}
	dstest.Uniform(t, counts, 100)
}

// TestShrinks checks that a table which was big gives its memory back.
func TestShrinks(t *testing.T) {
	var s ints
	name := func(i int) []byte { return []byte{byte(i), byte(i >> 8)} }
	for i := range 10_000 {
		s.Add(name(i))
	}
	full := s.Bytes()
	for i := range 9_990 {
		s.Remove(name(i))
	}
	require.Less(t, s.Bytes(), full/100)
	require.Equal(t, 10, s.Len())
	for i := range 10 {
		s.Remove(name(9_990 + i))
	}
	require.Less(t, s.Bytes(), int64(200))
}
