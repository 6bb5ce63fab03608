package command

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/glob"
	"github.com/residedb/reside/internal/wire"
)

// ScanArgs are the arguments of SCAN, HSCAN, SSCAN and ZSCAN.
type ScanArgs struct {
	Key                        engine.Key // not of SCAN
	DB                         int        // of SCAN
	Cursor                     uint64
	Match                      []byte
	Count                      int64
	Type                       []byte
	HasMatch, HasCount, HasTyp bool
	NoValues                   bool

	cursor []byte
	bad    error // of the options: a key that is not there makes them not matter
}

func (a *ScanArgs) keys(w *arg.Walker) {
	a.DB = w.DB()
	a.from(w)
	a.options(w, func() {
		if w.Option("TYPE", &a.HasTyp) {
			w.Bytes("type", &a.Type)
		}
	})
}

func (a *ScanArgs) elements(w *arg.Walker) { a.of(w, func() {}) }
func (a *ScanArgs) fields(w *arg.Walker)   { a.of(w, func() { w.Flag("NOVALUES", &a.NoValues) }) }

func (a *ScanArgs) of(w *arg.Walker, more func()) {
	w.Key(&a.Key, arg.RO|arg.Access)
	a.from(w)
	w.Later(&a.bad, func() { a.options(w, more) })
}

func (a *ScanArgs) from(w *arg.Walker) {
	if !w.Decoding() {
		a.cursor = strconv.AppendUint(nil, a.Cursor, 10)
	}
	w.As("integer")
	w.Bytes("cursor", &a.cursor)
	if w.Decoding() {
		a.parseCursor(w)
	}
}

func (a *ScanArgs) options(w *arg.Walker, more func()) {
	for w.Options() {
		if w.Option("MATCH", &a.HasMatch) {
			w.As("pattern")
			w.Bytes("pattern", &a.Match)
		}
		if w.Option("COUNT", &a.HasCount) {
			w.Int("count", &a.Count)
			if w.Decoding() && a.Count < 1 {
				w.Fail(arg.ErrSyntax)
			}
		}
		more()
	}
}

// parseCursor reads the cursor as C's strtoul does: a sign is allowed.
func (a *ScanArgs) parseCursor(w *arg.Walker) {
	if len(a.cursor) == 0 {
		return // strtoul reads 0 out of nothing
	}
	text, neg := strings.CutPrefix(string(a.cursor), "-")
	if !neg {
		text = strings.TrimPrefix(text, "+")
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		w.Fail(arg.Errf("invalid cursor"))
	}
	if a.Cursor = n; neg {
		a.Cursor = -n
	}
}

// wants reports whether an element passes MATCH.
func (a *ScanArgs) wants(b []byte) bool {
	return !a.HasMatch || glob.All(a.Match) || glob.Match(a.Match, b)
}

func (a *ScanArgs) count() int64 {
	if a.HasCount {
		return a.Count
	}
	return 10
}

// Page is what a scan found, and the cursor to go on with, 0 at the end.
type Page struct {
	Cursor uint64
	Items  [][]byte
	Scores []float64 // of the items of ZSCAN

	packed bool // the sorted set is a listpack, whose scores are texts
}

var page = reply.Codec[Page]{Put: func(w *wire.Writer, p Page) {
	w.Array(2)
	w.BulkString(strconv.FormatUint(p.Cursor, 10))
	if p.Scores == nil {
		reply.Bulks.Put(w, p.Items)
		return
	}
	w.Array(2 * len(p.Items))
	for i, m := range p.Items {
		w.Bulk(m)
		w.Bulk(p.score(p.Scores[i]))
	}
}}

// score is a score as ZSCAN shows it: the text in the listpack, where integers have
// all their digits, or 17 digits.
func (p *Page) score(f float64) []byte {
	if p.packed && f == math.Trunc(f) && math.Abs(f) < 1<<62 {
		return strconv.AppendInt(nil, int64(f), 10)
	}
	if p.packed || math.IsInf(f, 0) {
		return wire.AppendDouble(nil, f)
	}
	return strconv.AppendFloat(nil, f, 'g', 17, 64)
}

// steps runs one bucket after another until enough elements were seen, or very
// many buckets were empty. step says how many elements its bucket has.
func (a *ScanArgs) steps(step func(cursor uint64) (next uint64, seen int)) uint64 {
	cursor, seen := a.Cursor, int64(0)
	for tries := a.count() * 10; ; tries-- {
		next, n := step(cursor)
		cursor, seen = next, seen+int64(n)
		if cursor == 0 || seen >= a.count() || tries <= 1 {
			return cursor
		}
	}
}

// Scan is SCAN.
var Scan = define(Info{"scan", "generic", "2.8.0", ReadOnly, "keyspace", "Returns some of the keys and a cursor to go on with."},
	(*ScanArgs).keys, scan, &page)

func scan(tx *engine.Tx, a ScanArgs) (p Page, err error) {
	p.Cursor, p.Items = a.Cursor, [][]byte{}
	for seen, tries := int64(0), a.count()*10; ; tries-- {
		p.Cursor, err = tx.Scan(a.DB, p.Cursor, func(e *engine.Entry) {
			seen++
			if a.wants(e.Key()) && (!a.HasTyp || bytes.EqualFold(a.Type, []byte(e.Kind().String()))) {
				p.Items = append(p.Items, bytes.Clone(nonNil(e.Key())))
			}
		})
		if err != nil || p.Cursor == 0 || seen >= a.count() || tries <= 1 {
			return p, err
		}
	}
}

// HScan is HSCAN.
var HScan = define(Info{"hscan", "hash", "2.8.0", ReadOnly, "", "Returns some of the fields and values of a hash and a cursor to go on with."},
	(*ScanArgs).fields, hscan, &page)

func hscan(tx *engine.Tx, a ScanArgs) (Page, error) {
	h, err := findHash(tx, a.Key)
	if h == nil {
		return Page{Items: [][]byte{}}, err
	}
	if a.bad != nil {
		return Page{}, a.bad
	}
	items := [][]byte{}
	cursor := a.steps(func(cursor uint64) (next uint64, n int) {
		next = h.Scan(cursor, func(f, v []byte) {
			n++
			if !a.wants(f) {
				return
			}
			items = append(items, nonNil(f))
			if !a.NoValues {
				items = append(items, nonNil(v))
			}
		})
		return next, n
	})
	return Page{Cursor: cursor, Items: items}, nil
}

// SScan is SSCAN.
var SScan = define(Info{"sscan", "set", "2.8.0", ReadOnly, "", "Returns some of the members of a set and a cursor to go on with."},
	(*ScanArgs).elements, sscan, &page)

func sscan(tx *engine.Tx, a ScanArgs) (Page, error) {
	e, err := tx.FindAs(a.Key, engine.Set)
	if e == nil {
		return Page{Items: [][]byte{}}, err
	}
	if a.bad != nil {
		return Page{}, a.bad
	}
	items := [][]byte{}
	cursor := a.steps(func(cursor uint64) (next uint64, n int) {
		next = e.Set().Scan(cursor, func(m []byte) {
			n++
			if a.wants(m) {
				items = append(items, bytes.Clone(nonNil(m)))
			}
		})
		return next, n
	})
	return Page{Cursor: cursor, Items: items}, nil
}

// ZScan is ZSCAN.
var ZScan = define(Info{"zscan", "sorted_set", "2.8.0", ReadOnly, "", "Returns some of the members and scores of a sorted set and a cursor to go on with."},
	(*ScanArgs).elements, zscan, &page)

func zscan(tx *engine.Tx, a ScanArgs) (Page, error) {
	e, err := tx.FindAs(a.Key, engine.ZSet)
	if e == nil {
		return Page{Items: [][]byte{}}, err
	}
	if a.bad != nil {
		return Page{}, a.bad
	}
	p := Page{Items: [][]byte{}, packed: e.Encoding() == "listpack"}
	p.Cursor = a.steps(func(cursor uint64) (next uint64, n int) {
		next = e.ZSet().Scan(cursor, func(m zset.Entry) {
			n++
			if a.wants(m.Member) {
				p.Items = append(p.Items, m.Member)
				p.Scores = append(p.Scores, m.Score)
			}
		})
		return next, n
	})
	return p, nil
}
