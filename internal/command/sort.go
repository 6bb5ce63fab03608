package command

import (
	"bytes"
	"slices"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
	"github.com/residedb/reside/internal/wire"
)

// SortArgs are the arguments of SORT and SORT_RO.
type SortArgs struct {
	Key                           engine.Key
	By                            []byte
	Offset, Count                 int64
	Get                           [][]byte
	Desc, Alpha                   bool
	HasBy, HasLimit, HasDst, hasG bool
	Dst                           engine.Key
}

func (a *SortArgs) ro(w *arg.Walker) { a.walk(w, false) }
func (a *SortArgs) rw(w *arg.Walker) { a.walk(w, true) }

func (a *SortArgs) walk(w *arg.Walker, store bool) {
	w.Key(&a.Key, arg.RO|arg.Access)
	for w.Options() {
		if w.Option("BY", &a.HasBy) {
			w.As("pattern")
			w.Bytes("pattern", &a.By)
		}
		if w.OptionOf("LIMIT", 2, &a.HasLimit) {
			limitBlock(w, &a.Offset, &a.Count)
		}
		a.gets(w)
		a.order(w)
		w.Flag("ALPHA", &a.Alpha)
		if store && w.Option("STORE", &a.HasDst) {
			w.KeyUnlisted(&a.Dst)
		}
	}
	w.UnknownKeys(arg.RO | arg.Access)
	if store {
		w.UnknownKeys(arg.OW | arg.Update)
	}
}

func (a *SortArgs) gets(w *arg.Walker) {
	if !w.Decoding() && !w.Describing() {
		for i := range a.Get {
			w.Token("GET")
			w.Bytes("pattern", &a.Get[i])
		}
		return
	}
	var pattern []byte
	if w.Option("GET", &a.hasG) {
		w.As("pattern")
		w.Repeats(true)
		w.Bytes("pattern", &pattern)
		a.Get = append(a.Get, pattern)
	}
}

func (a *SortArgs) order(w *arg.Walker) {
	up, down := false, a.Desc && !w.Decoding()
	w.Begin("order", "oneof")
	w.Flag("ASC", &up)
	w.Flag("DESC", &down)
	w.End()
	if w.Decoding() && (up || down) {
		a.Desc = down
	}
}

// Sort is SORT, SortRO is SORT_RO.
var (
	Sort = defineBy(Info{"sort", "generic", "1.0.0", Write | Reads | DenyOOM, "set,sortedset,list,dangerous", "Sorts the elements of a list, a set or a sorted set, and may store them."},
		(*SortArgs).rw, sortOp, func(a *SortArgs) *reply.Codec[[][]byte] {
			if a.HasDst {
				return &length
			}
			return &reply.Bulks
		})
	SortRO = define(Info{"sort_ro", "generic", "7.0.0", ReadOnly, "set,sortedset,list,dangerous", "Sorts the elements of a list, a set or a sorted set."},
		(*SortArgs).ro, sortOp, &reply.Bulks)
)

var length = reply.Codec[[][]byte]{Put: func(w *wire.Writer, r [][]byte) { w.Int(int64(len(r))) }}

// sorted is an element with what it is sorted by.
type sorted struct {
	v    []byte
	text []byte
	num  float64
}

func sortOp(tx *engine.Tx, a SortArgs) ([][]byte, error) {
	e, err := tx.Find(a.Key)
	if err != nil {
		return nil, err
	}
	items, err := a.elements(e)
	if err != nil {
		return nil, err
	}
	if a.sorts() {
		if err := a.weigh(tx, items); err != nil {
			return nil, err
		}
		slices.SortStableFunc(items, a.compare)
	}
	rows, err := a.fetch(tx, a.limit(items))
	if err != nil || !a.HasDst {
		return rows, err
	}
	l := list.New()
	for _, r := range rows {
		l.Push(true, r)
	}
	l.Grown(tx.Limits().List)
	return rows, tx.As(event.SortStore).Replace(a.Dst, engine.List, l, 0)
}

// sorts reports whether there is an order: BY a pattern without a star asks for
// none.
func (a *SortArgs) sorts() bool { return !a.HasBy || bytes.IndexByte(a.By, '*') >= 0 }

// elements are those of the key. A set that is stored unsorted is sorted all the
// same, so that replicas agree.
func (a *SortArgs) elements(e *engine.Entry) (items []sorted, err error) {
	add := func(v []byte) bool {
		items = append(items, sorted{v: bytes.Clone(nonNil(v))})
		return true
	}
	switch {
	case e == nil:
	case e.Kind() == engine.List:
		l, from := e.List(), 0
		back := a.Desc && !a.sorts() // unsorted, and yet DESC turns it around
		if back {
			from = l.Len() - 1
		}
		l.Each(from, !back, add)
	case e.Kind() == engine.Set:
		e.Set().Each(add)
		if !a.sorts() && a.HasDst {
			a.HasBy, a.Alpha = false, true
		}
	case e.Kind() == engine.ZSet:
		z, from := e.ZSet(), 0
		if a.Desc {
			from = z.Len() - 1
		}
		z.Each(from, !a.Desc, func(m zset.Entry) bool { return add(m.Member) })
	default:
		return nil, engine.ErrWrongType
	}
	return items, nil
}

// weigh finds what each element is sorted by.
func (a *SortArgs) weigh(tx *engine.Tx, items []sorted) error {
	for i := range items {
		by := items[i].v
		if a.HasBy {
			var err error
			if by, err = lookup(tx, a.Key.DB, a.By, items[i].v); err != nil {
				return err
			}
		}
		if a.Alpha {
			items[i].text = by
			continue
		}
		if by == nil {
			continue
		}
		f, ok := arg.ParseFloat(bytes.TrimLeft(by, " \t\n\v\f\r"))
		if !ok && len(by) > 0 {
			return arg.Errf("One or more scores can't be converted into double")
		}
		items[i].num = f
	}
	return nil
}

func (a *SortArgs) compare(x, y sorted) (n int) {
	switch {
	case a.Alpha && a.HasBy && (x.text == nil || y.text == nil):
		n = presence(x.text) - presence(y.text)
	case a.Alpha:
		n = bytes.Compare(a.collated(x.text), a.collated(y.text))
	case x.num < y.num:
		n = -1
	case x.num > y.num:
		n = 1
	default:
		n = bytes.Compare(x.v, y.v)
	}
	if a.Desc {
		return -n
	}
	return n
}

// collated is the part of a text that counts. Redis has the system compare texts, which
// end for it at a zero byte, unless the result is stored.
func (a *SortArgs) collated(text []byte) []byte {
	if end := bytes.IndexByte(text, 0); end >= 0 && !a.HasDst {
		return text[:end]
	}
	return text
}

func presence(b []byte) int {
	if b == nil {
		return 0
	}
	return 1
}

func (a *SortArgs) limit(items []sorted) []sorted {
	if !a.HasLimit {
		return items
	}
	n := int64(len(items))
	start := max(a.Offset, 0)
	end := n
	if a.Count >= 0 && a.Count < n-min(start, n) {
		end = start + a.Count
	}
	if start >= n {
		return nil
	}
	return items[start:end]
}

// fetch is what GET asks for of each element, or the elements.
func (a *SortArgs) fetch(tx *engine.Tx, items []sorted) ([][]byte, error) {
	rows := make([][]byte, 0, len(items)*max(len(a.Get), 1))
	for _, it := range items {
		if len(a.Get) == 0 {
			rows = append(rows, it.v)
		}
		for _, pattern := range a.Get {
			v, err := lookup(tx, a.Key.DB, pattern, it.v)
			if err != nil {
				return nil, err
			}
			rows = append(rows, v)
		}
	}
	return rows, nil
}

// lookup is the value that a pattern names for an element: of a string key, of a
// hash's field behind "->", or the element itself for "#". The transaction
// grows to the key.
func lookup(tx *engine.Tx, db int, pattern, v []byte) ([]byte, error) {
	if string(pattern) == "#" {
		return v, nil
	}
	star := bytes.IndexByte(pattern, '*')
	if star < 0 {
		return nil, nil
	}
	name, f := pattern, []byte(nil)
	if at := bytes.Index(pattern[star:], []byte("->")); at >= 0 && star+at+2 < len(pattern) {
		name, f = pattern[:star+at], pattern[star+at+2:]
	}
	key := engine.KeyOf(slices.Concat(name[:star], v, name[star+1:])).In(db)
	e, err := tx.Find(key)
	if e == nil || err != nil {
		return nil, err
	}
	switch {
	case f != nil && e.Kind() == engine.Hash:
		h, err := tx.Live(e)
		if h == nil {
			return nil, err
		}
		return bytes.Clone(field(h, f)), nil
	case f == nil && e.Kind() == engine.String:
		return bytes.Clone(nonNil(e.Bytes())), nil
	}
	return nil, nil
}
