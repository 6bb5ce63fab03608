package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
)

func stringRows() []Command {
	return []Command{Get, Set, SetNX, SetEX, PSetEX, GetSet, GetDel, GetEx, MGet, MSet, MSetNX,
		StrLen, Append, SetRange, GetRange, SubStr, Incr, Decr, IncrBy, DecrBy, IncrByFloat, LCS}
}

// Get is GET.
var Get = define(Info{"get", "string", "1.0.0", ReadOnly | Fast, "", "Returns the string value of a key."},
	(*KeyArgs).read, get, &reply.Bulk)

func get(tx *engine.Tx, a KeyArgs) ([]byte, error) {
	e, err := tx.FindAs(a.Key, engine.String)
	if e == nil {
		return nil, err
	}
	return nonNil(e.Bytes()), nil
}

// nonNil makes the empty string differ from no string.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Cond says when SET writes.
type Cond uint8

// The conditions.
const (
	Always    Cond = iota
	IfMissing      // NX
	IfPresent      // XX
)

// SetArgs are the arguments of SET.
type SetArgs struct {
	Key   engine.Key
	Value []byte
	Cond  Cond
	Get   bool
	TTL   TTL
}

func (a *SetArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Access|arg.Update|arg.VariableFlags)
	w.Bytes("value", &a.Value)
	for w.Options() {
		w.Choice("condition", (*uint8)(&a.Cond), "NX", "XX")
		w.Flag("GET", &a.Get)
		a.TTL.walk(w, "KEEPTTL")
	}
}

// SetResult is what SET tells: whether it wrote, and the value before.
type SetResult struct {
	Written bool
	Old     []byte
}

// Set is SET.
var Set = defineBy(Info{"set", "string", "1.0.0", Write | DenyOOM, "", "Sets the string value of a key, whatever it held."},
	(*SetArgs).walk, setString, setReply)

func setReply(a *SetArgs) *reply.Codec[SetResult] {
	if a.Get {
		return &setOld
	}
	return &setDone
}

func setString(tx *engine.Tx, a SetArgs) (r SetResult, err error) {
	var deadline int64
	if a.TTL.Unit != NoTTL && a.TTL.Unit != Keep {
		if deadline, err = a.TTL.deadline(tx, "set"); err != nil {
			return r, err
		}
	}
	if a.Get {
		tx.ToRead()
		if r.Old, err = before(tx, a.Key); err != nil {
			return r, err
		}
		tx.ToWrite() // a second look, as in Redis
	}
	if a.Cond != Always || a.TTL.Unit == Keep {
		e, err := tx.Find(a.Key)
		if err != nil {
			return r, err
		}
		if (a.Cond == IfMissing && e != nil) || (a.Cond == IfPresent && e == nil) {
			return r, nil
		}
		if a.TTL.Unit == Keep && e != nil {
			deadline = e.Deadline()
		}
	}
	r.Written = true
	if a.TTL.Unit == Keep {
		tx.As(event.Set) // alone: the deadline is no news
	}
	return r, tx.PutString(a.Key, a.Value, deadline)
}

// before is the value that GET asks for; the new one may take its place in memory,
// so it is copied.
func before(tx *engine.Tx, k engine.Key) ([]byte, error) {
	old, err := get(tx, KeyArgs{k})
	if old == nil {
		return nil, err
	}
	return append([]byte{}, old...), nil
}

// ValueArgs is a key and a value.
type ValueArgs struct {
	Key   engine.Key
	Value []byte
}

func (a *ValueArgs) walkAs(w *arg.Walker, f arg.KeyFlags) {
	w.Key(&a.Key, f)
	w.Bytes("value", &a.Value)
}

func (a *ValueArgs) insert(w *arg.Walker)    { a.walkAs(w, arg.RW|arg.Insert) }
func (a *ValueArgs) overwrite(w *arg.Walker) { a.walkAs(w, arg.OW|arg.Insert) }
func (a *ValueArgs) swap(w *arg.Walker)      { a.walkAs(w, arg.RW|arg.Access|arg.Update) }

// SetNX is SETNX.
var SetNX = define(Info{"setnx", "string", "1.0.0", Write | DenyOOM | Fast, "", "Sets the string value of a key that does not exist."},
	(*ValueArgs).overwrite, setNX, &reply.Flag)

func setNX(tx *engine.Tx, a ValueArgs) (bool, error) {
	r, err := setString(tx, SetArgs{Key: a.Key, Value: a.Value, Cond: IfMissing})
	return r.Written, err
}

// SetEXArgs are the arguments of SETEX and PSETEX.
type SetEXArgs struct {
	Key   engine.Key
	TTL   int64
	Value []byte
}

func (a *SetEXArgs) seconds(w *arg.Walker) { a.walk(w, "seconds") }
func (a *SetEXArgs) millis(w *arg.Walker)  { a.walk(w, "milliseconds") }

func (a *SetEXArgs) walk(w *arg.Walker, unit string) {
	w.Key(&a.Key, arg.OW|arg.Update)
	w.Int(unit, &a.TTL)
	w.Bytes("value", &a.Value)
}

// SetEX is SETEX, PSetEX is PSETEX.
var (
	SetEX = define(Info{"setex", "string", "2.0.0", Write | DenyOOM, "", "Sets the string value and the time to live, in seconds, of a key."},
		(*SetEXArgs).seconds, setEX("setex", Seconds), &reply.OK)
	PSetEX = define(Info{"psetex", "string", "2.6.0", Write | DenyOOM, "", "Sets the string value and the time to live, in milliseconds, of a key."},
		(*SetEXArgs).millis, setEX("psetex", Millis), &reply.OK)
)

func setEX(name string, unit Unit) func(*engine.Tx, SetEXArgs) (reply.None, error) {
	return func(tx *engine.Tx, a SetEXArgs) (r reply.None, err error) {
		deadline, err := TTL{unit, a.TTL}.deadline(tx, name)
		if err != nil {
			return r, err
		}
		return r, tx.PutString(a.Key, a.Value, deadline)
	}
}

// GetSet is GETSET.
var GetSet = define(Info{"getset", "string", "1.0.0", Write | DenyOOM | Fast, "", "Sets the string value of a key and returns the one before."},
	(*ValueArgs).swap, getSet, &reply.Bulk)

func getSet(tx *engine.Tx, a ValueArgs) ([]byte, error) {
	r, err := setString(tx, SetArgs{Key: a.Key, Value: a.Value, Get: true})
	return r.Old, err
}

// GetDel is GETDEL.
var GetDel = define(Info{"getdel", "string", "6.2.0", Write | Reads | Fast, "", "Returns the string value of a key and deletes it."},
	(*KeyArgs).take, getDel, &reply.Bulk)

func getDel(tx *engine.Tx, a KeyArgs) ([]byte, error) {
	old, err := get(tx, a)
	if old == nil {
		return nil, err
	}
	old = tx.Keep(old)
	_, err = tx.Delete(a.Key)
	return old, err
}

// GetExArgs are the arguments of GETEX.
type GetExArgs struct {
	Key engine.Key
	TTL TTL

	bad error // of the time: the key comes first
}

func (a *GetExArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Access|arg.Update)
	for w.Options() {
		a.TTL.walk(w, "PERSIST")
	}
	w.KeepLate(&a.bad)
}

// GetEx is GETEX.
var GetEx = define(Info{"getex", "string", "6.2.0", Write | Reads | Fast, "", "Returns the string value of a key and changes its time to live."},
	(*GetExArgs).walk, getEx, &reply.Bulk)

func getEx(tx *engine.Tx, a GetExArgs) ([]byte, error) {
	v, err := get(tx, KeyArgs{a.Key})
	if v == nil || a.TTL.Unit == NoTTL {
		return v, err
	}
	if a.bad != nil {
		return nil, a.bad
	}
	var deadline int64
	if a.TTL.Unit != Keep {
		if deadline, err = a.TTL.deadline(tx, "getex"); err != nil {
			return nil, err
		}
	}
	v = tx.Keep(v)
	tx.ToEdit()
	return v, expireAt(tx, a.Key, deadline)
}

// expireAt sets the deadline of a key that is there; one in the past deletes it.
func expireAt(tx *engine.Tx, k engine.Key, deadline int64) error {
	e, err := tx.Peek(k)
	if err != nil || e == nil || deadline == 0 && e.Deadline() == 0 {
		return err
	}
	if deadline != 0 && deadline <= tx.Now() {
		_, err = tx.Delete(k)
		return err
	}
	_, err = tx.SetDeadline(k, deadline)
	return err
}

// StrLen is STRLEN.
var StrLen = define(Info{"strlen", "string", "2.2.0", ReadOnly | Fast, "", "Returns the length of a string value in bytes."},
	(*KeyArgs).probe, strLen, &reply.Int)

func strLen(tx *engine.Tx, a KeyArgs) (int64, error) {
	v, err := get(tx, a)
	return int64(len(v)), err
}
