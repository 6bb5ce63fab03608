package command

import (
	"math"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
)

// SampleArgs are a key and how many random elements of it are wanted: without a
// count one; a positive count gives different ones, a negative one may repeat.
type SampleArgs struct {
	Key      engine.Key
	HasCount bool
	Count    int64
	With     bool // values or scores too
}

// walkWith reads the arguments with the word that asks for values or scores.
func (a *SampleArgs) walkWith(w *arg.Walker, word string) {
	w.Key(&a.Key, arg.RO|arg.Access)
	if w.Maybe(&a.HasCount) {
		w.Begin("options", "block")
		a.count(w)
		if w.Decoding() && w.Rest() > 1 {
			w.Fail(arg.ErrSyntax)
		}
		big := a.Count < -math.MaxInt64/2 || a.Count > math.MaxInt64/2
		for w.Options() {
			w.Flag(word, &a.With)
		}
		if w.Decoding() && w.Rest() == 0 && a.With && big {
			w.Fail(errRange) // it could not be doubled
		}
		w.End()
	}
}

func (a *SampleArgs) members(w *arg.Walker) {
	if w.Decoding() && w.Rest() > 2 {
		w.Fail(arg.ErrSyntax)
	}
	w.Key(&a.Key, arg.RO|arg.Access)
	if w.Maybe(&a.HasCount) {
		a.count(w)
	}
}

// count reads the count, which can be negated.
func (a *SampleArgs) count(w *arg.Walker) {
	w.Int("count", &a.Count)
	if w.Decoding() && a.Count == math.MinInt64 {
		w.Fail(arg.ErrNegatable)
	}
}

var errRange = arg.Error{Code: "ERR", Text: "value is out of range"}

// MaxPicks is how many picks that may repeat one command can ask for. Redis writes
// any number as it draws them; here they are gathered first.
const MaxPicks = 1 << 24

// places is a collection whose elements stand at places, some of which are empty.
type places interface {
	Len() int
	Span() int
	Has(i int) bool
}

// pick draws the place of an element uniformly.
func pick(tx *engine.Tx, c places) int {
	for {
		if i := tx.IntN(c.Span()); c.Has(i) {
			return i
		}
	}
}

// picks draws the places of the elements that are wanted.
func (a *SampleArgs) picks(tx *engine.Tx, c places) ([]int, error) {
	switch {
	case !a.HasCount:
		return []int{pick(tx, c)}, nil
	case a.Count < -MaxPicks:
		return nil, errRange
	case a.Count < 0:
		list := make([]int, -a.Count)
		for i := range list {
			list[i] = pick(tx, c)
		}
		return list, nil
	}
	return distinct(tx, c, int(min(a.Count, int64(c.Len())))), nil
}

// distinct draws k different places, uniformly, in random order unless all are
// drawn.
func distinct(tx *engine.Tx, c places, k int) []int {
	n := c.Len()
	if k <= n/3 {
		return rejecting(tx, c, k)
	}
	list := make([]int, 0, n)
	for i := range c.Span() {
		if c.Has(i) {
			list = append(list, i)
		}
	}
	if k == n {
		return list
	}
	for i := range k {
		j := i + tx.IntN(n-i)
		list[i], list[j] = list[j], list[i]
	}
	return list[:k]
}

// rejecting draws k different places of far more, one after another.
func rejecting(tx *engine.Tx, c places, k int) []int {
	list, seen := make([]int, 0, k), make(map[int]bool, k)
	for len(list) < k {
		if i := pick(tx, c); !seen[i] {
			seen[i] = true
			list = append(list, i)
		}
	}
	return list
}
