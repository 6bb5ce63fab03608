package engine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkCutHolds tells for how long a snapshot holds locks: all of them while the cut is
// made, and one at each step of the visit, of which some are strings, some members of a sorted set
// of a fourth of the size. Go's scheduler takes the processor from some steps in the middle,
// so the longest is told beside the one that a thousandth takes longer than.
func BenchmarkCutHolds(b *testing.B) {
	for _, n := range []int{benchKeys, 5 * benchKeys} {
		b.Run(fmt.Sprint("keys=", n), func(b *testing.B) {
			e := million(b, n)
			fill(b, e, 2, key("zset"), n/4)
			var cuts, steps []time.Duration
			for b.Loop() {
				began := time.Now()
				c, err := e.Cut()
				require.NoError(b, err)
				cuts = append(cuts, time.Since(began))
				steps = append(steps, stepTimes(b, c)...)
				c.Close()
			}
			slices.Sort(cuts)
			slices.Sort(steps)
			b.ReportMetric(us(cuts[len(cuts)-1]), "us/cut")
			b.ReportMetric(us(steps[len(steps)-1-len(steps)/1000]), "us/step-p99.9")
			b.ReportMetric(us(steps[len(steps)-1]), "us/step-max")
		})
	}
}

func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// stepTimes visits a cut with a visitor that does nothing.
func stepTimes(b *testing.B, c *Cut) (all []time.Duration) {
	for _, p := range c.parts {
		for more := true; more; {
			began := time.Now()
			var err error
			more, err = p.step(new(tally))
			all = append(all, time.Since(began))
			require.NoError(b, err)
		}
	}
	return all
}
