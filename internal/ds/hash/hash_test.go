package hash

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

type timed struct {
	value    string
	deadline int64
}

// runModel runs a program on a hash and on a map.
func runModel(t *testing.T, program []byte) {
	h, twin := new(Hash), map[string]timed{}
	p := dstest.NewProgram(program)
	lim := []Limits{DefaultLimits(), {Packed: 5, MaxSize: 8}, {}}[p.Int(3)]
	for p.More() {
		f := p.Word()
		old, had := twin[string(f)]
		switch op := p.Int(20); {
		case op < 9:
			v := p.Word()
			require.Equal(t, !had, h.Put(f, v, lim))
			twin[string(f)] = timed{string(v), old.deadline}
		case op < 13:
			require.Equal(t, had, h.Delete(f))
			delete(twin, string(f))
		case op < 17 && had:
			at := int64(p.Int(50)) // 0 takes it away
			h.SetDeadline(f, at)
			twin[string(f)] = timed{old.value, at}
		case op == 17:
			h = h.Clone()
		case op == 18:
			restore(t, h, f)
		case op == 19:
			h.Expect(p.Int(9), p.Int(200), p.Int(80), lim)
		}
		require.Equal(t, len(twin), h.Len())
		require.Equal(t, next(twin), h.NextDeadline())
	}
	check(t, h, twin)
}

// next is the soonest deadline.
func next(twin map[string]timed) (at int64) {
	for _, v := range twin {
		if v.deadline != 0 && (at == 0 || v.deadline < at) {
			at = v.deadline
		}
	}
	return at
}

// restore gives a field that is not there a value and a deadline, and undoes it.
func restore(t *testing.T, h *Hash, f []byte) {
	if _, ok := h.Get(f); ok {
		return
	}
	was, due := h.Encoding(), h.due != nil
	h.Put(f, f, Limits{})
	h.SetDeadline(f, 1)
	require.True(t, h.Delete(f))
	h.Restore(was)
	require.Equal(t, was, h.Encoding())
	require.True(t, due || was != "listpack" || h.due == nil)
}

func check(t *testing.T, h *Hash, twin map[string]timed) {
	got := map[string]timed{}
	h.Each(func(f, v []byte) bool {
		got[string(f)] = timed{string(v), h.Deadline(f)}
		value, ok := h.Get(f)
		require.True(t, ok)
		require.Equal(t, string(v), string(value))
		return true
	})
	require.Equal(t, twin, got)
	clear(got)
	for cursor, first := uint64(0), true; first || cursor != 0; first = false {
		cursor = h.Scan(cursor, func(f, v []byte) { got[string(f)] = timed{string(v), h.Deadline(f)} })
	}
	require.Equal(t, twin, got)
	checkExpired(t, h, twin)
	checkBytes(t, h)
}

func checkExpired(t *testing.T, h *Hash, twin map[string]timed) {
	const now = 25
	seen, last := map[string]bool{}, int64(0)
	h.Expired(now, func(f string) bool {
		at := twin[f].deadline
		require.True(t, at != 0 && at < now && at >= last, "field %q", f)
		seen[f], last = true, at
		return true
	})
	some := false
	for f, v := range twin {
		require.Equal(t, v.deadline != 0 && v.deadline < now, seen[f], "field %q", f)
		some = some || v.deadline != 0
	}
	require.Equal(t, some, h.HasDeadlines())
}

func checkBytes(t *testing.T, h *Hash) {
	due := int64(0)
	if h.due != nil {
		due = deadlinesOverhead
		for f := range h.due.byField {
			due += int64(len(f)) + deadlineOverhead
		}
		require.Equal(t, len(h.due.byField), h.due.order.Len())
	}
	require.Equal(t, due, h.due.bytes())
	require.Equal(t, int64(unsafe.Sizeof(*h))+h.small.Bytes()+h.table.Bytes()+due, h.Bytes())
}

func TestModel(t *testing.T) {
	dstest.Each(t, 200, 2000, runModel)
}

func FuzzModel(f *testing.F) {
	f.Add(dstest.Random(1, 200))
	f.Fuzz(runModel)
}

func TestEncoding(t *testing.T) {
	lim := Limits{Packed: 2, MaxSize: 4}
	put := func(pairs ...string) *Hash {
		h := new(Hash)
		for i := 0; i < len(pairs); i += 2 {
			h.Put([]byte(pairs[i]), []byte(pairs[i+1]), lim)
		}
		return h
	}
	require.Equal(t, "listpack", put("a", "1", "b", "2", "a", "3").Encoding())
	require.Equal(t, "hashtable", put("a", "1", "b", "2", "c", "3").Encoding())
	require.Equal(t, "hashtable", put("abcde", "1").Encoding())
	require.Equal(t, "hashtable", put("a", "12345").Encoding())
	h := put("a", "1")
	h.SetDeadline([]byte("a"), 0)
	require.Equal(t, "listpack", h.Encoding())
	h.SetDeadline([]byte("a"), 5)
	require.Equal(t, "listpackex", h.Encoding())
	h.SetDeadline([]byte("a"), 0)
	require.Equal(t, "listpackex", h.Encoding(), "a hash that had a deadline keeps the form")
}

// scanned is a hash for the scan test.
type scanned struct{ *Hash }

func (s scanned) Add(name []byte)    { s.Put(name, name, DefaultLimits()) }
func (s scanned) Remove(name []byte) { s.Delete(name) }
func (s scanned) Scan(cursor uint64, emit func(name []byte)) uint64 {
	return s.Hash.Scan(cursor, func(f, _ []byte) { emit(f) })
}

func TestScanKeeps(t *testing.T) {
	dstest.ScanKeeps(t, func() dstest.Scanned { return scanned{new(Hash)} })
}

func TestAtIsUniform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, lim := range []Limits{DefaultLimits(), {}} {
		h, counts := new(Hash), map[string]int{}
		for i := range 50 {
			h.Put(fmt.Appendf(nil, "f%d", i), nil, lim)
		}
		for range 5000 {
			f, _ := h.At(dstest.Place(r, h))
			counts[string(f)]++
		}
		dstest.Uniform(t, counts, 50)
	}
}
