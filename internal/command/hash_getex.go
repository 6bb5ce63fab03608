package command

import (
	"cmp"
	"math"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
)

// HGetDel is HGETDEL.
var HGetDel = define(Info{"hgetdel", "hash", "8.0.0", Write | Fast, "", "Returns the values of fields of a hash and deletes them."},
	(*HFieldsArgs).del, hgetDel, &reply.Bulks)

func hgetDel(tx *engine.Tx, a HFieldsArgs) ([][]byte, error) {
	values, err := copies(hmget(tx, FieldsArgs{a.Key, a.Fields}))
	if err = cmp.Or(err, a.bad); err != nil {
		return nil, err
	}
	withoutRepeats(values, a.Fields)
	_, err = hdel(tx, FieldsArgs{a.Key, a.Fields})
	return values, err
}

// withoutRepeats takes away what was found for a field that is named again: it is
// gone by then.
func withoutRepeats(values, fields [][]byte) {
	for i, before := range earlier(fields) {
		if before >= 0 {
			values[i] = nil
		}
	}
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

	bad error // of what is behind the key, which comes first
}

func (a *HGetExArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Access|arg.Update)
	w.Later(&a.bad, func() {
		if w.Decoding() {
			a.TTL.one(w, "PERSIST")
		} else {
			for w.Options() {
				a.TTL.walk(w, "PERSIST")
			}
		}
		fieldList(w, &a.Fields, errFieldNumber)
	})
}

// HGetEx is HGETEX.
var HGetEx = define(Info{"hgetex", "hash", "8.0.0", Write | Fast, "", "Returns the values of fields of a hash and changes their time to live."},
	(*HGetExArgs).walk, hgetEx, &reply.Bulks)

func hgetEx(tx *engine.Tx, a HGetExArgs) ([][]byte, error) {
	values, err := copies(hmget(tx, FieldsArgs{a.Key, a.Fields}))
	if err != nil {
		return nil, err
	}
	at, err := a.TTL.ofFields(tx, "hgetex")
	if err = cmp.Or(err, a.bad); err != nil || a.TTL.Unit == NoTTL {
		return values, err
	}
	if at != 0 && at <= tx.Now() {
		withoutRepeats(values, a.Fields)
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

	bad error // of what is behind the time
}

func (a *HSetExArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Update)
	w.Later(&a.bad, func() {
		if w.Decoding() {
			a.decodeOptions(w)
			a.decodePairs(w)
			return
		}
		for w.Options() {
			w.Choice("condition", &a.Cond, "FNX", "FXX")
			a.TTL.walk(w, "KEEPTTL")
		}
		n := int64(len(a.Pairs) / 2)
		w.Token("FIELDS")
		w.Int("numfields", &n)
		w.Tuples([]string{"field", "value"}, &a.Pairs, nil)
	})
}

// decodeOptions reads what stands before FIELDS. HSETEX has errors of its own.
func (a *HSetExArgs) decodeOptions(w *arg.Walker) {
	for w.Decoding() && !w.At("FIELDS") {
		timed := a.TTL.Unit != NoTTL
		switch {
		case w.At("FNX", "FXX") && a.Cond != 0:
			w.Fail(arg.Errf("Only one of FXX or FNX arguments can be specified"))
		case w.At("FNX", "FXX"):
			w.Word("condition", &a.Cond, "FNX", "FXX")
		case w.At("EX", "PX", "EXAT", "PXAT", "KEEPTTL") && timed:
			w.Fail(arg.Errf("Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"))
		case w.At("EX", "PX", "EXAT", "PXAT") && w.Rest() == 1:
			w.Fail(arg.Errf("missing expire time"))
		case !a.TTL.one(w, "KEEPTTL"):
			var word []byte
			w.Bytes("", &word)
			w.Fail(arg.Errf("unknown argument: %s", arg.Printed(word, len(word))))
		}
	}
}

func (a *HSetExArgs) decodePairs(w *arg.Walker) {
	var n int64
	if bad := arg.Errf("invalid number of fields"); w.Decoding() && w.Rest() > 3 {
		w.Token("FIELDS")
		w.IntOr("numfields", &n, bad)
		if w.Decoding() && (n < 1 || n > math.MaxInt32) {
			w.Fail(bad)
		}
	}
	if w.Decoding() && (n == 0 || 2*n != int64(w.Rest())) {
		w.Fail(arg.ErrArity("hsetex"))
	}
	if w.Decoding() {
		w.List("data", &a.Pairs)
	}
}

// HSetEx is HSETEX.
var HSetEx = define(Info{"hsetex", "hash", "8.0.0", Write | DenyOOM | Fast, "", "Sets fields of a hash with a time to live."},
	(*HSetExArgs).walk, hsetEx, &reply.Flag)

func hsetEx(tx *engine.Tx, a HSetExArgs) (bool, error) {
	at, err := a.TTL.ofFields(tx, "hsetex")
	if err = cmp.Or(err, a.bad); err != nil {
		return false, err
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
