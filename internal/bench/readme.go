package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The measurements whose results are stored, each in a file of its name. The README has
// a part for each of them.
const (
	ofHandles = "handles"
	ofServers = "servers"
	ofMemory  = "memory"
	ofGC      = "gc"

	ofDurables = "durables" // what is kept on disk
)

// page is what the README shows: stored results by measurement.
type page map[string]results

// readStored reads the results in a folder.
func readStored(dir string) (page, error) {
	p := page{}
	for _, name := range []string{ofHandles, ofServers, ofMemory, ofGC, ofDurables} {
		r, err := readResults(filepath.Join(dir, name+".txt"))
		if err != nil {
			return nil, err
		}
		p[name] = r
	}
	return p, nil
}

// machine says when and on what results were measured.
func (r results) machine() string {
	return fmt.Sprintf("%s: %s CPUs (%s), %s GiB, %s", r.told("date"), r.told("cpus"), r.told("cpu"), r.told("gib"), r.told("go"))
}

// part is what the README shows of a measurement, in Markdown.
func part(name string, r results) string {
	var body string
	switch name {
	case ofHandles:
		body = picture("throughput", "operations a second, Reside and peers") +
			"\n<details><summary>the table</summary>\n\n" + table(measuredOf(r)) + "\n</details>\n"
	case ofServers:
		body = serverTable(duelsOf(r))
	case ofMemory:
		body = picture("memory", "bytes a key, by type, Reside and peers") + "\n" + memoryTable(r)
	case ofGC:
		body = gcTable(r)
	case ofDurables:
		body = durableTable(r)
	}
	return "Measured on " + r.machine() + "; " + r.scale(name) + ".\n\n" + body
}

// scale says how much was measured.
func (r results) scale(name string) string {
	turns := "median of " + r.told("turns") + " turns"
	if r.told("turns") == "1" {
		turns = "one turn"
	}
	switch n := r.elements(); name {
	case ofHandles:
		return fmt.Sprintf("%d elements, %s", n, turns)
	case ofMemory:
		return fmt.Sprintf("the worst while %d become %d, %s", n/2, n, turns)
	}
	return turns
}

// picture shows a plot on the ground that the reader has.
func picture(name, words string) string {
	src := func(g ground) string { return "internal/bench/plots/" + plotFile(name, g) }
	return fmt.Sprintf("<picture><source media=\"(prefers-color-scheme: dark)\" srcset=%q><img alt=%q src=%q></picture>\n",
		src(dark), words, src(light))
}

func plotFile(name string, g ground) string { return name + "-" + string(g) + ".svg" }

// plots draws all plots, by file.
func (p page) plots() (map[string][]byte, error) {
	files := map[string][]byte{}
	for name, b := range map[string]bars{"throughput": throughputBars(p[ofHandles]), "memory": memoryBars(p[ofMemory])} {
		for _, g := range []ground{light, dark} {
			svg, err := b.draw(g)
			if err != nil {
				return nil, err
			}
			files[plotFile(name, g)] = svg
		}
	}
	return files, nil
}

// fill puts the parts between their marks in a document.
func (p page) fill(document string) (string, error) {
	for name, r := range p {
		begin, end := mark(name), mark("end of "+name)
		before, rest, ok := strings.Cut(document, begin)
		_, after, also := strings.Cut(rest, end)
		if !ok || !also {
			return "", fmt.Errorf("bench: the document has no %s and %s", begin, end)
		}
		document = before + begin + "\n" + part(name, r) + end + after
	}
	return document, nil
}

func mark(name string) string { return "<!-- " + name + ", generated -->" }

// write brings a document and the plots up to date.
func (p page) write(document, plotsDir string) error {
	old, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	text, err := p.fill(string(old))
	if err != nil {
		return err
	}
	plots, err := p.plots()
	if err != nil {
		return err
	}
	for file, svg := range plots {
		if err := write(filepath.Join(plotsDir, file), svg); err != nil {
			return err
		}
	}
	return write(document, []byte(text))
}

// write writes a file of the project.
func write(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}
