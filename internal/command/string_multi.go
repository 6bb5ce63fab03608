package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
)

// MGet is MGET.
var MGet = define(Info{"mget", "string", "1.0.0", ReadOnly | Fast, "", "Returns the string values of keys, null for those without."},
	(*KeysArgs).read, mget, &reply.Bulks)

func mget(tx *engine.Tx, a KeysArgs) ([][]byte, error) {
	values := make([][]byte, len(a.Keys))
	for i, k := range a.Keys {
		e, err := tx.Find(k)
		if err != nil {
			return nil, err
		}
		if e != nil && e.Kind() == engine.String {
			values[i] = nonNil(e.Bytes())
		}
	}
	return values, nil
}

// MSetArgs are the arguments of MSET and MSETNX.
type MSetArgs struct{ Pairs []arg.Pair }

func (a *MSetArgs) update(w *arg.Walker) { w.KeyValues("mset", &a.Pairs, arg.OW|arg.Update) }
func (a *MSetArgs) insert(w *arg.Walker) { w.KeyValues("msetnx", &a.Pairs, arg.OW|arg.Insert) }

// MSet is MSET, MSetNX is MSETNX.
var (
	MSet = define(Info{"mset", "string", "1.0.1", Write | DenyOOM, "", "Sets the string values of several keys at once."},
		(*MSetArgs).update, mset, &reply.OK)
	MSetNX = define(Info{"msetnx", "string", "1.0.1", Write | DenyOOM, "", "Sets the string values of several keys at once if none of them exists."},
		(*MSetArgs).insert, msetNX, &reply.Flag)
)

func mset(tx *engine.Tx, a MSetArgs) (r reply.None, err error) {
	for _, p := range a.Pairs {
		if err := tx.PutString(p.Key, p.Value, 0); err != nil {
			return r, err
		}
	}
	return r, nil
}

func msetNX(tx *engine.Tx, a MSetArgs) (bool, error) {
	for _, p := range a.Pairs {
		if e, err := tx.Find(p.Key); e != nil || err != nil {
			return false, err
		}
	}
	_, err := mset(tx, a)
	return err == nil, err
}
