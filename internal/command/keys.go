package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
	"github.com/residedb/reside/internal/glob"
)

func keyRows() []Command {
	return []Command{Del, Unlink, Exists, Touch, Type, Rename, RenameNX, Copy, Move, Dump, Restore, Keys, RandomKey, Scan,
		Expire, PExpire, ExpireAt, PExpireAt, TTLOf, PTTL, ExpireTime, PExpireTime, Persist,
		Sort, SortRO, Object, ObjectEncoding, ObjectFreq, ObjectIdleTime, ObjectRefCount, ObjectHelp,
		DBSize, FlushDB, FlushAll, SwapDB, Memory, MemoryUsage}
}

// Del is DEL, Unlink its form that returns before memory is freed; here the
// garbage collector frees for both.
var (
	Del = define(Info{"del", "generic", "1.0.0", Write, "keyspace", "Deletes keys."},
		(*KeysArgs).del, del, &reply.Int)
	Unlink = define(Info{"unlink", "generic", "4.0.0", Write | Fast, "keyspace", "Deletes keys and frees their memory later."},
		(*KeysArgs).del, del, &reply.Int)
)

func del(tx *engine.Tx, a KeysArgs) (n int64, err error) {
	for _, k := range a.Keys {
		gone, err := tx.Delete(k)
		if err != nil {
			return n, err
		}
		if gone {
			n++
		}
	}
	return n, nil
}

// Exists is EXISTS, Touch is TOUCH.
var (
	Exists = define(Info{"exists", "generic", "1.0.0", ReadOnly | Fast, "keyspace", "Counts how many of some keys exist."},
		(*KeysArgs).probe, count((*engine.Tx).Look), &reply.Int)
	Touch = define(Info{"touch", "generic", "3.2.1", ReadOnly | Fast | Touches, "keyspace", "Marks keys as used and counts how many exist."},
		(*KeysArgs).probe, count((*engine.Tx).Find), &reply.Int)
)

func count(find func(*engine.Tx, engine.Key) (*engine.Entry, error)) func(*engine.Tx, KeysArgs) (int64, error) {
	return func(tx *engine.Tx, a KeysArgs) (n int64, err error) {
		for _, k := range a.Keys {
			e, err := find(tx, k)
			if err != nil {
				return n, err
			}
			if e != nil {
				n++
			}
		}
		return n, nil
	}
}

// Type is TYPE.
var Type = define(Info{"type", "generic", "1.0.0", ReadOnly | Fast, "keyspace", "Tells the type of the value of a key."},
	(*KeyArgs).probe, func(tx *engine.Tx, a KeyArgs) (string, error) {
		e, err := tx.Look(a.Key)
		if e == nil {
			return engine.None.String(), err
		}
		return e.Kind().String(), nil
	}, &reply.Simple)

// RenameArgs are a key and its new name.
type RenameArgs struct{ Src, Dst engine.Key }

func (a *RenameArgs) update(w *arg.Walker) { a.walk(w, arg.OW|arg.Update) }
func (a *RenameArgs) insert(w *arg.Walker) { a.walk(w, arg.OW|arg.Insert) }

func (a *RenameArgs) walk(w *arg.Walker, f arg.KeyFlags) {
	w.Key(&a.Src, arg.RW|arg.Access|arg.Delete)
	w.Key(&a.Dst, f)
}

// Rename is RENAME, RenameNX is RENAMENX.
var (
	Rename = define(Info{"rename", "generic", "1.0.0", Write, "keyspace", "Gives a key a new name, whatever was there."},
		(*RenameArgs).update, func(tx *engine.Tx, a RenameArgs) (r reply.None, err error) {
			ok, err := tx.Rename(a.Src, a.Dst)
			if !ok && err == nil {
				err = ErrNoSuchKey
			}
			return r, err
		}, &reply.OK)
	RenameNX = define(Info{"renamenx", "generic", "1.0.0", Write | Fast, "keyspace", "Gives a key a new name that is not taken."},
		(*RenameArgs).insert, renameNX, &reply.Flag)
)

func renameNX(tx *engine.Tx, a RenameArgs) (bool, error) {
	src, err := tx.Find(a.Src)
	if err != nil {
		return false, err
	}
	if src == nil {
		return false, ErrNoSuchKey
	}
	if a.Src.DB == a.Dst.DB && string(a.Src.B) == string(a.Dst.B) {
		return false, nil
	}
	if dst, err := tx.Find(a.Dst); dst != nil || err != nil {
		return false, err
	}
	return tx.Rename(a.Src, a.Dst)
}

// CopyArgs are the arguments of COPY.
type CopyArgs struct {
	Src, Dst engine.Key
	DB       int64
	HasDB    bool
	Replace  bool

	bad error // of the options behind DB, which is looked at first
}

func (a *CopyArgs) walk(w *arg.Walker) {
	w.Key(&a.Src, arg.RO|arg.Access)
	w.Key(&a.Dst, arg.OW|arg.Update)
	w.Later(&a.bad, func() {
		for w.Options() {
			if w.Option("DB", &a.HasDB) {
				w.Int32("destination-db", &a.DB, arg.ErrNotInt, arg.ErrNot32)
			}
			w.Flag("REPLACE", &a.Replace)
		}
	})
}

// Copy is COPY.
var Copy = define(Info{"copy", "generic", "6.2.0", Write | Reads | DenyOOM, "keyspace", "Copies the value of a key to another one."},
	(*CopyArgs).walk, copyKey, &reply.Flag)

func copyKey(tx *engine.Tx, a CopyArgs) (bool, error) {
	if a.HasDB && a.bad != arg.ErrNot32 {
		if a.DB < 0 || a.DB >= int64(tx.Engine().Databases()) {
			return false, ErrDB
		}
		a.Dst.DB = int(a.DB)
	}
	if a.bad != nil {
		return false, a.bad
	}
	if a.Src.DB == a.Dst.DB && string(a.Src.B) == string(a.Dst.B) {
		return false, ErrSameObject
	}
	e, err := tx.Find(a.Src)
	if e == nil {
		return false, err
	}
	tx.ToWrite() // what is there is no part of the result
	if old, err := tx.Find(a.Dst); err != nil || old != nil && !a.Replace {
		return false, err
	}
	if e.Kind() == engine.String {
		return true, tx.As(event.CopyTo).CopyString(a.Dst, e)
	}
	return true, tx.As(event.CopyTo).Replace(a.Dst, e.Kind(), e.CloneObject(), e.Deadline())
}

// Errors of databases.
var (
	ErrDB         = arg.Error{Code: "ERR", Text: "DB index is out of range"}
	ErrSameObject = arg.Error{Code: "ERR", Text: "source and destination objects are the same"}
)

// MoveKeyArgs are the arguments of MOVE.
type MoveKeyArgs struct {
	Key engine.Key
	DB  int64
}

func (a *MoveKeyArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.RW|arg.Access|arg.Update)
	w.Int32("db", &a.DB, arg.ErrNotInt, arg.ErrNot32)
}

// Move is MOVE.
var Move = define(Info{"move", "generic", "1.0.0", Write | Fast, "keyspace", "Moves a key to another database where it is not taken."},
	(*MoveKeyArgs).walk, func(tx *engine.Tx, a MoveKeyArgs) (bool, error) {
		if a.DB < 0 || a.DB >= int64(tx.Engine().Databases()) {
			return false, ErrDB
		}
		if int(a.DB) == a.Key.DB {
			return false, ErrSameObject
		}
		dst := a.Key.In(int(a.DB))
		if src, err := tx.Find(a.Key); src == nil {
			return false, err
		}
		if old, err := tx.Find(dst); old != nil || err != nil {
			return false, err
		}
		return tx.Rename(a.Key, dst)
	}, &reply.Flag)

// PatternArgs are a pattern and the database of the client.
type PatternArgs struct {
	DB      int
	Pattern []byte
}

func (a *PatternArgs) walk(w *arg.Walker) {
	a.DB = w.DB()
	w.As("pattern")
	w.Bytes("pattern", &a.Pattern)
}

// Keys is KEYS. Its result is the caller's to keep.
var Keys = define(Info{"keys", "generic", "1.0.0", ReadOnly | WholeStore, "keyspace,dangerous", "Returns all keys that match a pattern."},
	(*PatternArgs).walk, func(tx *engine.Tx, a PatternArgs) ([][]byte, error) {
		all := glob.All(a.Pattern)
		found := pile{list: [][]byte{}}
		if all {
			found.list = make([][]byte, 0, tx.Engine().Len(a.DB))
		}
		err := tx.EachEntry(a.DB, func(e *engine.Entry) error {
			if all || glob.Match(a.Pattern, e.Key()) {
				found.add(e.Key())
			}
			return nil
		})
		return found.list, err
	}, &reply.Bulks)

// DBArgs is the database of the client.
type DBArgs struct{ DB int }

func (a *DBArgs) walk(w *arg.Walker) { a.DB = w.DB() }

// RandomKey is RANDOMKEY.
var RandomKey = define(Info{"randomkey", "generic", "1.0.0", ReadOnly | WholeStore, "keyspace", "Returns a random key."},
	(*DBArgs).walk, func(tx *engine.Tx, a DBArgs) ([]byte, error) {
		e, err := tx.RandomEntry(a.DB)
		if e == nil {
			return nil, err
		}
		return nonNil(e.Key()), nil
	}, &reply.Bulk)
