package command

import (
	"math"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
)

// AddArgs are a key and what is added to its number.
type AddArgs struct {
	Key engine.Key
	By  int64
}

func (a *AddArgs) key(w *arg.Walker) { w.Key(&a.Key, arg.RW|arg.Access|arg.Update) }

func (a *AddArgs) by(w *arg.Walker) {
	a.key(w)
	w.Int("increment", &a.By)
}

func (a *AddArgs) down(w *arg.Walker) {
	a.key(w)
	w.Int("decrement", &a.By)
	if w.Decoding() && a.By == math.MinInt64 {
		w.Fail(arg.Errf("decrement would overflow"))
	}
}

// The counters: INCR, DECR, INCRBY, DECRBY.
var (
	Incr = define(Info{"incr", "string", "1.0.0", Write | DenyOOM | Fast, "", "Adds one to the integer value of a key, 0 if it is missing."},
		(*AddArgs).key, func(tx *engine.Tx, a AddArgs) (int64, error) { return add(tx, a.Key, 1) }, &reply.Int)
	Decr = define(Info{"decr", "string", "1.0.0", Write | DenyOOM | Fast, "", "Subtracts one from the integer value of a key, 0 if it is missing."},
		(*AddArgs).key, func(tx *engine.Tx, a AddArgs) (int64, error) { return add(tx, a.Key, -1) }, &reply.Int)
	IncrBy = define(Info{"incrby", "string", "1.0.0", Write | DenyOOM | Fast, "", "Adds to the integer value of a key, 0 if it is missing."},
		(*AddArgs).by, func(tx *engine.Tx, a AddArgs) (int64, error) { return add(tx, a.Key, a.By) }, &reply.Int)
	DecrBy = define(Info{"decrby", "string", "1.0.0", Write | DenyOOM | Fast, "", "Subtracts from the integer value of a key, 0 if it is missing."},
		(*AddArgs).down, func(tx *engine.Tx, a AddArgs) (int64, error) { return add(tx, a.Key, -a.By) }, &reply.Int)
)

func add(tx *engine.Tx, k engine.Key, by int64) (int64, error) {
	e, err := tx.FindAs(k, engine.String)
	if err != nil {
		return 0, err
	}
	var n, deadline int64
	if e != nil {
		var ok bool
		if n, ok = arg.ParseInt(e.Bytes()); !ok {
			return 0, arg.ErrNotInt
		}
		deadline = e.Deadline()
	}
	if by > 0 && n > math.MaxInt64-by || by < 0 && n < math.MinInt64-by {
		return 0, ErrOverflow
	}
	n += by
	return n, tx.As(event.IncrBy).PutString(k, tx.KeepInt(n), deadline)
}

// AddFloatArgs are a key and the text of what is added to its number.
type AddFloatArgs struct {
	Key engine.Key
	By  []byte
}

func (a *AddFloatArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Access|arg.Update)
	w.As("double")
	w.Bytes("increment", &a.By)
}

// IncrByFloat is INCRBYFLOAT.
var IncrByFloat = define(Info{"incrbyfloat", "string", "2.6.0", Write | DenyOOM | Fast, "", "Adds to the floating-point value of a key, 0 if it is missing."},
	(*AddFloatArgs).walk, incrByFloat, &reply.Bulk)

func incrByFloat(tx *engine.Tx, a AddFloatArgs) ([]byte, error) {
	e, err := tx.FindAs(a.Key, engine.String)
	if err != nil {
		return nil, err
	}
	old, deadline := []byte("0"), int64(0)
	if e != nil {
		old, deadline = e.Bytes(), e.Deadline()
	}
	sum, err := addFloat(old, a.By)
	if err != nil {
		return nil, err
	}
	return sum, tx.As(event.IncrByFloat).PutText(a.Key, sum, deadline)
}
