package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/packed"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

func listRows() []Command {
	return []Command{LPush, RPush, LPushX, RPushX, LPop, RPop, LLen, LIndex, LSet, LRange, LInsert, LRem, LTrim, LPos,
		LMove, RPopLPush, LMPop, BLPop, BRPop, BLMove, BRPopLPush, BLMPop}
}

// findList is the list of a key, nil if there is none.
func findList(tx *engine.Tx, k engine.Key) (*list.List, error) {
	e, err := tx.FindAs(k, engine.List)
	if e == nil {
		return nil, err
	}
	return e.List(), nil
}

// PushArgs are a key and elements.
type PushArgs struct {
	Key      engine.Key
	Elements [][]byte
}

func (a *PushArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Insert)
	w.List("element", &a.Elements)
}

// The commands that push.
var (
	LPush = define(Info{"lpush", "list", "1.0.0", Write | DenyOOM | Fast, "", "Puts elements at the head of a list, which is created if needed."},
		(*PushArgs).walk, push(false, false), &reply.Int)
	RPush = define(Info{"rpush", "list", "1.0.0", Write | DenyOOM | Fast, "", "Puts elements at the tail of a list, which is created if needed."},
		(*PushArgs).walk, push(true, false), &reply.Int)
	LPushX = define(Info{"lpushx", "list", "2.2.0", Write | DenyOOM | Fast, "", "Puts elements at the head of a list that exists."},
		(*PushArgs).walk, push(false, true), &reply.Int)
	RPushX = define(Info{"rpushx", "list", "2.2.0", Write | DenyOOM | Fast, "", "Puts elements at the tail of a list that exists."},
		(*PushArgs).walk, push(true, true), &reply.Int)
)

func push(back, ifPresent bool) func(*engine.Tx, PushArgs) (int64, error) {
	return func(tx *engine.Tx, a PushArgs) (int64, error) {
		if ifPresent {
			if l, err := findList(tx, a.Key); l == nil {
				return 0, err
			}
		}
		n, err := tx.ListPush(a.Key, back, a.Elements...)
		return int64(n), err
	}
}

// PopArgs are a key and how many elements are wanted, one without a count.
type PopArgs struct {
	Key      engine.Key
	HasCount bool
	Count    int64
}

func (a *PopArgs) left(w *arg.Walker)  { a.exactly(w, "lpop") }
func (a *PopArgs) right(w *arg.Walker) { a.exactly(w, "rpop") }

// exactly is walk for the commands that call too many arguments by their name.
func (a *PopArgs) exactly(w *arg.Walker, name string) {
	if w.Decoding() && w.Rest() > 2 {
		w.Fail(arg.ErrArity(name))
	}
	a.walk(w)
}

func (a *PopArgs) walk(w *arg.Walker) {
	if w.Decoding() && w.Rest() > 2 {
		w.Fail(arg.ErrSyntax)
	}
	w.Key(&a.Key, arg.RW|arg.Access|arg.Delete)
	if w.Maybe(&a.HasCount) {
		w.IntOr("count", &a.Count, errNotPositive)
		if w.Decoding() && a.Count < 0 {
			w.Fail(errNotPositive)
		}
	}
}

var errNotPositive = arg.Error{Code: "ERR", Text: "value is out of range, must be positive"}

// LPop is LPOP, RPop is RPOP.
var (
	LPop = defineBy(Info{"lpop", "list", "1.0.0", Write | Fast, "", "Returns elements of the head of a list and removes them."},
		(*PopArgs).left, pop(false), popReply)
	RPop = defineBy(Info{"rpop", "list", "1.0.0", Write | Fast, "", "Returns elements of the tail of a list and removes them."},
		(*PopArgs).right, pop(true), popReply)
)

func popReply(a *PopArgs) *reply.Codec[[][]byte] {
	if a.HasCount {
		return &reply.BulksOrNull
	}
	return &reply.First
}

func pop(back bool) func(*engine.Tx, PopArgs) ([][]byte, error) {
	return func(tx *engine.Tx, a PopArgs) ([][]byte, error) {
		if !a.HasCount {
			return tx.ListPop(a.Key, back, 1)
		}
		if a.Count == 0 {
			if l, err := findList(tx, a.Key); l == nil {
				return nil, err
			}
			return [][]byte{}, nil
		}
		return tx.ListPop(a.Key, back, a.Count)
	}
}

// LLen is LLEN.
var LLen = define(Info{"llen", "list", "1.0.0", ReadOnly | Fast, "", "Returns the length of a list."},
	(*KeyArgs).probe, func(tx *engine.Tx, a KeyArgs) (int64, error) {
		l, err := findList(tx, a.Key)
		if l == nil {
			return 0, err
		}
		return int64(l.Len()), nil
	}, &reply.Int)

// IndexArgs are a key and an index; a negative one counts from the end.
type IndexArgs struct {
	Key   engine.Key
	Index int64
	bad   error // what was wrong with the index
}

func (a *IndexArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RO|arg.Access)
	w.LazyInt("index", &a.Index, &a.bad)
}

// LIndex is LINDEX.
var LIndex = define(Info{"lindex", "list", "1.0.0", ReadOnly, "", "Returns the element at an index of a list."},
	(*IndexArgs).walk, lindex, &reply.Bulk)

func lindex(tx *engine.Tx, a IndexArgs) ([]byte, error) {
	l, err := findList(tx, a.Key)
	if l == nil {
		return nil, err
	}
	if a.bad != nil {
		return nil, a.bad
	}
	i, ok := place(a.Index, l.Len())
	if !ok {
		return nil, nil
	}
	return nonNil(l.Index(i)), nil
}

// place is where an index, negative ones from the end, stands in n elements.
func place(i int64, n int) (at int, ok bool) {
	if i < 0 {
		i += int64(n)
	}
	return int(i), 0 <= i && i < int64(n)
}

// Span is elements of a list one behind another. It borrows the list until the
// transaction ends.
type Span struct {
	list  *list.List
	first int
	n     int
}

// Run is some elements of a span, borrowed like it.
type Run = packed.Run

// Len is how many elements there are.
func (s Span) Len() int { return s.n }

// Runs calls fn with all elements, run by run.
func (s Span) Runs(fn func(Run)) {
	if s.n > 0 {
		s.list.Runs(s.first, s.n, fn)
	}
}

var spanReply = reply.Codec[Span]{Put: func(w *wire.Writer, s Span) {
	w.Array(s.n)
	s.Runs(func(r Run) {
		data := r.Data
		for i := range r.Len() {
			n := r.Length(i)
			w.Bulk(data[:n])
			data = data[n:]
		}
	})
}}

// LRange is LRANGE.
var LRange = define(Info{"lrange", "list", "1.0.0", ReadOnly, "", "Returns the elements of a range of a list."},
	(*RangeArgs).list, lrange, &spanReply)

func (a *RangeArgs) list(w *arg.Walker) { a.walk(w, arg.RO|arg.Access) }
func (a *RangeArgs) trim(w *arg.Walker) { a.walk(w, arg.RW|arg.Delete) }

func (a *RangeArgs) walk(w *arg.Walker, f arg.KeyFlags) {
	w.Key(&a.Key, f)
	w.Int("start", &a.Start)
	w.Int("stop", &a.Stop)
}

// clamp makes the range one of indexes in n elements; ok is false if it is empty.
func (a *RangeArgs) clamp(n int) (first, last int, ok bool) {
	start, stop := a.Start, a.Stop
	if start < 0 {
		start = max(start+int64(n), 0)
	}
	if stop < 0 {
		stop += int64(n)
	}
	stop = min(stop, int64(n)-1)
	return int(start), int(stop), start <= stop
}

func lrange(tx *engine.Tx, a RangeArgs) (Span, error) {
	l, err := findList(tx, a.Key)
	if l == nil {
		return Span{}, err
	}
	first, last, ok := a.clamp(l.Len())
	if !ok {
		return Span{}, nil
	}
	return Span{l, first, last - first + 1}, nil
}

// LTrim is LTRIM.
var LTrim = define(Info{"ltrim", "list", "1.0.0", Write, "", "Removes the elements outside a range of a list."},
	(*RangeArgs).trim, ltrim, &reply.OK)

func ltrim(tx *engine.Tx, a RangeArgs) (r reply.None, err error) {
	l, err := findList(tx, a.Key)
	if l == nil {
		return r, err
	}
	first, last, ok := a.clamp(l.Len())
	if !ok {
		first, last = 1, 0
	}
	return r, tx.ListTrim(a.Key, first, last)
}
