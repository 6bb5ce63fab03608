package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
)

// HGetDel is HGETDEL.
var HGetDel = define(Info{"hgetdel", "hash", "8.0.0", Write | Fast, "", "Returns the values of fields of a hash and deletes them."},
	(*HFieldsArgs).del, hgetDel, &reply.Bulks)

func hgetDel(tx *engine.Tx, a HFieldsArgs) ([][]byte, error) {
	values, err := copies(hmget(tx, FieldsArgs(a)))
	if err != nil {
		return nil, err
	}
	_, err = hdel(tx, FieldsArgs(a))
	return values, err
}

// copies makes values outlive a change of what they were borrowed from.
func copies(values [][]byte, err error) ([][]byte, error) {
	for i, v := range values {
		if v != nil {
			values[i] = append([]byte{}, v...)
		}
	}
	return values, err
}

// HGetExArgs are the arguments of HGETEX.
type HGetExArgs struct {
	Key    engine.Key
	TTL    TTL
	Fields [][]byte
}

func (a *HGetExArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Access|arg.Update)
	for w.OptionsUntil("FIELDS") {
		a.TTL.walk(w, "PERSIST")
	}
	fieldList(w, &a.Fields)
}

// HGetEx is HGETEX.
var HGetEx = define(Info{"hgetex", "hash", "8.0.0", Write | Fast, "", "Returns the values of fields of a hash and changes their time to live."},
	(*HGetExArgs).walk, hgetEx, &reply.Bulks)

func hgetEx(tx *engine.Tx, a HGetExArgs) ([][]byte, error) {
	values, err := copies(hmget(tx, FieldsArgs{a.Key, a.Fields}))
	if err != nil || a.TTL.Unit == NoTTL {
		return values, err
	}
	var at int64
	if a.TTL.Unit != Keep {
		if at, err = fieldDeadline(tx, a.TTL, "hgetex"); err != nil {
			return nil, err
		}
	}
	var present [][]byte
	for i, f := range a.Fields {
		if values[i] != nil {
			present = append(present, f)
		}
	}
	if len(present) == 0 {
		return values, nil
	}
	return values, setFieldDeadline(tx, a.Key, at, present)
}

// HSetExArgs are the arguments of HSETEX.
type HSetExArgs struct {
	Key   engine.Key
	Cond  uint8 // 1 if none of the fields may exist, 2 if all must
	TTL   TTL
	Pairs [][]byte
}

func (a *HSetExArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Update)
	for w.OptionsUntil("FIELDS") {
		w.Choice("condition", &a.Cond, "FNX", "FXX")
		a.TTL.walk(w, "KEEPTTL")
	}
	n := int64(len(a.Pairs) / 2)
	if !w.Decoding() {
		w.Token("FIELDS")
		w.Int("numfields", &n)
		w.Tuples([]string{"field", "value"}, &a.Pairs, nil)
		return
	}
	if !w.Skip("FIELDS") {
		w.Fail(arg.Errf("Mandatory argument FIELDS is missing or not at the right position"))
	}
	w.IntOr("numfields", &n, errNumFields)
	switch {
	case !w.Decoding():
	case n < 1:
		w.Fail(errNumFields)
	case 2*n != int64(w.Rest()):
		w.Fail(arg.Errf("The `numfields` parameter must match the number of arguments"))
	default:
		w.List("data", &a.Pairs)
	}
}

// HSetEx is HSETEX.
var HSetEx = define(Info{"hsetex", "hash", "8.0.0", Write | DenyOOM | Fast, "", "Sets fields of a hash with a time to live."},
	(*HSetExArgs).walk, hsetEx, &reply.Flag)

func hsetEx(tx *engine.Tx, a HSetExArgs) (bool, error) {
	var at int64
	var err error
	if a.TTL.Unit != NoTTL && a.TTL.Unit != Keep {
		if at, err = fieldDeadline(tx, a.TTL, "hsetex"); err != nil {
			return false, err
		}
	}
	h, err := findHash(tx, a.Key)
	if err != nil {
		return false, err
	}
	var fields [][]byte
	for i := 0; i < len(a.Pairs); i += 2 {
		has := h != nil && field(h, a.Pairs[i]) != nil
		if a.Cond == 1 && has || a.Cond == 2 && !has {
			return false, nil
		}
		fields = append(fields, a.Pairs[i])
	}
	put := tx.HashPut
	if a.TTL.Unit == Keep {
		put = tx.HashUpdate
	}
	if _, err := put(a.Key, a.Pairs...); err != nil || at == 0 {
		return err == nil, err
	}
	return true, setFieldDeadline(tx, a.Key, at, fields)
}
