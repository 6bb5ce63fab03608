package command

import (
	"cmp"
	"errors"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
	"github.com/residedb/reside/persist/rdb"
)

// Errors of RESTORE.
var (
	ErrBusyKey    = arg.Error{Code: "BUSYKEY", Text: "Target key name already exists."}
	ErrPayload    = arg.Error{Code: "ERR", Text: "DUMP payload version or checksum are wrong"}
	ErrBadPayload = arg.Error{Code: "ERR", Text: "Bad data format"}
	ErrBadTTL     = arg.Error{Code: "ERR", Text: "Invalid TTL value, must be >= 0"}
	ErrBadIdle    = arg.Error{Code: "ERR", Text: "Invalid IDLETIME value, must be >= 0"}
	ErrBadFreq    = arg.Error{Code: "ERR", Text: "Invalid FREQ value, must be >= 0 and <= 255"}
)

// Dump is DUMP. Its result is the caller's to keep.
var Dump = define(Info{"dump", "generic", "2.6.0", ReadOnly, "keyspace", "Returns a value in the form that RESTORE takes."},
	(*KeyArgs).read, dump, &reply.Bulk)

func dump(tx *engine.Tx, a KeyArgs) ([]byte, error) {
	e, err := tx.Find(a.Key)
	if e == nil || err != nil {
		return nil, err
	}
	if e.Kind() == engine.Hash {
		if h, err := tx.Live(e); h == nil || err != nil {
			return nil, err
		}
	}
	v := rdb.Value{Kind: rdb.Kind(e.Kind())}
	e.Each(func(parts ...[]byte) { v.Elements = append(v.Elements, parts...) })
	return rdb.AppendPayload(nil, v)
}

// RestoreArgs are the arguments of RESTORE.
type RestoreArgs struct {
	Key     engine.Key
	TTL     int64 // milliseconds, or, if it is absolute, unix milliseconds; 0 for none
	Payload []byte
	Replace bool
	AbsTTL  bool
	HasIdle bool
	Idle    int64 // seconds
	HasFreq bool
	Freq    int64

	bad error // of the time to live, which is looked at behind the key
}

func (a *RestoreArgs) walk(w *arg.Walker) {
	w.Key(&a.Key, arg.OW|arg.Update)
	w.LazyInt("ttl", &a.TTL, &a.bad)
	w.Bytes("serialized-value", &a.Payload)
	for w.Options() {
		w.Flag("REPLACE", &a.Replace)
		w.Flag("ABSTTL", &a.AbsTTL)
		if !a.HasFreq && w.Option("IDLETIME", &a.HasIdle) {
			w.Int("seconds", &a.Idle)
			if w.Decoding() && a.Idle < 0 {
				w.Fail(ErrBadIdle)
			}
		}
		if !a.HasIdle && w.Option("FREQ", &a.HasFreq) {
			w.Int("frequency", &a.Freq)
			if w.Decoding() && (a.Freq < 0 || a.Freq > 255) {
				w.Fail(ErrBadFreq)
			}
		}
	}
}

// Restore is RESTORE.
var Restore = define(Info{"restore", "generic", "2.6.0", Write | DenyOOM, "keyspace,dangerous", "Makes a key of what DUMP has returned."},
	(*RestoreArgs).walk, restore, &reply.OK)

func restore(tx *engine.Tx, a RestoreArgs) (r reply.None, err error) {
	if !a.Replace { // which does not look
		if old, err := tx.Find(a.Key); old != nil || err != nil {
			return r, cmp.Or(err, error(ErrBusyKey))
		}
	}
	switch {
	case a.bad != nil:
		return r, a.bad
	case a.TTL < 0:
		return r, ErrBadTTL
	}
	v, obj, err := restored(tx, a.Payload)
	if err != nil {
		return r, err
	}
	deadline := a.TTL
	if deadline != 0 && !a.AbsTTL {
		deadline += tx.Now()
	}
	if deadline != 0 && deadline <= tx.Now() && !tx.Engine().Replica() {
		_, err = tx.Delete(a.Key)
		return r, err
	}
	if obj == nil {
		err = tx.As(event.Restore).PutString(a.Key, v.Elements[0], deadline)
	} else {
		err = tx.As(event.Restore).Replace(a.Key, engine.Kind(v.Kind), obj, deadline)
	}
	if err == nil {
		tx.SetUse(a.Key, a.idle(), a.freq())
	}
	return r, err
}

func (a *RestoreArgs) idle() int64 { return orNone(a.HasIdle, a.Idle) }
func (a *RestoreArgs) freq() int64 { return orNone(a.HasFreq, a.Freq) }

func orNone(has bool, n int64) int64 {
	if !has {
		return -1
	}
	return n
}

// restored reads a payload. obj is nil for a string.
func restored(tx *engine.Tx, payload []byte) (v rdb.Value, obj engine.Object, err error) {
	v, err = rdb.ReadPayload(payload)
	switch {
	case errors.Is(err, rdb.ErrPayload):
		return v, nil, ErrPayload
	case err != nil:
		return v, nil, ErrBadPayload
	case v.Kind == rdb.Kind(engine.String):
		return v, nil, nil
	}
	obj, err = tx.Assemble(engine.Kind(v.Kind), v.Elements, 0)
	if err != nil {
		return v, nil, ErrBadPayload
	}
	return v, obj, nil
}
