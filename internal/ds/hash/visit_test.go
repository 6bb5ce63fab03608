package hash

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// fielded is a field's value and deadline.
type fielded struct {
	value string
	at    int64
}

func contents(h *Hash) map[string]fielded {
	all := map[string]fielded{}
	h.Each(func(f, v []byte) bool {
		all[string(f)] = fielded{string(v), h.Deadline(f)}
		return true
	})
	return all
}

// TestAVisitSeesTheDeadlinesOfItsBeginning changes values and deadlines of fields, and
// which there are, while a visit reads some at a time.
func TestAVisitSeesTheDeadlinesOfItsBeginning(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		h, lim := new(Hash), Limits{Packed: 4, MaxSize: 64}
		change := func() {
			f := fmt.Appendf(nil, "field:%d", r.IntN(300))
			switch r.IntN(5) {
			case 0:
				h.Delete(f)
			case 1:
				h.SetDeadline(f, 0)
				h.Put(f, fmt.Append(nil, r.IntN(1000)), lim)
			case 2:
				h.Put(f, fmt.Append(nil, r.IntN(1000)), lim)
			default:
				if _, ok := h.Get(f); ok {
					h.SetDeadline(f, r.Int64N(3))
				}
			}
		}
		for range 2000 {
			change()
		}
		for round := range 4 {
			want, got := contents(h), map[string]fielded{}
			fixed := round == 3
			v := h.Visit(fixed)
			if fixed {
				h = h.Clone() // the other one does not change
			}
			require.Equal(t, len(want), v.Len())
			for more := true; more; {
				for range r.IntN(20) {
					change()
				}
				more = v.Read(1 + r.IntN(10))
				if r.IntN(2) == 0 {
					change() // before they are handed on
				}
				v.Each(func(f, value []byte, at int64) { got[string(f)] = fielded{string(value), at} })
			}
			v.Close()
			require.Equal(t, want, got, "seed %d", seed)
			require.True(t, h.due == nil || h.due.visit == nil)
		}
	}
}

// TestAVisitTakesNoMemoryForAllDeadlines but for those that it reads.
func TestAVisitTakesNoMemoryForAllDeadlines(t *testing.T) {
	h := new(Hash)
	for i := range 20_000 {
		f := fmt.Appendf(nil, "field:%d", i)
		h.Put(f, f, DefaultLimits())
		h.SetDeadline(f, int64(1+i))
	}
	before := allocated()
	v := h.Visit(false)
	sum := int64(0)
	for more := true; more; {
		more = v.Read(32)
		v.Each(func(_, _ []byte, at int64) { sum += at })
	}
	require.Less(t, allocated()-before, uint64(16<<10))
	require.EqualValues(t, 20_000*20_001/2, sum)
	v.Close()
}

// allocated is how many bytes were allocated ever.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
