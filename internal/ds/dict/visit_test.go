package dict

import (
	"bytes"
	"fmt"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

// visited is a visit with what it has given, and the twin of the dict at its beginning.
type visited struct {
	*Visit
	got, want twin
}

func begin(d *Dict, w twin) *visited {
	return &visited{Visit: d.Visit(false), got: twin{}, want: maps.Clone(w)}
}

func (v *visited) read(t *testing.T, n int) (more bool) {
	more = v.Read(n)
	v.Each(func(key, value, meta []byte) {
		p := pair{value: string(value)}
		if len(meta) > 0 {
			p.meta = meta[0]
		}
		if _, twice := v.got[string(key)]; twice {
			require.Fail(t, "read twice", "%q", key)
		}
		v.got[string(key)] = p
	})
	return more
}

// runVisits runs a program on a dict and visits it meanwhile, now and then not to the
// end.
func runVisits(t *testing.T, program []byte) {
	p := dstest.NewProgram(program)
	d, w := &Dict{Layout: layouts[p.Int(len(layouts))]}, twin{}
	var v *visited
	finish := func() {
		require.True(t, maps.Equal(v.want, v.got), "%d entries, not %d", len(v.got), len(v.want))
		v.Close()
		v = nil
	}
	for p.More() {
		switch op, k := p.Int(16), p.Word(); {
		case op < 6:
			long := 1
			if p.Int(40) == 0 {
				long = 5000
			}
			put(t, d, w, k, Hash(k), bytes.Repeat(p.Word(), long), byte(p.Int(256)))
		case op < 9:
			_, had := w[string(k)]
			require.Equal(t, had, d.Delete(k, Hash(k)))
			delete(w, string(k))
		case op == 9 && w[string(k)] != pair{} && d.Meta > 0:
			m := byte(p.Int(256))
			ref, _, _ := d.Find(k, Hash(k))
			_, meta := d.Ready(ref, Hash(k))
			meta[0] = m
			w[string(k)] = pair{w[string(k)].value, m}
		case op == 10 && p.Int(20) == 0:
			for k := range w {
				require.True(t, d.Delete([]byte(k), Hash([]byte(k))))
			}
			clear(w)
		case v == nil && op == 11:
			if d.count > 50 && !d.heap.Moving() && p.Int(2) == 0 {
				d.heap.Move()
			}
			v = begin(d, w)
		case v != nil && op == 12 && p.Int(20) == 0:
			v.Close()
			v = nil
		case v != nil && !v.read(t, 1+p.Int(8)):
			finish()
		}
	}
	for v != nil {
		if !v.read(t, 32) {
			finish()
		}
	}
	check(t, d, w, Hash)
}

func TestAVisitSeesTheEntriesOfItsBeginning(t *testing.T) {
	dstest.Each(t, 100, 4000, runVisits)
}

func FuzzVisits(f *testing.F) {
	f.Add(dstest.Random(1, 400))
	f.Fuzz(runVisits)
}

// TestAVisitGoesOnWhileADictGrowsAndShrinks visits a large dict, all of which is
// written, doubled and nearly emptied meanwhile.
func TestAVisitGoesOnWhileADictGrowsAndShrinks(t *testing.T) {
	const n = 20_000
	key := func(i int) []byte { return fmt.Appendf(nil, "key:%d", i) }
	d, w := &Dict{Layout: Layout{Values: true}}, twin{}
	for i := range n {
		put(t, d, w, key(i), Hash(key(i)), []byte("old"), 0)
	}
	v := begin(d, w)
	change := 0
	for more := true; more; change += 100 {
		more = v.read(t, 32)
		for i := change; i < change+100; i++ {
			switch k := key(i % (2 * n)); {
			case i < 2*n:
				d.Put(k, Hash(k), []byte("new"))
			case i < 4*n:
				d.Delete(k, Hash(k))
			}
		}
	}
	require.True(t, maps.Equal(v.want, v.got))
	v.Close()
	for i := range 2 * n {
		d.Delete(key(i), Hash(key(i)))
	}
	require.Zero(t, d.Len())
}
