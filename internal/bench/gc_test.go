package bench

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCollections holds a collection with many keys in a store to what it may take,
// which the same keys in a Go map exceed.
func TestCollections(t *testing.T) {
	const n = 200_000
	r := throughText(t, collections(newData(n), reside, oneMap))
	require.LessOrEqual(t, collectionOf(r, n, reside), gcLimit(n))
	require.Greater(t, collectionOf(r, n, oneMap), gcLimit(n))
	require.Contains(t, gcTable(r), "| one collection, 200000 keys | ")
}

// collectionOf is what a collection took.
func collectionOf(r results, n int, peer string) time.Duration {
	return time.Duration(median(r.pick("cpu-ms/gc", gcKeysOf(n, peer)...)) * float64(time.Millisecond))
}

// TestCollectionTable measures collections beside five million keys.
func TestCollectionTable(t *testing.T) {
	if !*tableFlag {
		t.Skip("fills gigabytes; run with -table")
	}
	var r results
	for _, n := range []int{gcKeys / 25, gcKeys} {
		r.samples = append(r.samples, collections(newData(n), reside, oneMap, manyMap, syncMap, xsyncV4, bunt)...)
	}
	report(t, ofGC, r)
	require.LessOrEqual(t, collectionOf(r, gcKeys, reside), gcLimit(gcKeys))
}

func BenchmarkCollection(b *testing.B) {
	const n = 1_000_000
	for _, e := range stringContest().entrants {
		b.Run(path(gcKeysOf(n, e.name)...), func(b *testing.B) {
			end := fillFirst(e, newData(n))
			defer end()
			before := collectorTime()
			b.ResetTimer()
			for range b.N {
				runtime.GC()
			}
			b.ReportMetric((collectorTime()-before)*1000/float64(b.N), "cpu-ms/gc")
		})
	}
}
