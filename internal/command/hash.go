package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/engine"
)

func hashRows() []Command {
	return []Command{HSet, HMSet, HSetNX, HGet, HMGet, HGetAll, HKeys, HVals, HLen, HStrLen, HExists, HDel,
		HIncrBy, HIncrByFloat, HRandField, HScan,
		HExpire, HPExpire, HExpireAt, HPExpireAt, HPersist, HTTL, HPTTL, HExpireTime, HPExpireTime,
		HGetDel, HGetEx, HSetEx}
}

// findHash is the hash of a key without the fields whose time has come, nil if
// there is none.
func findHash(tx *engine.Tx, k engine.Key) (*hash.Hash, error) {
	e, err := tx.FindAs(k, engine.Hash)
	if e == nil {
		return nil, err
	}
	return tx.Live(e)
}

// FieldArgs are a key and a field.
type FieldArgs struct {
	Key   engine.Key
	Field []byte
}

func (a *FieldArgs) read(w *arg.Walker)  { a.walk(w, arg.RO|arg.Access) }
func (a *FieldArgs) probe(w *arg.Walker) { a.walk(w, arg.RO) }

func (a *FieldArgs) walk(w *arg.Walker, f arg.KeyFlags) {
	w.Key(&a.Key, f)
	w.Bytes("field", &a.Field)
}

// FieldsArgs are a key and some fields.
type FieldsArgs struct {
	Key    engine.Key
	Fields [][]byte
}

func (a *FieldsArgs) read(w *arg.Walker) { a.walk(w, arg.RO|arg.Access) }
func (a *FieldsArgs) del(w *arg.Walker)  { a.walk(w, arg.RW|arg.Delete) }

func (a *FieldsArgs) walk(w *arg.Walker, f arg.KeyFlags) {
	w.Key(&a.Key, f)
	w.List("field", &a.Fields)
}

// HSetArgs are a key and fields with values, one after another.
type HSetArgs struct {
	Key   engine.Key
	Pairs [][]byte
}

// Made once: an error that a walk makes costs memory even where nothing is wrong.
var (
	errHSetArity  = arg.ErrArity("hset")
	errHMSetArity = arg.ErrArity("hmset")
)

func (a *HSetArgs) hset(w *arg.Walker)  { a.walk(w, errHSetArity) }
func (a *HSetArgs) hmset(w *arg.Walker) { a.walk(w, errHMSetArity) }

func (a *HSetArgs) walk(w *arg.Walker, uneven error) {
	w.Key(&a.Key, arg.RW|arg.Update)
	w.Tuples([]string{"field", "value"}, &a.Pairs, uneven)
}

// HSet is HSET, HMSet its old form.
var (
	HSet = define(Info{"hset", "hash", "2.0.0", Write | DenyOOM | Fast, "", "Sets fields of a hash and returns how many are new."},
		(*HSetArgs).hset, hset, &reply.Int)
	HMSet = define(Info{"hmset", "hash", "2.0.0", Write | DenyOOM | Fast, "", "Sets fields of a hash."},
		(*HSetArgs).hmset, func(tx *engine.Tx, a HSetArgs) (r reply.None, err error) {
			_, err = hset(tx, a)
			return r, err
		}, &reply.OK)
)

func hset(tx *engine.Tx, a HSetArgs) (int64, error) {
	n, err := tx.HashPut(a.Key, a.Pairs...)
	return int64(n), err
}

// FieldValueArgs are a key, a field and a value.
type FieldValueArgs struct {
	Key          engine.Key
	Field, Value []byte
}

func (a *FieldValueArgs) insert(w *arg.Walker) { a.walk(w, arg.RW|arg.Insert, "value") }
func (a *FieldValueArgs) add(w *arg.Walker)    { a.walk(w, arg.RW|arg.Access|arg.Update, "increment") }

func (a *FieldValueArgs) walk(w *arg.Walker, f arg.KeyFlags, name string) {
	w.Key(&a.Key, f)
	w.Bytes("field", &a.Field)
	if name == "increment" {
		w.As("double")
	}
	w.Bytes(name, &a.Value)
}

// HSetNX is HSETNX.
var HSetNX = define(Info{"hsetnx", "hash", "2.0.0", Write | DenyOOM | Fast, "", "Sets a field of a hash that does not have it."},
	(*FieldValueArgs).insert, hsetNX, &reply.Flag)

func hsetNX(tx *engine.Tx, a FieldValueArgs) (bool, error) {
	h, err := findHash(tx, a.Key)
	if err != nil {
		return false, err
	}
	if h != nil {
		if _, ok := h.Get(a.Field); ok {
			return false, nil
		}
	}
	_, err = tx.HashPut(a.Key, a.Field, a.Value)
	return err == nil, err
}

// HGet is HGET.
var HGet = define(Info{"hget", "hash", "2.0.0", ReadOnly | Fast, "", "Returns the value of a field of a hash."},
	(*FieldArgs).read, hget, &reply.Bulk)

func hget(tx *engine.Tx, a FieldArgs) ([]byte, error) {
	h, err := findHash(tx, a.Key)
	if h == nil {
		return nil, err
	}
	return field(h, a.Field), nil
}

// field is a field's value, nil if it is not there.
func field(h *hash.Hash, f []byte) []byte {
	v, ok := h.Get(f)
	if !ok {
		return nil
	}
	return nonNil(v)
}

// HMGet is HMGET.
var HMGet = define(Info{"hmget", "hash", "2.0.0", ReadOnly | Fast, "", "Returns the values of fields of a hash, null for those it does not have."},
	(*FieldsArgs).read, hmget, &reply.Bulks)

func hmget(tx *engine.Tx, a FieldsArgs) ([][]byte, error) {
	h, err := findHash(tx, a.Key)
	if err != nil {
		return nil, err
	}
	values := make([][]byte, len(a.Fields))
	for i, f := range a.Fields {
		if h != nil {
			values[i] = field(h, f)
		}
	}
	return values, nil
}

// HGetAll is HGETALL, HKeys and HVals are its halves.
var (
	HGetAll = define(Info{"hgetall", "hash", "2.0.0", ReadOnly, "", "Returns all fields and values of a hash."},
		(*KeyArgs).read, hgetAll(true, true), &reply.Map)
	HKeys = define(Info{"hkeys", "hash", "2.0.0", ReadOnly, "", "Returns all fields of a hash."},
		(*KeyArgs).read, hgetAll(true, false), &reply.Bulks)
	HVals = define(Info{"hvals", "hash", "2.0.0", ReadOnly, "", "Returns all values of a hash."},
		(*KeyArgs).read, hgetAll(false, true), &reply.Bulks)
)

func hgetAll(fields, values bool) func(*engine.Tx, KeyArgs) ([][]byte, error) {
	return func(tx *engine.Tx, a KeyArgs) ([][]byte, error) {
		h, err := findHash(tx, a.Key)
		if h == nil {
			return [][]byte{}, err
		}
		all := make([][]byte, 0, 2*h.Len())
		h.Each(func(f, v []byte) bool {
			if fields {
				all = append(all, nonNil(f))
			}
			if values {
				all = append(all, nonNil(v))
			}
			return true
		})
		return all, nil
	}
}

// HLen is HLEN.
var HLen = define(Info{"hlen", "hash", "2.0.0", ReadOnly | Fast, "", "Returns the number of fields of a hash."},
	(*KeyArgs).probe, hlen, &reply.Int)

func hlen(tx *engine.Tx, a KeyArgs) (int64, error) {
	h, err := findHash(tx, a.Key)
	if h == nil {
		return 0, err
	}
	return int64(h.Len()), nil
}

// HStrLen is HSTRLEN.
var HStrLen = define(Info{"hstrlen", "hash", "3.2.0", ReadOnly | Fast, "", "Returns the length of the value of a field of a hash."},
	(*FieldArgs).probe, func(tx *engine.Tx, a FieldArgs) (int64, error) {
		v, err := hget(tx, a)
		return int64(len(v)), err
	}, &reply.Int)

// HExists is HEXISTS.
var HExists = define(Info{"hexists", "hash", "2.0.0", ReadOnly | Fast, "", "Tells whether a hash has a field."},
	(*FieldArgs).probe, func(tx *engine.Tx, a FieldArgs) (bool, error) {
		v, err := hget(tx, a)
		return v != nil, err
	}, &reply.Flag)

// HDel is HDEL.
var HDel = define(Info{"hdel", "hash", "2.0.0", Write | Fast, "", "Deletes fields of a hash, and the hash with the last one."},
	(*FieldsArgs).del, hdel, &reply.Int)

func hdel(tx *engine.Tx, a FieldsArgs) (int64, error) {
	n, err := tx.HashDelete(a.Key, a.Fields...)
	return int64(n), err
}
