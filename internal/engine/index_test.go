package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
	"github.com/residedb/reside/internal/ds/table"
)

// named makes an entry for the index alone.
func named(name []byte) *Entry {
	e := newEntry(name, 0)
	e.hash = table.Hash(name)
	return e
}

// runIndex runs a program on an index and on Go's map. Short hashes make most keys
// neighbours, so that taking one out moves others.
func runIndex(t *testing.T, program []byte, hash func([]byte) uint64) {
	var x index
	twin := map[string]*Entry{}
	for p := dstest.NewProgram(program); p.More(); {
		name := p.Word()
		old := twin[string(name)]
		_, e := x.find(name, hash(name))
		require.Same(t, old, e)
		switch {
		case old != nil && p.Int(10) < 6:
			x.remove(old)
			delete(twin, string(name))
		case old == nil:
			e := named(name)
			e.hash = hash(name)
			x.add(e)
			twin[string(name)] = e
		}
		require.Equal(t, len(twin), x.len())
	}
	for name, e := range twin {
		_, got := x.find([]byte(name), e.hash)
		require.Same(t, e, got)
	}
	n := 0
	for e := range x.all() {
		require.Same(t, twin[e.key], e)
		n++
	}
	require.Len(t, twin, n, "all are iterated once")
}

func TestIndexIsAMap(t *testing.T) {
	for seed := range uint64(50) {
		runIndex(t, dstest.Random(seed, 2000), table.Hash)
		runIndex(t, dstest.Random(seed, 2000), func(b []byte) uint64 { return table.Hash(b) & 3 })
	}
}

// scanned is an index for the scan test.
type scanned struct{ index }

func (s *scanned) Add(name []byte) {
	if _, e := s.find(name, table.Hash(name)); e == nil {
		s.add(named(name))
	}
}

func (s *scanned) Remove(name []byte) {
	if _, e := s.find(name, table.Hash(name)); e != nil {
		s.remove(e)
	}
}

func (s *scanned) Scan(cursor uint64, emit func(name []byte)) uint64 {
	return s.scan(cursor, func(e *Entry) { emit(e.Key()) })
}

func TestIndexScanKeeps(t *testing.T) {
	dstest.ScanKeeps(t, func() dstest.Scanned { return new(scanned) })
}

func TestIndexPicksAreUniform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s scanned
	for i := range byte(200) {
		s.Add([]byte{i})
	}
	for i := range byte(100) {
		s.Remove([]byte{2 * i})
	}
	counts := map[string]int{}
	for range 10_000 {
		counts[s.pick(r).key]++
	}
	dstest.Uniform(t, counts, 100)
}

func TestIndexShrinks(t *testing.T) {
	var s scanned
	name := func(i int) []byte { return []byte{byte(i), byte(i >> 8)} }
	for i := range 10_000 {
		s.Add(name(i))
	}
	for i := range 9_990 {
		s.Remove(name(i))
	}
	require.LessOrEqual(t, len(s.slots), 128)
	for i := range 10 {
		s.Remove(name(9_990 + i))
	}
	require.Empty(t, s.slots)
}
