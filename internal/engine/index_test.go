package engine

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dict"
	"github.com/residedb/reside/internal/ds/dstest"
)

// putIn puts a key into the index: packed, or with a value that is boxed.
func putIn(x *index, name []byte, hash uint64, value []byte) {
	if fits(name, len(value)) {
		_, e := x.add(hash, plan{key: name, n: len(value)})
		e.fill(value)
		return
	}
	x.addBox(longString(Key{B: name, Hash: hash}, plan{}, value))
}

// takeFrom takes a key out and reports whether it was there.
func takeFrom(x *index, name []byte, hash uint64) bool {
	at, e := x.find(name, hash)
	if e != nil {
		x.remove(at)
	}
	return e != nil
}

// runIndex runs a program on an index and on Go's map. Short hashes make most keys
// neighbours, so that taking one out moves others.
func runIndex(t *testing.T, program []byte, hash func([]byte) uint64) {
	var x index
	twin := map[string]string{}
	for p := dstest.NewProgram(program); p.More(); {
		name := p.Word()
		value, had := twin[string(name)]
		_, e := x.find(name, hash(name))
		require.Equal(t, had, e != nil)
		switch {
		case !had:
			v := bytes.Repeat(p.Word(), 1+p.Int(2)*p.Int(300))
			putIn(&x, name, hash(name), v)
			twin[string(name)] = string(v)
		case p.Int(10) < 6:
			require.Equal(t, value, string(e.Bytes()))
			require.True(t, takeFrom(&x, name, hash(name)))
			delete(twin, string(name))
		}
		require.Equal(t, len(twin), x.len())
	}
	n := 0
	for e := range x.all() {
		require.Equal(t, twin[string(e.Key())], string(e.Bytes()))
		n++
	}
	require.Len(t, twin, n, "all are iterated once")
}

func TestIndexIsAMap(t *testing.T) {
	for seed := range uint64(50) {
		runIndex(t, dstest.Random(seed, 2000), dict.Hash)
		runIndex(t, dstest.Random(seed, 2000), func(b []byte) uint64 { return dict.Hash(b) & 3 })
	}
}

// scanned is an index for the scan test.
type scanned struct{ index }

func (s *scanned) Add(name []byte) {
	if _, e := s.find(name, dict.Hash(name)); e == nil {
		putIn(&s.index, name, dict.Hash(name), nil)
	}
}

func (s *scanned) Remove(name []byte) { takeFrom(&s.index, name, dict.Hash(name)) }

func (s *scanned) Scan(cursor uint64, emit func(name []byte)) uint64 {
	return s.scan(cursor, func(e *Entry) { emit(bytes.Clone(e.Key())) })
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
		counts[string(s.pick(r).Key())]++
	}
	dstest.Uniform(t, counts, 100)
}

// TestMemoryGoesBack deletes most of many keys: what is left moves together, found
// under its name and by its deadline, and the heap follows.
func TestMemoryGoesBack(t *testing.T) {
	const n = 100_000
	e := newEngine(t, Options{Stripes: 1})
	hour := e.Now() + 3_600_000
	for i := range n {
		putUntil(t, e, fmt.Sprint(i), hour+int64(i))
	}
	heap := &e.stripes[0].spaces[0].keys.heap
	full := heap.Taken()
	for i := range n {
		if i%20 != 0 {
			k := key("%d", i)
			tx := e.BeginKey(k)
			there, err := tx.Delete(k)
			tx.Commit()
			require.True(t, there && err == nil)
		}
	}
	checkAccounts(t, e)
	require.Less(t, heap.Taken(), full/5)
	for i := 0; i < n; i += 20 {
		tx := e.BeginKey(key("%d", i))
		ent, _ := tx.Peek(key("%d", i))
		require.Equal(t, "value", string(ent.Bytes()))
		require.Equal(t, hour+int64(i), ent.Deadline())
		tx.Commit()
	}
}

// TestMemoryOfAKey holds what a key takes of Go's heap, and what it is accounted for, to
// what the table's segments and blocks promise at any size.
func TestMemoryOfAKey(t *testing.T) {
	for _, c := range []struct {
		value    int
		deadline bool
		atMost   float64
	}{{16, false, 60}, {64, false, 110}, {16, true, 90}, {64, true, 140}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			var at int64
			e, before, worst := newEngine(t, Options{Stripes: 4}), heapInUse(), 0.0
			for i := range 240_000 {
				k := key("key:%012d", i)
				if c.deadline {
					at = e.Now() + 3_600_000 + int64(i*7919%100_000)
				}
				tx := e.BeginKey(k)
				require.NoError(t, tx.PutString(k, make([]byte, c.value), at))
				tx.Commit()
				if i > 120_000 && i%20_000 == 0 {
					worst = max(worst, float64(heapInUse()-before)/float64(i+1))
				}
			}
			t.Logf("%.1f bytes, accounted for %.1f", worst, float64(e.Memory())/float64(e.Len(0)))
			require.Less(t, worst, c.atMost)
			require.InDelta(t, 1, float64(e.Memory())/float64(e.Len(0))/worst, 0.15)
		})
	}
}

// TestStringsThatGrowAndShrink takes one string through every way to be kept, and back
// by rollback.
func TestStringsThatGrowAndShrink(t *testing.T) {
	e := newEngine(t, Options{})
	k, long := key("k"), key("%s", bytes.Repeat([]byte("k"), 300))
	sizes := []int{0, 5, 6, 60, 100, maxPackedValue, maxPackedValue + 1, 5000, 200, 5000, 0}
	for _, name := range []Key{k, long} {
		for i, n := range sizes {
			value := bytes.Repeat([]byte{byte('a' + i)}, n)
			for _, deadline := range []int64{0, e.Now() + 100_000, e.Now() + 200_000, 0} {
				before, details := e.Dump(), e.details()
				for _, commit := range []bool{false, true} {
					tx := e.Begin([]Key{name}, false, true)
					require.NoError(t, tx.PutString(name, value, deadline))
					if commit {
						tx.Commit()
						break
					}
					_, err := tx.WriteString(name, n+3, []byte("more"))
					require.NoError(t, err)
					_, err = tx.SetDeadline(name, e.Now()+300_000)
					require.NoError(t, err)
					ent, err := tx.Peek(name)
					require.NoError(t, err)
					require.Equal(t, string(value)+"\x00\x00\x00more", string(ent.Bytes()))
					tx.Rollback()
					require.Equal(t, before, e.Dump())
					require.Equal(t, details, e.details())
				}
				tx := e.BeginKey(name)
				ent, err := tx.Peek(name)
				require.NoError(t, err)
				require.Equal(t, string(value), string(ent.Bytes()))
				require.Equal(t, deadline, ent.Deadline())
				tx.Commit()
				checkAccounts(t, e)
			}
		}
	}
}
