package command

import (
	"math"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// Side is an end of a list.
type Side uint8

// The ends.
const (
	Left  Side = 1
	Right Side = 2
)

// MoveArgs are the arguments of LMOVE and its kin.
type MoveArgs struct {
	Src, Dst engine.Key
	From, To Side
	Timeout  float64 // of the blocking forms, in seconds
}

func (a *MoveArgs) keys(w *arg.Walker) {
	w.Key(&a.Src, arg.RW|arg.Access|arg.Delete)
	w.Key(&a.Dst, arg.RW|arg.Insert)
}

func (a *MoveArgs) walk(w *arg.Walker) {
	a.keys(w)
	w.Word("wherefrom", (*uint8)(&a.From), "LEFT", "RIGHT")
	w.Word("whereto", (*uint8)(&a.To), "LEFT", "RIGHT")
}

func (a *MoveArgs) old(w *arg.Walker) {
	a.keys(w)
	a.From, a.To = Right, Left
}

func (a *MoveArgs) blocking(w *arg.Walker) {
	a.walk(w)
	timeout(w, &a.Timeout)
}

func (a *MoveArgs) oldBlocking(w *arg.Walker) {
	a.old(w)
	timeout(w, &a.Timeout)
}

// LMove is LMOVE, RPopLPush its old form.
var (
	LMove = define(Info{"lmove", "list", "6.2.0", Write | DenyOOM, "", "Moves an element from an end of a list to an end of another one."},
		(*MoveArgs).walk, lmove, &reply.Bulk)
	RPopLPush = define(Info{"rpoplpush", "list", "1.2.0", Write | DenyOOM, "", "Moves an element from the tail of a list to the head of another one."},
		(*MoveArgs).old, lmove, &reply.Bulk)
)

func lmove(tx *engine.Tx, a MoveArgs) ([]byte, error) {
	l, err := findList(tx, a.Src)
	if l == nil {
		return nil, err
	}
	if _, err := tx.FindAs(a.Dst, engine.List); err != nil {
		return nil, err
	}
	at := 0
	if a.From == Right {
		at = l.Len() - 1
	}
	v := tx.Keep(l.Index(at))
	// First the push, as in Redis: a list that is moved within itself is never empty,
	// it would lose its time to live.
	if _, err := tx.ListPush(a.Dst, a.To == Right, v); err != nil {
		return nil, err
	}
	_, err = tx.ListPop(a.Src, a.From == Right, 1)
	return v, err
}

// BLMove is BLMOVE, BRPopLPush its old form.
var (
	BLMove = waiting(define(Info{"blmove", "list", "6.2.0", Write | DenyOOM | Blocking, "", "Moves an element from an end of a list to an end of another one; waits for one."},
		(*MoveArgs).blocking, blmove, &reply.Bulk), (*MoveArgs).wait)
	BRPopLPush = waiting(define(Info{"brpoplpush", "list", "2.2.0", Write | DenyOOM | Blocking, "", "Moves an element from the tail of a list to the head of another one; waits for one."},
		(*MoveArgs).oldBlocking, blmove, &reply.Bulk), (*MoveArgs).wait)
)

func blmove(tx *engine.Tx, a MoveArgs) ([]byte, error) {
	v, err := lmove(tx, a)
	if v == nil && err == nil {
		err = engine.ErrEmpty
	}
	return v, err
}

func (a *MoveArgs) wait() *Wait {
	return &Wait{Timeout: a.Timeout, Kind: engine.List, Keys: []engine.Key{a.Src}, More: []engine.Key{a.Dst},
		Null: (*wire.Writer).Null}
}

// timeout reads how long a blocking command waits, in seconds.
func timeout(w *arg.Walker, seconds *float64) {
	w.FloatRange("timeout", seconds, errTimeout)
	switch {
	case !w.Decoding():
	case *seconds < 0:
		w.Fail(arg.Errf("timeout is negative"))
	case *seconds*1000 >= math.MaxInt64:
		w.Fail(arg.Errf("timeout is out of range"))
	}
}

var errTimeout = arg.Error{Code: "ERR", Text: "timeout is not a float or out of range"}
