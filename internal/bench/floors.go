package bench

import "fmt"

// getFactor is how many times as long as maps with locks a typed Get may take.
const getFactor = 3

// zsetFloors are how many times Reside's time a peer has to take at least in the contest
// of one big sorted set. Of ranges peers hand out the strings that they keep, Reside
// copies ten.
func zsetFloors() map[string]map[string]float64 {
	return map[string]map[string]float64{
		"add new":       {oneMap: 1, googleTree: 1},
		"score":         {oneMap: 0.7, googleTree: 0.7},
		"rank":          {oneMap: 2},
		"10 by rank":    {oneMap: 0.7},
		"10 by score":   {oneMap: 0.7, googleTree: 0.7},
		"another score": {oneMap: 0.8, googleTree: 0.8},
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
			if m.contest.name == bigZSetContest().name {
				broken = append(broken, m.below(step, zsetFloors()[name])...)
			}
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
