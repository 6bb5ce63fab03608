package bench

import (
	"math"
	"slices"
	"strconv"
)

// measured is what was measured of a contest: every turn of every entrant.
type measured struct {
	contest contest
	steps   []string
	workers int
	turns   [][]result // by entrant
}

// measure lets the entrants of a contest take turns.
func measure(c contest, t terms, turns int) measured {
	m := measured{contest: c, steps: c.steps(), workers: t.workers, turns: make([][]result, len(c.entrants))}
	for range turns {
		for i, e := range c.entrants {
			m.turns[i] = append(m.turns[i], play(e, t))
		}
	}
	return m
}

// samples are the turns, one after the other, as benchmark results.
func (m measured) samples(n int) (all []sample) {
	for turn := range m.turns[0] {
		for i, e := range m.contest.entrants {
			for step, ns := range m.turns[i][turn].ns {
				if !math.IsNaN(ns) {
					all = append(all, sample{"Handles", m.keys(step, e.name), n, []value{{ns, "ns/op"}}})
				}
			}
		}
	}
	return all
}

// keys name what was measured.
func (m measured) keys(step int, peer string) []keyValue {
	return handleKeys(m.contest.name, m.steps[step], m.workers, peer)
}

func handleKeys(contest, step string, workers int, peer string) []keyValue {
	return []keyValue{keyed("type", contest), keyed("op", step), keyed("g", strconv.Itoa(workers)), keyed("peer", peer)}
}

// measuredOf is what results tell of the contests.
func measuredOf(r results) (all []measured) {
	for _, c := range contests() {
		for _, workers := range []int{1, 4} {
			m := measured{contest: c, steps: c.steps(), workers: workers, turns: make([][]result, len(c.entrants))}
			for i := range c.entrants {
				m.turns[i] = m.read(r, i)
			}
			if len(m.turns[0]) > 0 {
				all = append(all, m)
			}
		}
	}
	return all
}

// read finds the turns of an entrant in results.
func (m measured) read(r results, entrant int) (turns []result) {
	for step := range m.steps {
		for turn, ns := range r.pick("ns/op", m.keys(step, m.contest.entrants[entrant].name)...) {
			if turn == len(turns) {
				turns = append(turns, result{slices.Repeat([]float64{math.NaN()}, len(m.steps))})
			}
			turns[turn].ns[step] = ns
		}
	}
	return turns
}

// ns is the median time of an entrant for a step.
func (m measured) ns(entrant, step int) float64 {
	return m.median(entrant, func(turn int) float64 { return m.turns[entrant][turn].ns[step] })
}

// ratio is the median, over the turns, of an entrant's time divided by Reside's,
// which is the first entrant.
func (m measured) ratio(entrant, step int) float64 {
	return m.median(entrant, func(turn int) float64 {
		return m.turns[entrant][turn].ns[step] / m.turns[0][turn].ns[step]
	})
}

func (m measured) median(entrant int, of func(turn int) float64) float64 {
	var all []float64
	for turn := range m.turns[entrant] {
		all = append(all, of(turn))
	}
	return median(all)
}

// median is NaN for no figures.
func median(all []float64) float64 {
	all = slices.Clone(all)
	slices.Sort(all)
	n := len(all)
	if n == 0 {
		return math.NaN()
	}
	return (all[(n-1)/2] + all[n/2]) / 2
}

// entrant is the index of the entrant with a name, -1 if it does not take part.
func (m measured) entrant(name string) int {
	return slices.IndexFunc(m.contest.entrants, func(e entrant) bool { return e.name == name })
}
