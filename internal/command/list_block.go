package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// BPopArgs are keys and how long to wait for one of them.
type BPopArgs struct {
	Keys    []engine.Key
	Timeout float64 // seconds, 0 for ever
}

func (a *BPopArgs) walk(w *arg.Walker) {
	w.KeyList(&a.Keys, arg.RW|arg.Access|arg.Delete, 1)
	timeout(w, &a.Timeout)
}

func (a *BPopArgs) waitFor(kind engine.Kind) *Wait {
	return &Wait{Timeout: a.Timeout, Kind: kind, Keys: a.Keys, Null: (*wire.Writer).NullArray}
}

// Popped is a key, its place among those that were asked for, and what was taken
// from it.
type Popped struct {
	Key   []byte
	At    int
	Items [][]byte
}

// BLPop is BLPOP, BRPop is BRPOP.
var (
	BLPop = bpopRow("blpop", "Returns the head of the first list that has one and removes it; waits for one.", false)
	BRPop = bpopRow("brpop", "Returns the tail of the first list that has one and removes it; waits for one.", true)
)

func bpopRow(name, summary string, back bool) *Row[BPopArgs, Popped] {
	op := func(tx *engine.Tx, a BPopArgs) (Popped, error) { return popFirst(tx, a.Keys, back, 1) }
	return waiting(define(Info{name, "list", "2.0.0", Write | Blocking, "", summary}, (*BPopArgs).walk, op, &keyAndItem),
		func(a *BPopArgs) *Wait { return a.waitFor(engine.List) })
}

var keyAndItem = reply.Codec[Popped]{Put: func(w *wire.Writer, r Popped) {
	w.Array(2)
	w.Bulk(r.Key)
	w.Bulk(r.Items[0])
}}

// popFirst takes up to n elements from the first list that has any.
func popFirst(tx *engine.Tx, keys []engine.Key, back bool, n int64) (Popped, error) {
	for i, k := range keys {
		items, err := tx.ListPop(k, back, n)
		if err != nil || items != nil {
			return Popped{k.B, i, items}, err
		}
	}
	return Popped{}, engine.ErrEmpty
}

// MPopArgs are the arguments of LMPOP, ZMPOP and their blocking forms.
type MPopArgs struct {
	Keys     []engine.Key
	Where    uint8 // 1 left or min, 2 right or max
	Count    int64
	HasCount bool
	Timeout  float64
}

func (a *MPopArgs) walkWords(w *arg.Walker, words ...string) {
	w.NumKeys(&a.Keys, arg.RW|arg.Access|arg.Delete, errNumKeys, errNumKeys, arg.ErrSyntax)
	w.Word("where", &a.Where, words...)
	for w.Options() {
		if w.Once("COUNT", &a.HasCount) {
			w.IntOr("count", &a.Count, errCountPositive)
			if w.Decoding() && a.Count < 1 {
				w.Fail(errCountPositive)
			}
		}
	}
}

var (
	errNumKeys       = error(arg.Error{Code: "ERR", Text: "numkeys should be greater than 0"})
	errCountPositive = error(arg.Error{Code: "ERR", Text: "count should be greater than 0"})
)

func (a *MPopArgs) list(w *arg.Walker) { a.walkWords(w, "LEFT", "RIGHT") }

func (a *MPopArgs) blist(w *arg.Walker) {
	w.Last(func() { timeout(w, &a.Timeout) })
	a.list(w)
}

func (a *MPopArgs) count() int64 {
	if a.HasCount {
		return a.Count
	}
	return 1
}

func (a *MPopArgs) waitFor(kind engine.Kind) *Wait {
	return &Wait{Timeout: a.Timeout, Kind: kind, Keys: a.Keys, Null: (*wire.Writer).NullArray}
}

// LMPop is LMPOP, BLMPop is BLMPOP.
var (
	LMPop = define(Info{"lmpop", "list", "7.0.0", Write, "", "Returns elements of the first list that has any and removes them."},
		(*MPopArgs).list, lmpop, &keyAndItems)
	BLMPop = waiting(define(Info{"blmpop", "list", "7.0.0", Write | Blocking, "", "Returns elements of the first list that has any and removes them; waits for one."},
		(*MPopArgs).blist, blmpop, &keyAndItems), func(a *MPopArgs) *Wait { return a.waitFor(engine.List) })
)

var keyAndItems = reply.Codec[Popped]{Put: func(w *wire.Writer, r Popped) {
	if r.Items == nil {
		w.NullArray()
		return
	}
	w.Array(2)
	w.Bulk(r.Key)
	reply.Bulks.Put(w, r.Items)
}}

func blmpop(tx *engine.Tx, a MPopArgs) (Popped, error) {
	return popFirst(tx, a.Keys, a.Where == 2, a.count())
}

func lmpop(tx *engine.Tx, a MPopArgs) (Popped, error) { return orNothing(blmpop(tx, a)) }

// orNothing is for commands that do not wait: nothing is no error.
func orNothing[R any](r R, err error) (R, error) {
	if err == engine.ErrEmpty {
		err = nil
	}
	return r, err
}
