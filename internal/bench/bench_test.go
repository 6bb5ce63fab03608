package bench

import (
	"flag"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	tableFlag = flag.Bool("table", false, "measure, print the README's table, and hold the figures to the floors")
	turnsFlag = flag.Int("turns", 5, "how often the entrants take turns for the table")
	sizeFlag  = flag.Int("size", 1<<20, "how many elements an entrant has for the table")
	cpuFlag   = flag.Bool("cputime", false, "measure the processor time of the whole process, for a machine that has other work")
	onlyFlag  = flag.String("contests", "", "a regular expression: which contests to measure for the table")
)

// smoke is a size at which everything takes part and nothing can be measured.
const smoke = 2000

// TestContests plays every contest once, so that the benchmarks are known to run;
// the operations check their own results.
func TestContests(t *testing.T) {
	for _, c := range contests() {
		t.Run(c.name, func(t *testing.T) {
			for _, workers := range []int{1, 4} {
				m := measure(c, terms{newData(smoke), workers, wallClock()}, 1)
				require.Equal(t, reside, c.entrants[0].name, "the others are compared with the first")
				for i, e := range c.entrants {
					require.Contains(t, columns(), e.name)
					require.Len(t, m.turns[i][0].ns, len(m.steps))
					for step := range m.steps {
						require.False(t, m.ns(i, step) <= 0)
						require.True(t, i > 0 || m.ns(i, step) > 0, "the others are compared with the first")
					}
				}
				require.Equal(t, len(m.steps)+2, strings.Count(table([]measured{m}), "\n"))
				r := throughText(t, m.samples(smoke))
				again := measuredOf(r)
				require.Len(t, again, 1)
				require.Equal(t, r.samples, throughText(t, again[0].samples(smoke)).samples)
			}
		})
	}
}

// TestTable measures every contest, prints the README's table, and holds Reside to
// its floors.
func TestTable(t *testing.T) {
	if !*tableFlag {
		t.Skip("measures for minutes; run with -table")
	}
	d, only := newData(*sizeFlag), regexp.MustCompile(*onlyFlag)
	clock := wallClock()
	if *cpuFlag {
		clock = processorTime
	}
	var all []measured
	for _, c := range contests() {
		for _, workers := range []int{1, 4} {
			if only.MatchString(c.name) {
				all = append(all, measure(c, terms{d, workers, clock}, *turnsFlag))
			}
		}
	}
	var r results
	for _, m := range all {
		r.samples = append(r.samples, m.samples(d.n)...)
	}
	report(t, ofHandles, r)
	for _, broken := range floors(all) {
		t.Error(broken)
	}
}

// TestFloors holds the floors themselves to made-up figures.
func TestFloors(t *testing.T) {
	turn := func(ns ...float64) []result { return []result{{ns: ns}} }
	m := measured{contest: stringContest(), workers: 1, steps: []string{"set new", "get, hit"},
		turns: [][]result{turn(100, 100), turn(1, 1), turn(90, 49), turn(1, 1), turn(1, 1), turn(101, 101)}}
	require.Empty(t, floors([]measured{m}))
	m.turns[5] = turn(99, 101)
	require.Len(t, floors([]measured{m}), 1, "slower than buntdb")
	m.turns[2] = turn(30, 47)
	require.Len(t, floors([]measured{m}), 2, "and Get more than twice as slow as maps with locks")
	m.turns[0] = turn(50, 50)
	require.Empty(t, floors([]measured{m}))

	z := measured{contest: bigZSetContest(), workers: 1, steps: []string{"add new", "rank"},
		turns: [][]result{turn(100, 100), turn(101, 201), turn(101, math.NaN())}}
	require.Empty(t, floors([]measured{z}))
	z.turns[2] = turn(64, math.NaN())
	require.Len(t, floors([]measured{z}), 1, "adds to google/btree have to take longer")
	z.turns[1] = turn(64, 199)
	require.Len(t, floors([]measured{z}), 3, "and adds and ranks of tidwall/btree")

	l := measured{contest: oneListContest(), workers: 1, steps: []string{"push back", "range of 100, copied"},
		turns: [][]result{turn(100, 100), turn(51, 111)}}
	require.Empty(t, floors([]measured{l}))
	l.turns[1] = turn(49, 109)
	require.Len(t, floors([]measured{l}), 2, "pushes and ranges of a slice have to take longer")
}

// BenchmarkHandles measures each step of each contest for each entrant, which is the
// peer in the benchmark's name.
func BenchmarkHandles(b *testing.B) {
	size := 1 << 20
	if testing.Short() {
		size = 1 << 14
	}
	d := newData(size)
	for _, c := range contests() {
		names := c.steps()
		for _, workers := range []int{1, 4} {
			for _, e := range c.entrants {
				on := &course{terms: terms{d, workers, wallClock()}, entrant: e}
				for i, name := range names {
					b.Run(path(handleKeys(c.name, name, workers, e.name)...), func(b *testing.B) { benchmark(b, on, i) })
				}
				on.close()
			}
		}
	}
}

// benchmark takes the time of a step, by the clock and by the processor.
func benchmark(b *testing.B, on *course, step int) {
	b.StopTimer()
	if !on.has(step) {
		b.Skip("the peer has no such operation")
	}
	b.ResetTimer()
	var spent time.Duration
	for left := b.N; left > 0; {
		part := on.take(step, left)
		began := processorTime()
		b.StartTimer()
		on.race(part, on.steps[step].do)
		b.StopTimer()
		spent += processorTime() - began
		left -= len(part)
	}
	elements := float64(b.N * on.each(step))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/elements, "ns/op")
	b.ReportMetric(float64(spent.Nanoseconds())/elements, "cpu-ns/op")
}

// TestCourse holds benchmarks to the steps' own checks: whatever is asked for in
// whatever order, each step finds the elements as it needs them.
func TestCourse(t *testing.T) {
	const n = 200
	for _, c := range contests() {
		for _, e := range c.entrants {
			on := &course{terms: terms{newData(n), 2, wallClock()}, entrant: e}
			last := len(c.steps()) - 1
			for _, step := range []int{last, 0, 1, 1, last, last - 1} {
				if !on.has(step) {
					continue
				}
				for left := 3 * n / 2; left > 0; {
					part := on.take(step, left)
					require.NotEmpty(t, part)
					on.race(part, on.steps[step].do)
					left -= len(part)
				}
			}
			on.close()
		}
	}
}
