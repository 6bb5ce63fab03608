package command

import (
	"slices"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// LCSArgs are the arguments of LCS.
type LCSArgs struct {
	A, B     engine.Key
	Len, Idx bool
	MinLen   int64 // of the matches that Idx lists
	WithLen  bool  // list the length of each match
	hasMin   bool

	bad error // of the options: the keys come first
}

func (a *LCSArgs) walk(w *arg.Walker) {
	w.Keys2(&a.A, &a.B, arg.RO|arg.Access)
	w.Later(&a.bad, func() { a.options(w) })
}

func (a *LCSArgs) options(w *arg.Walker) {
	for w.Options() {
		w.Flag("LEN", &a.Len)
		w.Flag("IDX", &a.Idx)
		if w.OptionOf("MINMATCHLEN", 1, &a.hasMin) {
			w.Int("min-match-len", &a.MinLen)
		}
		w.Flag("WITHMATCHLEN", &a.WithLen)
	}
	if w.Decoding() && w.Rest() == 0 && a.Len && a.Idx {
		w.Fail(arg.Errf("If you want both the length and indexes, please just use IDX."))
	}
}

// Match is a run of bytes that two strings share: where it begins and ends in each.
type Match struct{ A, B [2]int }

// Len is how many bytes match.
func (m Match) Len() int { return m.A[1] - m.A[0] + 1 }

// Common is a longest common subsequence.
type Common struct {
	Text    []byte
	Len     int
	Matches []Match // the last first
	WithLen bool
}

// LCS is LCS.
var LCS = defineBy(Info{"lcs", "string", "7.0.0", ReadOnly, "", "Finds the longest common subsequence of two strings."},
	(*LCSArgs).walk, lcs, func(a *LCSArgs) *reply.Codec[Common] {
		switch {
		case a.Idx:
			return &commonMatches
		case a.Len:
			return &commonLen
		}
		return &commonText
	})

// Errors of LCS.
var (
	ErrNotStrings = arg.Error{Code: "ERR", Text: "The specified keys must contain string values"}
	ErrLCSMemory  = arg.Error{Code: "ERR", Text: "Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"}
)

func lcs(tx *engine.Tx, a LCSArgs) (r Common, err error) {
	r.WithLen = a.WithLen
	x, err := lcsInput(tx, a.A)
	if err != nil {
		return r, err
	}
	y, err := lcsInput(tx, a.B)
	if err != nil {
		return r, err
	}
	if a.bad != nil {
		return r, a.bad
	}
	if int64(len(x)+1)*int64(len(y)+1)*4 > engine.MaxString {
		return r, ErrLCSMemory
	}
	t := newLCSTable(x, y)
	r.Len = int(t.at(len(x), len(y)))
	if !a.Len {
		r.Text = make([]byte, 0, r.Len)
		t.trace(&r, int(a.MinLen))
	}
	return r, nil
}

func lcsInput(tx *engine.Tx, k engine.Key) ([]byte, error) {
	e, err := tx.FindAs(k, engine.String)
	switch {
	case err == engine.ErrWrongType:
		return nil, ErrNotStrings
	case e == nil:
		return nil, err
	}
	return e.Bytes(), nil
}

// lcsTable holds, for every pair of prefixes, the length of what they have in
// common.
type lcsTable struct {
	x, y []byte
	len  []uint32
}

func newLCSTable(x, y []byte) *lcsTable {
	t := &lcsTable{x, y, make([]uint32, (len(x)+1)*(len(y)+1))}
	row := len(y) + 1
	for i := range x {
		above, here := t.len[i*row:(i+1)*row], t.len[(i+1)*row:(i+2)*row]
		for j := range y {
			if x[i] == y[j] {
				here[j+1] = above[j] + 1
			} else {
				here[j+1] = max(above[j+1], here[j])
			}
		}
	}
	return t
}

func (t *lcsTable) at(i, j int) uint32 { return t.len[i*(len(t.y)+1)+j] }

// trace walks back from the ends and gathers the subsequence and its runs.
func (t *lcsTable) trace(r *Common, minLen int) {
	var run Match
	open := false
	end := func() {
		if open && run.Len() >= minLen {
			r.Matches = append(r.Matches, run)
		}
		open = false
	}
	for i, j := len(t.x), len(t.y); i > 0 && j > 0; {
		if t.x[i-1] != t.y[j-1] {
			end()
			if t.at(i-1, j) > t.at(i, j-1) {
				i--
			} else {
				j--
			}
			continue
		}
		i, j = i-1, j-1
		r.Text = append(r.Text, t.x[i])
		if !open {
			run, open = Match{[2]int{i, i}, [2]int{j, j}}, true
		}
		run.A[0], run.B[0] = i, j
	}
	end()
	slices.Reverse(r.Text)
}

var (
	commonText    = reply.Codec[Common]{Put: func(w *wire.Writer, r Common) { w.Bulk(r.Text) }}
	commonLen     = reply.Codec[Common]{Put: func(w *wire.Writer, r Common) { w.Int(int64(r.Len)) }}
	commonMatches = reply.Codec[Common]{Put: putMatches}
)

func putMatches(w *wire.Writer, r Common) {
	w.Map(2)
	w.BulkString("matches")
	w.Array(len(r.Matches))
	for _, m := range r.Matches {
		n := 2
		if r.WithLen {
			n++
		}
		w.Array(n)
		for _, at := range [][2]int{m.A, m.B} {
			w.Array(2)
			w.Int(int64(at[0]))
			w.Int(int64(at[1]))
		}
		if r.WithLen {
			w.Int(int64(m.Len()))
		}
	}
	w.BulkString("len")
	w.Int(int64(r.Len))
}
