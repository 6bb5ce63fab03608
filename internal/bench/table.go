package bench

import (
	"fmt"
	"math"
	"strings"
)

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
			if math.IsNaN(m.ns(0, step)) {
				continue // younger than the results
			}
			row(m.cells(fmt.Sprintf("%s: %s", m.contest.name, name), func(i int) string {
				switch {
				case math.IsNaN(m.ns(i, step)):
					return ""
				case i == 0:
					return fmt.Sprintf("%.0f", m.ns(i, step))
				}
				return fmt.Sprintf("%.0f (%.2g)", m.ns(i, step), m.ratio(i, step))
			})...)
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
