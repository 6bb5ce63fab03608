package bench

import "fmt"

// leasts are how many times Reside's time a peer has to take at least, by contest, step
// and peer: some four fifths of what it took, in processor time, with 200,000 elements or a
// million, whichever is less, so that a floor that breaks says that something got slower.
// Where that is less than one, the docs of packages engine (keys, readers), dict (hashes,
// sets), zset and list say what bounds it and what was tried. A hundred elements of a list
// that are the strings that a peer keeps have none, and pops of a list neither: Reside
// copies.
func leasts() map[string]map[string]map[string]float64 {
	return map[string]map[string]map[string]float64{
		stringContest().name: {
			"get, hit":     {manyMap: 0.48},
			"get, miss":    {manyMap: 0.38},
			"set existing": {manyMap: 0.7},
		},
		counterContest().name: {
			"incr": {manyMap: 0.32},
		},
		bigZSetContest().name: {
			"add new":       {oneMap: 0.65, googleTree: 0.65},
			"score":         {oneMap: 0.28, googleTree: 0.28},
			"rank":          {oneMap: 2},
			"10 by rank":    {oneMap: 0.7},
			"10 by score":   {oneMap: 0.5, googleTree: 0.5},
			"another score": {oneMap: 0.65, googleTree: 0.65},
		},
		oneListContest().name: {
			"push back":            {oneMap: 0.5},
			"range of 100, copied": {oneMap: 1.1},
		},
		oneHashContest().name: {
			"set new":      {manyMap: 0.8},
			"get":          {manyMap: 0.31},
			"set existing": {manyMap: 0.75},
		},
		oneSetContest().name: {
			"add new":       {manyMap: 0.75},
			"contains, yes": {manyMap: 0.25},
			"add again":     {manyMap: 0.7},
		},
	}
}

// floors lists what is slower than it may be.
func floors(all []measured) (broken []string) {
	for _, m := range all {
		for step, name := range m.steps {
			if i := m.entrant(bunt); i >= 0 && m.ratio(i, step) < 1 {
				broken = append(broken, fmt.Sprintf("%s: %s by %d: buntdb takes %.2f times Reside's time", m.contest.name, name, m.workers, m.ratio(i, step)))
			}
			broken = append(broken, m.below(step, leasts()[m.contest.name][name])...)
		}
	}
	return broken
}

// below lists the peers that take less than so many times Reside's time for a step.
func (m measured) below(step int, least map[string]float64) (broken []string) {
	for peer, times := range least {
		if r := m.ratio(m.entrant(peer), step); r < times {
			broken = append(broken, fmt.Sprintf("%s: %s by %d: %s takes %.2f times Reside's time, not %.2f", m.contest.name, m.steps[step], m.workers, peer, r, times))
		}
	}
	return broken
}
