package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// sample is one line of Go's benchmark format: what one run measured. Its name is a
// path of key=value, by any of which benchstat can compare.
type sample struct {
	bench  string
	keys   []keyValue
	n      int // operations measured
	values []value
}

type keyValue struct{ key, value string }

// keyed makes a part of a benchmark's name.
func keyed(key, name string) keyValue { return keyValue{key, slug(name)} }

type value struct {
	of   float64
	unit string
}

// slug is a name as it stands in the name of a benchmark.
func slug(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "_", ",", "", "/", "_").Replace(name))
}

// path is the name of a sub-benchmark.
func path(keys ...keyValue) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = k.key + "=" + k.value
	}
	return strings.Join(parts, "/")
}

func (s sample) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Benchmark%s/%s %d", s.bench, path(s.keys...), s.n)
	for _, v := range s.values {
		fmt.Fprintf(&b, " %s %s", strconv.FormatFloat(v.of, 'g', 5, 64), v.unit)
	}
	return b.String()
}

// is reports whether the sample's name has the given keys and values.
func (s sample) is(keys ...keyValue) bool {
	for _, want := range keys {
		if s.key(want.key) != want.value {
			return false
		}
	}
	return true
}

func (s sample) key(key string) string {
	for _, k := range s.keys {
		if k.key == key {
			return k.value
		}
	}
	return ""
}

// value is what was measured in a unit, or NaN.
func (s sample) value(unit string) float64 {
	for _, v := range s.values {
		if v.unit == unit {
			return v.of
		}
	}
	return math.NaN()
}

// results are the samples of one measurement, and what they have in common, such as
// date and machine.
type results struct {
	about   []keyValue
	samples []sample
}

func (r results) String() string {
	var b strings.Builder
	for _, k := range r.about {
		fmt.Fprintf(&b, "%s: %s\n", k.key, k.value)
	}
	b.WriteString("Unit req/s better=higher\nUnit op/s better=higher\n")
	for _, s := range r.samples {
		fmt.Fprintln(&b, s)
	}
	return b.String()
}

func (r results) told(key string) string {
	for _, k := range r.about {
		if k.key == key {
			return k.value
		}
	}
	return "?"
}

// pick lists the values, in the order of the runs, of the samples with these keys.
func (r results) pick(unit string, keys ...keyValue) (found []float64) {
	for _, s := range r.samples {
		if v := s.value(unit); s.is(keys...) && !math.IsNaN(v) {
			found = append(found, v)
		}
	}
	return found
}

// distinct lists the different values of a key among the samples with these keys, in
// the order in which they come.
func (r results) distinct(key string, keys ...keyValue) (found []string) {
	seen := map[string]bool{}
	for _, s := range r.samples {
		if v := s.key(key); s.is(keys...) && !seen[v] {
			seen[v] = true
			found = append(found, v)
		}
	}
	return found
}

// readResults reads a file of benchmark results; one that is not there is empty.
func readResults(name string) (r results, err error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	return parseResults(text, name)
}

func parseResults(text []byte, name string) (r results, err error) {
	reader := benchfmt.NewReader(bufio.NewReader(bytes.NewReader(text)), name)
	for reader.Scan() {
		switch rec := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return r, rec
		case *benchfmt.Result:
			if r.about == nil {
				for _, c := range rec.Config {
					r.about = append(r.about, keyValue{c.Key, string(c.Value)})
				}
			}
			r.samples = append(r.samples, sampleOf(rec))
		}
	}
	return r, reader.Err()
}

func sampleOf(rec *benchfmt.Result) sample {
	base, parts := rec.Name.Parts()
	s := sample{bench: string(base), n: rec.Iters}
	for _, p := range parts {
		if key, v, ok := strings.Cut(strings.TrimPrefix(string(p), "/"), "="); ok {
			s.keys = append(s.keys, keyValue{key, v})
		}
	}
	for _, v := range rec.Values {
		if v.OrigUnit != "" { // the reader has made seconds of nanoseconds
			v.Value, v.Unit = v.OrigValue, v.OrigUnit
		}
		s.values = append(s.values, value{v.Value, v.Unit})
	}
	return s
}

// elements is how many there were.
func (r results) elements() int {
	if len(r.samples) == 0 {
		return 0
	}
	return r.samples[0].n
}
