package command

import (
	"math"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// LSetArgs are a key, an index and an element.
type LSetArgs struct {
	Key     engine.Key
	Index   int64
	Element []byte
	bad     error // what was wrong with the index, told after the key's error
}

func (a *LSetArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Update)
	w.LazyInt("index", &a.Index, &a.bad)
	w.Bytes("element", &a.Element)
}

// LSet is LSET.
var LSet = define(Info{"lset", "list", "1.0.0", Write | DenyOOM, "", "Replaces the element at an index of a list."},
	(*LSetArgs).walk, lset, &reply.OK)

func lset(tx *engine.Tx, a LSetArgs) (r reply.None, err error) {
	l, err := findList(tx, a.Key)
	if err != nil {
		return r, err
	}
	if l == nil {
		return r, ErrNoSuchKey
	}
	if a.bad != nil {
		return r, a.bad
	}
	i, ok := place(a.Index, l.Len())
	if !ok {
		return r, ErrIndex
	}
	return r, tx.ListSet(a.Key, i, a.Element)
}

// ErrIndex is LSET's error of an index outside the list.
var ErrIndex = arg.Error{Code: "ERR", Text: "index out of range"}

// LInsertArgs are the arguments of LINSERT.
type LInsertArgs struct {
	Key            engine.Key
	Where          uint8 // 1 before, 2 after
	Pivot, Element []byte
}

func (a *LInsertArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Insert)
	w.Word("where", &a.Where, "BEFORE", "AFTER")
	w.Bytes("pivot", &a.Pivot)
	w.Bytes("element", &a.Element)
}

// LInsert is LINSERT.
var LInsert = define(Info{"linsert", "list", "2.2.0", Write | DenyOOM, "", "Puts an element before or after another one of a list."},
	(*LInsertArgs).walk, linsert, &reply.Int)

func linsert(tx *engine.Tx, a LInsertArgs) (int64, error) {
	l, err := findList(tx, a.Key)
	if l == nil {
		return 0, err
	}
	at, found := 0, false
	l.Each(0, true, func(v []byte) bool {
		found = string(v) == string(a.Pivot)
		if !found {
			at++
		}
		return !found
	})
	if !found {
		return -1, nil
	}
	n, err := tx.ListInsert(a.Key, at+int(a.Where)-1, a.Element)
	return int64(n), err
}

// LRemArgs are the arguments of LREM.
type LRemArgs struct {
	Key     engine.Key
	Count   int64
	Element []byte
}

func (a *LRemArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Delete)
	w.Int("count", &a.Count)
	w.Bytes("element", &a.Element)
}

// LRem is LREM.
var LRem = define(Info{"lrem", "list", "1.0.0", Write, "", "Removes elements equal to a given one from a list."},
	(*LRemArgs).walk, lrem, &reply.Int)

func lrem(tx *engine.Tx, a LRemArgs) (int64, error) {
	l, err := findList(tx, a.Key)
	if l == nil {
		return 0, err
	}
	n, err := tx.ListRemove(a.Key, int(max(a.Count, math.MinInt64+1)), a.Element)
	return int64(n), err
}

// LPosArgs are the arguments of LPOS.
type LPosArgs struct {
	Key                      engine.Key
	Element                  []byte
	Rank, Count, MaxLen      int64
	HasRank, HasCount, HasML bool
}

func (a *LPosArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RO|arg.Access)
	w.Bytes("element", &a.Element)
	for w.Options() {
		if w.Option("RANK", &a.HasRank) {
			w.Int("rank", &a.Rank)
			a.checkRank(w)
		}
		if w.Option("COUNT", &a.HasCount) {
			w.IntOr("num-matches", &a.Count, errCountNegative)
			if w.Decoding() && a.Count < 0 {
				w.Fail(errCountNegative)
			}
		}
		if w.Option("MAXLEN", &a.HasML) {
			w.IntOr("len", &a.MaxLen, errMaxLenNegative)
			if w.Decoding() && a.MaxLen < 0 {
				w.Fail(errMaxLenNegative)
			}
		}
	}
}

var (
	errCountNegative  = arg.Error{Code: "ERR", Text: "COUNT can't be negative"}
	errMaxLenNegative = arg.Error{Code: "ERR", Text: "MAXLEN can't be negative"}
)

func (a *LPosArgs) checkRank(w *arg.Walker) {
	switch {
	case !w.Decoding():
	case a.Rank == math.MinInt64:
		w.Fail(arg.ErrNegatable)
	case a.Rank == 0:
		w.Fail(arg.Errf("RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list"))
	}
}

// LPos is LPOS.
var LPos = defineBy(Info{"lpos", "list", "6.0.6", ReadOnly, "", "Returns the indexes of elements equal to a given one."},
	(*LPosArgs).walk, lpos, func(a *LPosArgs) *reply.Codec[[]int64] {
		if a.HasCount {
			return &reply.Ints
		}
		return &firstInt
	})

var firstInt = reply.Codec[[]int64]{Put: func(w *wire.Writer, r []int64) {
	if len(r) == 0 {
		w.Null()
		return
	}
	w.Int(r[0])
}}

func lpos(tx *engine.Tx, a LPosArgs) ([]int64, error) {
	l, err := findList(tx, a.Key)
	if l == nil {
		return nil, err
	}
	want := int64(1)
	if a.HasCount {
		want = a.Count
	}
	i, step, skip := int64(0), int64(1), a.Rank-1
	if a.Rank < 0 {
		i, step, skip = int64(l.Len()-1), -1, -a.Rank-1
	}
	var found []int64
	left := a.MaxLen
	l.Each(int(i), step > 0, func(v []byte) bool {
		if string(v) == string(a.Element) {
			if skip > 0 {
				skip--
			} else {
				found = append(found, i)
			}
		}
		i += step
		left--
		return (want == 0 || int64(len(found)) < want) && left != 0
	})
	return found, nil
}
