package bench

import "fmt"

// getFactor is how many times as long as maps with locks a typed Get may take.
const getFactor = 3

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
		}
	}
	return broken
}
