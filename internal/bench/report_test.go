package bench

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var updateFlag = flag.Bool("update", false, "with -table: store what was measured in testdata; then write the README's figures and plots anew")

// What is generated, and what from.
const (
	storedDir = "testdata"
	readme    = "../../README.md"
	plotsDir  = "plots"
)

// report prints what was measured, and stores it if that is asked for.
func report(t *testing.T, name string, r results) {
	t.Helper()
	r.about = about()
	fmt.Println(part(name, r))
	if *updateFlag {
		require.NoError(t, write(filepath.Join(storedDir, name+".txt"), []byte(r.String())))
		p, err := readStored(storedDir)
		require.NoError(t, err)
		require.NoError(t, p.write(readme, plotsDir))
	}
}

// TestReadme holds the README's figures and plots to what is made of the stored
// results.
func TestReadme(t *testing.T) {
	p, err := readStored(storedDir)
	require.NoError(t, err)
	if *updateFlag {
		require.NoError(t, p.write(readme, plotsDir))
	}
	text, err := os.ReadFile(readme)
	require.NoError(t, err)
	want, err := p.fill(string(text))
	require.NoError(t, err)
	requireMade(t, readme, want, string(text))
	plots, err := p.plots()
	require.NoError(t, err)
	for file, svg := range plots {
		drawn, err := os.ReadFile(filepath.Join(plotsDir, file))
		require.NoError(t, err)
		requireMade(t, file, string(svg), string(drawn))
	}
}

// requireMade tells of the first line in which a file is not what was made.
func requireMade(t *testing.T, file, want, got string) {
	t.Helper()
	lines := strings.Split(got, "\n")
	for i, line := range strings.Split(want, "\n") {
		require.Less(t, i, len(lines), file)
		require.Equal(t, line, lines[i], "%s:%d; run go test ./internal/bench -run TestReadme -update", file, i+1)
	}
	require.Len(t, lines, strings.Count(want, "\n")+1, file)
}

// about tells when and on what machine figures were measured.
func about() []keyValue {
	return []keyValue{
		{"date", time.Now().UTC().Format(time.DateOnly)},
		{"goos", runtime.GOOS},
		{"goarch", runtime.GOARCH},
		{"pkg", "github.com/residedb/reside/internal/bench"},
		{"cpu", procLine("/proc/cpuinfo", "model name")},
		{"cpus", strconv.Itoa(runtime.NumCPU())},
		{"gib", gib(procLine("/proc/meminfo", "MemTotal"))},
		{"go", runtime.Version()},
		{"turns", strconv.Itoa(*turnsFlag)},
	}
}

// here is this machine, today.
func here() string { return results{about: about()}.machine() }

// procLine is what a file of Linux's says of a name.
func procLine(file, name string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return "?"
}

// gib rounds a number of kB.
func gib(kB string) string {
	n, err := strconv.Atoi(strings.TrimSuffix(kB, " kB"))
	if err != nil {
		return "?"
	}
	return strconv.Itoa((n + 1<<19) >> 20)
}

// throughText writes results and reads them again.
func throughText(t *testing.T, all []sample) results {
	t.Helper()
	r, err := parseResults([]byte(results{about(), all}.String()), "text")
	require.NoError(t, err)
	require.Equal(t, about(), r.about)
	require.Len(t, r.samples, len(all))
	return r
}
