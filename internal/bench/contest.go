package bench

import (
	"context"
	"io"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"
)

// contest is what entrants are compared in.
type contest struct {
	name     string
	entrants []entrant
}

// entrant is one implementation. open makes an empty one and returns the steps,
// which are the same for all entrants of a contest.
type entrant struct {
	name string
	open func(d data) (steps []step, end func())
}

// enter makes an entrant of an implementation of what a contest asks for.
func enter[M any](name string, open func() M, steps func(M, data) []step) entrant {
	return entrant{name, func(d data) ([]step, func()) {
		m := open()
		return steps(m, d), func() {
			if c, ok := any(m).(io.Closer); ok {
				done(c.Close())
			}
		}
	}}
}

// step is one kind of operation.
type step struct {
	name string
	do   func(i int) // the operation on element i; nil if the entrant has none
	all  bool        // do is called once, for all elements
}

// The names of entrants.
const (
	reside  = "Reside"
	oneMap  = "map, RWMutex"
	manyMap = "64 maps"
	syncMap = "sync.Map"
	xsyncV4 = "xsync"
	bunt    = "buntdb"

	googleTree = "google/btree"

	redisPeer = "redis-server"
)

// contests are all there are.
func contests() []contest {
	return []contest{stringContest(), counterContest(), hashContest(), smallHashContest(), oneHashContest(),
		listContest(), oneListContest(), setContest(), oneSetContest(), setPairContest(),
		zsetContest(), bigZSetContest(), databaseContest()}
}

// steps are the names of the contest's steps.
func (c contest) steps() (names []string) {
	steps, end := c.entrants[0].open(newData(1))
	defer end()
	for _, s := range steps {
		names = append(names, s.name)
	}
	return names
}

// result is what an entrant took for its steps: nanoseconds for an element, NaN where
// it has no such step.
type result struct{ ns []float64 }

// terms are what the entrants of a contest have in common.
type terms struct {
	data
	workers int
	clock   func() time.Duration
}

// wallClock is the time since some moment.
func wallClock() func() time.Duration {
	began := time.Now()
	return func() time.Duration { return time.Since(began) }
}

// play runs an entrant through its steps.
func play(e entrant, t terms) (r result) {
	steps, end := e.open(t.data)
	defer end()
	for i, s := range steps {
		if s.do == nil {
			r.ns = append(r.ns, math.NaN())
			continue
		}
		order := t.order(uint64(i))
		if s.all {
			order = order[:1]
		}
		runtime.GC()
		r.ns = append(r.ns, float64(t.race(order, s.do).Nanoseconds())/float64(t.n))
	}
	return r
}

// race divides the order among workers that start together, and takes the time
// until the last one is done.
func (t terms) race(order []int32, do func(i int)) time.Duration {
	start := make(chan struct{})
	var done sync.WaitGroup
	for part := range slices.Chunk(order, (len(order)+t.workers-1)/t.workers) {
		done.Go(func() {
			<-start
			for _, i := range part {
				do(int(i))
			}
		})
	}
	began := t.clock()
	close(start)
	done.Wait()
	return t.clock() - began
}

// must ends the run: an operation that fails is not measured.
func must(ok bool) {
	if !ok {
		panic("bench: an operation did not do what it should")
	}
}

// done is must for errors.
func done(err error) {
	if err != nil {
		panic(err)
	}
}

// background is the context of every call.
var background = context.Background()
