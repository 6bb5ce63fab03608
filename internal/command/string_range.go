package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
)

// Append is APPEND.
var Append = define(Info{"append", "string", "2.0.0", Write | DenyOOM | Fast, "", "Appends to the string value of a key, which is created if needed."},
	(*ValueArgs).insert, appendTo, &reply.Int)

func appendTo(tx *engine.Tx, a ValueArgs) (int64, error) {
	e, err := tx.FindAs(a.Key, engine.String)
	if err != nil {
		return 0, err
	}
	if e == nil {
		return int64(len(a.Value)), tx.As(event.Append).PutString(a.Key, a.Value, 0)
	}
	if len(e.Bytes())+len(a.Value) > engine.MaxString {
		return 0, ErrTooLong
	}
	n, err := tx.As(event.Append).WriteString(a.Key, len(e.Bytes()), a.Value)
	return int64(n), err
}

// SetRangeArgs are the arguments of SETRANGE.
type SetRangeArgs struct {
	Key    engine.Key
	Offset int64
	Value  []byte
}

func (a *SetRangeArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Update)
	w.Int("offset", &a.Offset)
	w.Bytes("value", &a.Value)
	if w.Decoding() && a.Offset < 0 {
		w.Fail(arg.Errf("offset is out of range"))
	}
}

// SetRange is SETRANGE.
var SetRange = define(Info{"setrange", "string", "2.2.0", Write | DenyOOM, "", "Overwrites part of a string value from an offset on, with zeros in a gap."},
	(*SetRangeArgs).walk, setRange, &reply.Int)

func setRange(tx *engine.Tx, a SetRangeArgs) (int64, error) {
	e, err := tx.FindAs(a.Key, engine.String)
	if err != nil {
		return 0, err
	}
	if len(a.Value) == 0 {
		if e == nil {
			return 0, nil
		}
		return int64(len(e.Bytes())), nil
	}
	if a.Offset > engine.MaxString-int64(len(a.Value)) {
		return 0, ErrTooLong
	}
	n, err := tx.WriteString(a.Key, int(a.Offset), a.Value)
	return int64(n), err
}

// RangeArgs are a key and the first and last index of a range, inclusive;
// negative ones count from the end.
type RangeArgs struct {
	Key         engine.Key
	Start, Stop int64
}

func (a *RangeArgs) string(w *arg.Walker) {
	w.Key(&a.Key, arg.RO|arg.Access)
	w.Int("start", &a.Start)
	w.Int("end", &a.Stop)
}

// GetRange is GETRANGE, SubStr its old name.
var (
	GetRange = define(Info{"getrange", "string", "2.4.0", ReadOnly, "", "Returns a part of a string value."},
		(*RangeArgs).string, getRange, &reply.Bulk)
	SubStr = define(Info{"substr", "string", "1.0.0", ReadOnly, "", "Returns a part of a string value; the old name of GETRANGE."},
		(*RangeArgs).string, getRange, &reply.Bulk)
)

func getRange(tx *engine.Tx, a RangeArgs) ([]byte, error) {
	v, err := get(tx, KeyArgs{a.Key})
	if err != nil {
		return nil, err
	}
	n := int64(len(v))
	if a.Start < 0 && a.Stop < 0 && a.Start > a.Stop {
		return []byte{}, nil
	}
	if a.Start < 0 {
		a.Start = max(a.Start+n, 0)
	}
	if a.Stop < 0 {
		a.Stop = max(a.Stop+n, 0)
	}
	a.Stop = min(a.Stop, n-1)
	if a.Start > a.Stop || n == 0 {
		return []byte{}, nil
	}
	return v[a.Start : a.Stop+1], nil
}
