package command

import (
	"math"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
)

// HIncrByArgs are a key, a field and what is added to its number.
type HIncrByArgs struct {
	Key   engine.Key
	Field []byte
	By    int64
}

func (a *HIncrByArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Access|arg.Update)
	w.Bytes("field", &a.Field)
	w.Int("increment", &a.By)
}

// HIncrBy is HINCRBY.
var HIncrBy = define(Info{"hincrby", "hash", "2.0.0", Write | DenyOOM | Fast, "", "Adds to the integer value of a field of a hash."},
	(*HIncrByArgs).walk, hincrBy, &reply.Int)

func hincrBy(tx *engine.Tx, a HIncrByArgs) (int64, error) {
	old, err := hget(tx, FieldArgs{a.Key, a.Field})
	if err != nil {
		return 0, err
	}
	var n int64
	if old != nil {
		var ok bool
		if n, ok = arg.ParseInt(old); !ok {
			return 0, ErrHashNotInt
		}
	}
	if a.By > 0 && n > math.MaxInt64-a.By || a.By < 0 && n < math.MinInt64-a.By {
		return 0, ErrOverflow
	}
	n += a.By
	_, err = tx.As(event.HIncrBy).HashUpdate(a.Key, a.Field, tx.KeepInt(n))
	return n, err
}

// HIncrByFloat is HINCRBYFLOAT.
var HIncrByFloat = define(Info{"hincrbyfloat", "hash", "2.6.0", Write | DenyOOM | Fast, "", "Adds to the floating-point value of a field of a hash."},
	(*FieldValueArgs).add, hincrByFloat, &reply.Bulk)

func hincrByFloat(tx *engine.Tx, a FieldValueArgs) ([]byte, error) {
	if _, inf, ok := parseLongDouble(a.Value); !ok {
		return nil, arg.ErrNotFloat
	} else if inf {
		return nil, ErrInfinite
	}
	old, err := hget(tx, FieldArgs{a.Key, a.Field})
	if err != nil {
		return nil, err
	}
	if old == nil {
		old = []byte("0")
	}
	sum, err := addFloat(old, a.Value)
	if err == arg.ErrNotFloat {
		err = ErrHashNotFloat
	}
	if err != nil {
		return nil, err
	}
	_, err = tx.As(event.HIncrByFloat).HashUpdate(a.Key, a.Field, sum)
	return sum, err
}
