package bench

import "fmt"

// getFactor is how many times as long as maps with locks a typed Get may take.
const getFactor = 3

// leasts are how many times Reside's time a peer has to take at least, by contest, step
// and peer. A hundred elements of a list that are the strings that a peer keeps have none,
// and pops of a list neither: Reside copies.
func leasts() map[string]map[string]map[string]float64 {
	return map[string]map[string]map[string]float64{
		bigZSetContest().name: {
			"add new":       {oneMap: 1, googleTree: 1},
			"score":         {oneMap: 0.7, googleTree: 0.7},
			"rank":          {oneMap: 2},
			"10 by rank":    {oneMap: 0.7},
			"10 by score":   {oneMap: 0.7, googleTree: 0.7},
			"another score": {oneMap: 0.8, googleTree: 0.8},
		},
		oneListContest().name: {
			"push back":            {oneMap: 0.5},
			"range of 100, copied": {oneMap: 1.2},
		},
		oneHashContest().name: {
			"set new":      {manyMap: 1},
			"get":          {manyMap: 0.7},
			"set existing": {manyMap: 0.7},
		},
		oneSetContest().name: {
			"add new":       {manyMap: 1},
			"contains, yes": {manyMap: 0.7},
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
			if i := m.entrant(manyMap); name == "get, hit" && m.ratio(i, step) < 1.0/getFactor {
				broken = append(broken, fmt.Sprintf("%s: %s by %d: maps with locks take %.2f times Reside's time", m.contest.name, name, m.workers, m.ratio(i, step)))
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
			broken = append(broken, fmt.Sprintf("%s: %s by %d: %s takes %.2f times Reside's time, not %.1f", m.contest.name, m.steps[step], m.workers, peer, r, times))
		}
	}
	return broken
}
