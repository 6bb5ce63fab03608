package engine

import (
	"bytes"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// during is a content that does something at the first element.
type during struct {
	content
	do func()
}

func (d *during) Element(parts ...[]byte) error {
	if d.do != nil {
		d.do()
		d.do = nil
	}
	return d.content.Element(parts...)
}

// TestTheLastBlocksOfAVisitStay writes to elements so long that a visit shares their
// memory, while it hands on the last of them.
func TestTheLastBlocksOfAVisitStay(t *testing.T) {
	k := key("k")
	long := func(c byte) []byte { return bytes.Repeat([]byte{c}, 20_000) }
	for name, put := range map[string]func(tx *Tx, i, round int) error{
		"fields": func(tx *Tx, i, round int) error {
			_, err := tx.HashPut(k, number(i), long(byte('a'+round)))
			return err
		},
		"members": func(tx *Tx, i, round int) error { return zput(tx, k, long(byte('a'+i)), float64(round)) },
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, Options{Stripes: 1})
			round := func(n int) {
				for i := range 5 {
					change(t, e, func(tx *Tx) error { return put(tx, i, n) })
				}
			}
			round(1)
			was := e.everything()
			c, err := e.Cut()
			require.NoError(t, err)
			defer c.Close()
			got := &during{do: func() { round(2) }}
			require.NoError(t, c.Visit(t.Context(), got))
			require.True(t, was == got.String())
		})
	}
}

// heapNow is how many bytes of the heap are in use.
func heapNow() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestAForkKeepsNoNest deletes from an engine what a fork had once as well.
func TestAForkKeepsNoNest(t *testing.T) {
	e, k := newEngine(t, Options{Stripes: 1}), key("k")
	fill(t, e, 0, k, 1)
	f := e.Fork(SystemClock{})
	t.Cleanup(f.Close)
	was := heapNow()
	fill(t, e, 0, k, 200_000)
	require.NoError(t, e.delete(k))
	require.Less(t, heapNow()-was, int64(1<<20))
	runtime.KeepAlive(f)
}

// TestWhatWasRenamedKeepsNoImage renames a hash while it is visited.
func TestWhatWasRenamedKeepsNoImage(t *testing.T) {
	e, k := newEngine(t, Options{Stripes: 1}), key("k")
	fill(t, e, 0, k, 100_000)
	hour := time.Now().Add(time.Hour).UnixMilli()
	change(t, e, func(tx *Tx) error { return tx.HashDeadline(k, hour, numbers(0, 100_000)...) })
	was := heapNow()
	c, err := e.Cut()
	require.NoError(t, err)
	require.NoError(t, e.rename(k, key("other")))
	require.NoError(t, c.Visit(t.Context(), new(tally)))
	c.Close()
	require.Less(t, heapNow()-was, int64(1<<20))
	checkAccounts(t, e)
	runtime.KeepAlive(e)
}

// TestTheNumberOfCutsWraps takes so many that they begin anew.
func TestTheNumberOfCutsWraps(t *testing.T) {
	e := newEngine(t, Options{Stripes: 1})
	fill(t, e, 1, key("k"), 1)
	e.cuts = math.MaxUint32
	c, err := e.Cut()
	require.NoError(t, err)
	defer c.Close()
	got := new(content)
	require.NoError(t, c.Visit(t.Context(), got))
	require.Equal(t, e.everything(), got.String())
}

// TestRenamedCollectionsAreAccountedFor renames collections, whose nests stay.
func TestRenamedCollectionsAreAccountedFor(t *testing.T) {
	for kind, k := range bigKinds {
		t.Run(k.name, func(t *testing.T) {
			e := newEngine(t, Options{})
			was := heapNow()
			for i := range 20_000 {
				k := key("name:%08d", i)
				fill(t, e, kind, k, 3)
				require.NoError(t, e.rename(k, key("temp:%08d", i)))
			}
			ratio := float64(e.Memory()) / float64(heapNow()-was)
			require.InDelta(t, 1, ratio, 0.25)
			runtime.KeepAlive(e)
		})
	}
}
