package bench

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"runtime"
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
				require.Equal(t, len(m.steps)+2+map[bool]int{true: 1}[workers == 1], strings.Count(table([]measured{m}), "\n"))
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
	fmt.Printf("%s, %d elements of %d bytes, median of %d interleaved runs\n\n%s\n", machine(), d.n, textLen, *turnsFlag, table(all))
	for _, broken := range floors(all) {
		t.Error(broken)
	}
}

// machine describes what the figures were measured on.
func machine() string {
	return fmt.Sprintf("%s, %d CPUs (%s), %s of memory, %s", time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(),
		procLine("/proc/cpuinfo", "model name"), procLine("/proc/meminfo", "MemTotal"), runtime.Version())
}

// procLine is what a file of Linux's says of a name.
func procLine(file, name string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

// TestFloors holds the floors themselves to made-up figures.
func TestFloors(t *testing.T) {
	turn := func(ns ...float64) []result { return []result{{ns: ns}} }
	m := measured{contest: stringContest(), workers: 1, steps: []string{"set new", "get, hit"},
		turns: [][]result{turn(100, 100), turn(1, 1), turn(90, 34), turn(1, 1), turn(1, 1), turn(101, 101)}}
	require.Empty(t, floors([]measured{m}))
	m.turns[5] = turn(99, 101)
	require.Len(t, floors([]measured{m}), 1, "slower than buntdb")
	m.turns[2] = turn(30, 33)
	require.Len(t, floors([]measured{m}), 2, "and Get more than three times as slow as maps with locks")
	m.turns[0] = turn(50, 50)
	require.Empty(t, floors([]measured{m}))

	z := measured{contest: bigZSetContest(), workers: 1, steps: []string{"add new", "rank"},
		turns: [][]result{turn(100, 100), turn(101, 201), turn(101, math.NaN())}}
	require.Empty(t, floors([]measured{z}))
	z.turns[2] = turn(99, math.NaN())
	require.Len(t, floors([]measured{z}), 1, "adds to google/btree have to take longer")
	z.turns[1] = turn(99, 199)
	require.Len(t, floors([]measured{z}), 3, "and adds and ranks of tidwall/btree")
}

func BenchmarkString(b *testing.B)    { benchmark(b, stringContest()) }
func BenchmarkCounter(b *testing.B)   { benchmark(b, counterContest()) }
func BenchmarkHash(b *testing.B)      { benchmark(b, hashContest()) }
func BenchmarkSmallHash(b *testing.B) { benchmark(b, smallHashContest()) }
func BenchmarkOneHash(b *testing.B)   { benchmark(b, oneHashContest()) }
func BenchmarkOneList(b *testing.B)   { benchmark(b, oneListContest()) }
func BenchmarkOneSet(b *testing.B)    { benchmark(b, oneSetContest()) }
func BenchmarkList(b *testing.B)      { benchmark(b, listContest()) }
func BenchmarkSet(b *testing.B)       { benchmark(b, setContest()) }
func BenchmarkTwoSets(b *testing.B)   { benchmark(b, setPairContest()) }
func BenchmarkZSet(b *testing.B)      { benchmark(b, zsetContest()) }
func BenchmarkBigZSet(b *testing.B)   { benchmark(b, bigZSetContest()) }
func BenchmarkDatabase(b *testing.B)  { benchmark(b, databaseContest()) }

// benchmark plays the whole contest in each iteration and reports the time of each
// step for itself.
func benchmark(b *testing.B, c contest) {
	size := 1 << 20
	if testing.Short() {
		size = 1 << 14
	}
	d := newData(size)
	for _, e := range c.entrants {
		for _, workers := range []int{1, 4} {
			b.Run(fmt.Sprintf("%s/%d", e.name, workers), func(b *testing.B) { benchmarkEntrant(b, e, terms{d, workers, wallClock()}) })
		}
	}
}

func benchmarkEntrant(b *testing.B, e entrant, t terms) {
	steps, end := e.open(t.data)
	end()
	sums := make([]float64, len(steps))
	for b.Loop() {
		for i, ns := range play(e, t).ns {
			sums[i] += ns
		}
	}
	unit := strings.NewReplacer(" ", "-", ",", "")
	for i, s := range steps {
		if s.do == nil {
			continue
		}
		b.ReportMetric(sums[i]/float64(b.N), unit.Replace(s.name)+"-ns/op")
	}
	b.ReportMetric(0, "ns/op") // of no meaning here: hides it
}
