// Package crash tests what a keeper promises, on the whole: an engine, its journal,
// snapshots and a log, in a directory that loses power, fails, fills up and has bits
// flipped.
//
// # The model
//
// A change is a transaction that follows from a number and from what it finds. Every one
// that an engine commits is noted with its position. Made once more one behind the other
// in an engine of memory alone they give the content at each position, as a digest:
//
//	writers      change ─▸ engine ─▸ journal ─▸ log ─▸ disk
//	                │                                   │ power cut
//	history      position 1, 2, 3 ...                   ▾
//	                │                               recovered: position p, digest d
//	one engine   digests 1, 2, 3 ... ◂────────────── d must be digest p
//
// So what is recovered is no transaction in part, none twice and none out of order. Which
// p it may be follows from what was acknowledged by then.
//
// # Replaying
//
// Every test with random numbers runs them as subtests by their seeds:
//
//	go test ./internal/durable/crash -run 'TestName/seed=7'
//
// Where several goroutines write, a seed says what they do, and not how they take turns.
// The long version, some ten minutes:
//
//	go test ./internal/durable/crash -long -timeout 1h
package crash

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

var long = flag.Bool("long", false, "run the tests with random numbers with 50 times as many seeds")

func TestMain(m *testing.M) {
	if os.Getenv(victimDir) != "" {
		fmt.Fprintln(os.Stderr, "a process that was to be killed ends:", beVictim())
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// seeds runs a test with different random numbers, in a bubble of virtual time each.
func seeds(t *testing.T, n int, test func(t *testing.T, rng *rand.Rand)) {
	if *long {
		n *= 50
	}
	for seed := range uint64(n) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, rand.New(rand.NewPCG(seed, 0))) })
		})
	}
}

// rest lets virtual time pass. Nothing else makes it.
func rest(d time.Duration) { time.Sleep(d) }
