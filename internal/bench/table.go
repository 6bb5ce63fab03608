package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
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
	m := measured{contest: c, workers: t.workers, turns: make([][]result, len(c.entrants))}
	for range turns {
		for i, e := range c.entrants {
			m.turns[i] = append(m.turns[i], play(e, t))
		}
	}
	steps, end := c.entrants[0].open(t.data)
	defer end()
	for _, s := range steps {
		m.steps = append(m.steps, s.name)
	}
	return m
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

// bytes is the median memory of an element.
func (m measured) bytes(entrant int) float64 {
	return m.median(entrant, func(turn int) float64 { return m.turns[entrant][turn].bytes })
}

func (m measured) median(entrant int, of func(turn int) float64) float64 {
	var all []float64
	for turn := range m.turns[entrant] {
		all = append(all, of(turn))
	}
	return median(all)
}

func median(all []float64) float64 {
	slices.Sort(all)
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}

// entrant is the index of the entrant with a name, -1 if it does not take part.
func (m measured) entrant(name string) int {
	return slices.IndexFunc(m.contest.entrants, func(e entrant) bool { return e.name == name })
}

// columns are the entrants in the order of the table.
func columns() []string { return []string{reside, oneMap, manyMap, syncMap, xsyncV4, bunt, googleTree} }

// table lays out what was measured in Markdown: nanoseconds an operation, and in
// brackets how many times as long as Reside a peer takes.
func table(all []measured) string {
	var b strings.Builder
	row := func(cells ...string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	row(append([]string{"ns an operation", "goroutines"}, columns()...)...)
	b.WriteString("|---|---|" + strings.Repeat("---|", len(columns())) + "\n")
	for _, m := range all {
		for step, name := range m.steps {
			row(m.cells(fmt.Sprintf("%s: %s", m.contest.name, name), func(i int) string {
				switch {
				case i == 0:
					return fmt.Sprintf("%.0f", m.ns(i, step))
				case math.IsNaN(m.ns(i, step)):
					return ""
				}
				return fmt.Sprintf("%.0f (%.2g)", m.ns(i, step), m.ratio(i, step))
			})...)
		}
	}
	for _, m := range all {
		if m.workers == 1 {
			row(m.cells(m.contest.name+": bytes an element", func(i int) string { return fmt.Sprintf("%.0f", m.bytes(i)) })...)
		}
	}
	return b.String()
}

// cells are a row of the table.
func (m measured) cells(title string, cell func(entrant int) string) []string {
	cells := []string{title, fmt.Sprint(m.workers)}
	for _, name := range columns() {
		if i := m.entrant(name); i >= 0 {
			cells = append(cells, cell(i))
		} else {
			cells = append(cells, "")
		}
	}
	return cells
}
