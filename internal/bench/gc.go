package bench

import (
	"fmt"
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gcMost is the processor time that one garbage collection may take with gcKeys string
// keys in a store, and in proportion with fewer; gcFree is for what it takes with none.
const (
	gcMost = 20 * time.Millisecond
	gcKeys = 5_000_000
	gcFree = time.Millisecond
)

// collectionRuns is how many collections are measured.
const collectionRuns = 5

// collectionTime is the processor time of one garbage collection: the least of
// several, as others who use the machine make it look longer.
func collectionTime() time.Duration {
	runtime.GC() // what was left half done
	least := math.Inf(1)
	for range collectionRuns {
		before := collectorTime()
		runtime.GC()
		least = min(least, collectorTime()-before)
	}
	return time.Duration(least * float64(time.Second))
}

// collectorTime is what the garbage collector has computed since the program began, in
// seconds.
func collectorTime() float64 {
	total := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(total)
	return total[0].Value.Float64()
}

// collections fills entrants with strings and takes the time of a collection.
func collections(d data, entrants ...string) (all []sample) {
	for _, e := range stringContest().entrants {
		if slices.Contains(entrants, e.name) {
			end := fillFirst(e, d)
			took := collectionTime()
			end()
			all = append(all, sample{"Collection", gcKeysOf(d.n, e.name), collectionRuns, []value{{took.Seconds() * 1000, "cpu-ms/gc"}}})
		}
	}
	return all
}

// fillFirst fills an entrant by its first step.
func fillFirst(e entrant, d data) (end func()) {
	steps, end := e.open(d)
	for i := range d.n {
		steps[0].do(i)
	}
	return end
}

func gcKeysOf(n int, peer string) []keyValue {
	return []keyValue{keyed("keys", strconv.Itoa(n)), keyed("peer", peer)}
}

// gcLimit is how long a collection may take with n keys.
func gcLimit(n int) time.Duration {
	return gcFree + gcMost*time.Duration(n)/gcKeys
}

// gcTable lays out collections in Markdown.
func gcTable(r results) string {
	var b strings.Builder
	peers := []string{reside, oneMap, manyMap, syncMap, xsyncV4, bunt}
	b.WriteString("| ms of processor time | " + strings.Join(peers, " | ") + " |\n|---|" + strings.Repeat("---|", len(peers)) + "\n")
	for _, keys := range r.distinct("keys") {
		n, _ := strconv.Atoi(keys)
		fmt.Fprintf(&b, "| one collection, %d keys", n)
		for _, peer := range peers {
			b.WriteString(" | " + brief(median(r.pick("cpu-ms/gc", gcKeysOf(n, peer)...))))
		}
		b.WriteString(" |\n")
	}
	return b.String()
}
