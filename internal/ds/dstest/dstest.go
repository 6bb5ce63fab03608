// Package dstest helps the tests of containers: programs of random operations
// read from bytes, so that a fuzzer can write them, a check that draws are
// uniform, and one that a scan keeps its promise.
package dstest

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// Program is a source of decisions for a test: first its bytes, then zeros.
type Program struct{ rest []byte }

// NewProgram reads decisions from b.
func NewProgram(b []byte) *Program { return &Program{b} }

// Random is a program of n random bytes, the same for the same seed.
func Random(seed uint64, n int) []byte {
	r := rand.NewChaCha8([32]byte(binary.LittleEndian.AppendUint64(make([]byte, 24), seed)))
	b := make([]byte, n)
	_, _ = r.Read(b)
	return b
}

// Each runs so many random programs of n bytes.
func Each(t *testing.T, programs uint64, n int, run func(t *testing.T, program []byte)) {
	for seed := range programs {
		run(t, Random(seed, n))
	}
}

// More reports whether the program goes on.
func (p *Program) More() bool { return len(p.rest) > 0 }

// Int decides on a number in [0, n); n is at most 65536.
func (p *Program) Int(n int) int {
	v := int(p.byte())
	if n > 256 {
		v = v<<8 | int(p.byte())
	}
	return v % n
}

func (p *Program) byte() byte {
	if len(p.rest) == 0 {
		return 0
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return b
}

// Word decides on one of some short byte strings, integers among them.
func (p *Program) Word() []byte {
	switch n := p.Int(256); {
	case n < 100:
		return fmt.Appendf(nil, "%d", n-50)
	case n < 250:
		return fmt.Appendf(nil, "word%d", n)
	case n < 252:
		return []byte{}
	default:
		return fmt.Appendf(nil, "%0*d", 20*(n-250), n)
	}
}

// Uniform refuses counts that a uniform draw over n values would hardly ever give:
// chi-squared beyond five standard deviations.
func Uniform[K comparable](t testing.TB, counts map[K]int, n int) {
	t.Helper()
	if len(counts) != n {
		t.Fatalf("%d different values were drawn, not %d", len(counts), n)
	}
	total := 0
	for _, c := range counts {
		total += c
	}
	want, chi := float64(total)/float64(n), 0.0
	for _, c := range counts {
		chi += (float64(c) - want) * (float64(c) - want) / want
	}
	free := float64(n - 1)
	if most := free + 5*math.Sqrt(2*free) + 5; chi > most {
		t.Fatalf("chi-squared of %d draws over %d values is %.1f, more than %.1f", total, n, chi, most)
	}
}

// Scanned is a container under ScanKeeps.
type Scanned interface {
	Add(name []byte)
	Remove(name []byte)
	// Scan calls emit with some names and returns the cursor to go on with.
	Scan(cursor uint64, emit func(name []byte)) uint64
}

// ScanKeeps scans a container from start to end, many times, while other elements
// come and go between the calls, so that it grows and shrinks. Every element
// that stays must be seen.
func ScanKeeps(t *testing.T, newOne func() Scanned) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 0))
		c, unseen := newOne(), map[string]bool{}
		for i := range 50 + r.IntN(300) {
			name := fmt.Sprintf("stays%d", i)
			unseen[name] = true
			c.Add([]byte(name))
		}
		size, goal := 0, r.IntN(5000)
		for cursor, calls := uint64(0), 0; calls == 0 || cursor != 0; calls++ {
			cursor = c.Scan(cursor, func(name []byte) { delete(unseen, string(name)) })
			if r.IntN(20) == 0 {
				goal = r.IntN(5000)
			}
			size = moveTo(c, size, goal, 100)
			if calls == 1_000_000 {
				t.Fatal("the scan does not come to an end")
			}
		}
		if len(unseen) > 0 {
			t.Fatalf("seed %d: %d elements that stayed were not returned", seed, len(unseen))
		}
	}
}

// moveTo adds or removes passing elements, most at a time.
func moveTo(c Scanned, size, goal, most int) int {
	for ; most > 0 && size != goal; most-- {
		if size < goal {
			c.Add(fmt.Appendf(nil, "passes%d", size))
			size++
		} else {
			size--
			c.Remove(fmt.Appendf(nil, "passes%d", size))
		}
	}
	return size
}

// Places is a collection whose elements stand at places, some of which are empty.
type Places interface {
	Span() int
	Has(i int) bool
}

// Place draws the place of an element uniformly.
func Place(r *rand.Rand, c Places) int {
	for {
		if i := r.IntN(c.Span()); c.Has(i) {
			return i
		}
	}
}
