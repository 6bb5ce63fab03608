package bench

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
)

// TestMemory weighs everything once, with few elements.
func TestMemory(t *testing.T) {
	redis := script.StartRedis(t)
	var r results
	for _, w := range weighings() {
		r.samples = append(r.samples, w.measure(newData(4*smoke), redis)...)
	}
	r = throughText(t, r.samples)
	for _, w := range weighings() {
		for _, peer := range []string{reside, oneMap, redisPeer} {
			for _, bytes := range r.pick("B/key", memoryKeys(w.name, peer)...) {
				require.Greater(t, bytes, 16.0, "%s in %s: there are values of 16 bytes", w.name, peer)
				require.Less(t, bytes, 2000.0, "%s in %s", w.name, peer)
			}
		}
		require.Len(t, r.pick("B/key", memoryKeys(w.name, redisPeer)...), 1)
		require.Contains(t, memoryTable(r), "| "+w.name+" | ")
	}
}

// TestWeighing holds the worst of many sizes to an implementation that is known: tables
// that double.
func TestWeighing(t *testing.T) {
	filled := 0
	doubling := scale{"doubling", func(data) (func(int), func() int64, func()) {
		return func(int) { filled++ }, func() int64 {
			room := 1
			for room < filled {
				room *= 2
			}
			return int64(10 * room)
		}, func() {}
	}}
	require.InDelta(t, 10*16384/9000.0, weighing{per: 1}.weigh(doubling, data{n: 16_000}), 0.01)
	filled = 0
	require.InDelta(t, 100*16384/9000.0, weighing{per: 10}.weigh(doubling, data{n: 16_000}), 0.1)
}

func TestHeavy(t *testing.T) {
	w := weighings()[0]
	weighed := func(bytes float64) results {
		return results{samples: []sample{{"Memory", memoryKeys(w.name, reside), 1, []value{{bytes, "B/key"}}}}}
	}
	require.Empty(t, heavy(weighed(w.target)))
	require.Len(t, heavy(weighed(w.target+1)), 1)
	require.Empty(t, heavy(results{}))
}

// TestMemoryTable weighs a million elements to two, and holds Reside to its targets.
func TestMemoryTable(t *testing.T) {
	if !*tableFlag {
		t.Skip("measures for minutes; run with -table")
	}
	d, redis := newData(2**sizeFlag), script.StartRedis(t)
	var r results
	for _, w := range weighings() {
		r.samples = append(r.samples, w.measure(d, redis)...)
	}
	report(t, ofMemory, r)
	for _, broken := range heavy(r) {
		t.Error(broken)
	}
}

// BenchmarkMemory weighs what the program itself keeps.
func BenchmarkMemory(b *testing.B) {
	d := newData(2 << 20)
	for _, w := range weighings() {
		for _, s := range w.scales("") {
			b.Run(path(memoryKeys(w.name, s.name)...), func(b *testing.B) {
				var worst float64
				for range b.N {
					worst = max(worst, w.weigh(s, d))
				}
				b.ReportMetric(worst, "B/key")
				b.ReportMetric(0, "ns/op") // of no meaning here: hides it
			})
		}
	}
}
