package command

import (
	"cmp"
	"math"
	"strings"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/engine"
)

// What HEXPIRE's family tells of a field.
const (
	FieldMissing = -2
	FieldNoTTL   = -1
	FieldRefused = 0 // the condition does not hold
	FieldSet     = 1
	FieldDeleted = 2 // the time has passed
)

// MaxFieldDeadline is the latest time at which a field can expire, in unix ms.
const MaxFieldDeadline = 1<<46 - 1

// fieldList reads FIELDS numfields field [field ...] to the end of the arguments.
// A number that is not positive is the given error.
func fieldList(w *arg.Walker, fields *[][]byte, notPositive error) {
	n := int64(len(*fields))
	if !w.Decoding() {
		w.Token("FIELDS")
		w.Int("numfields", &n)
		w.List("field", fields)
		return
	}
	if !w.Skip("FIELDS") {
		w.Fail(arg.Errf("Mandatory argument FIELDS is missing or not at the right position"))
	}
	w.IntOr("numfields", &n, notPositive)
	switch {
	case !w.Decoding():
	case n < 1:
		w.Fail(notPositive)
	case n != int64(w.Rest()):
		w.Fail(arg.Errf("The `numfields` parameter must match the number of arguments"))
	default:
		w.List("field", fields)
	}
}

// The two ways in which Redis says that a number of fields has to be positive.
var (
	errNumFields   = arg.Error{Code: "ERR", Text: "Parameter `numFields` should be greater than 0"}
	errFieldNumber = arg.Error{Code: "ERR", Text: "Number of fields must be a positive integer"}
)

// earlier finds fields that are named again: for each the index of the same one
// before it, or -1.
func earlier(fields [][]byte) []int {
	at, first := make([]int, len(fields)), make(map[string]int, len(fields))
	for i, f := range fields {
		j, again := first[string(f)]
		if at[i] = j; !again {
			at[i], first[string(f)] = -1, i
		}
	}
	return at
}

// When says in which case a deadline is set.
type When uint8

// The cases.
const (
	WhenAny     When = iota
	WhenNone         // NX: there is no deadline
	WhenSome         // XX: there is one
	WhenGreater      // GT: the new one is later
	WhenLess         // LT: the new one is sooner
)

// allows reports whether a deadline may take the place of the one before; 0 is no
// deadline, which is later than all.
func (c When) allows(old, at int64) bool {
	switch c {
	case WhenNone:
		return old == 0
	case WhenSome:
		return old != 0
	case WhenGreater:
		return old != 0 && at > old
	case WhenLess:
		return old == 0 || at < old
	}
	return true
}

// HExpireArgs are the arguments of HEXPIRE's family.
type HExpireArgs struct {
	Key    engine.Key
	Time   int64
	When   When
	Fields [][]byte

	bad error // of what is behind the key, which comes first
}

// hexpireWalk is the walk of HEXPIRE's family; name is that of its time.
func hexpireWalk(name string) func(*HExpireArgs, *arg.Walker) {
	return func(a *HExpireArgs, w *arg.Walker) {
		w.Key(&a.Key, arg.RW|arg.Update)
		w.Later(&a.bad, func() {
			if strings.HasPrefix(name, "unix-time") {
				w.As("unix-time")
			}
			w.Int(name, &a.Time)
			w.OptionalWord("condition", (*uint8)(&a.When), "NX", "XX", "GT", "LT")
			fieldList(w, &a.Fields, errNumFields)
		})
	}
}

func hexpireRow(name string, unit Unit, what, summary string) *Row[HExpireArgs, []int64] {
	return define(Info{name, "hash", "7.4.0", Write | DenyOOM | Fast, "", summary},
		hexpireWalk(what), func(tx *engine.Tx, a HExpireArgs) ([]int64, error) { return hexpire(tx, a, unit, name) }, &reply.Ints)
}

// The commands that make fields expire.
var (
	HExpire    = hexpireRow("hexpire", Seconds, "seconds", "Makes fields of a hash expire after some seconds.")
	HPExpire   = hexpireRow("hpexpire", Millis, "milliseconds", "Makes fields of a hash expire after some milliseconds.")
	HExpireAt  = hexpireRow("hexpireat", AtSec, "unix-time-seconds", "Makes fields of a hash expire at a unix time in seconds.")
	HPExpireAt = hexpireRow("hpexpireat", AtMilli, "unix-time-milliseconds", "Makes fields of a hash expire at a unix time in milliseconds.")
)

func hexpire(tx *engine.Tx, a HExpireArgs, unit Unit, name string) ([]int64, error) {
	h, err := findHash(tx, a.Key)
	if err != nil {
		return nil, err
	}
	at, err := fieldDeadline(tx, TTL{unit, a.Time}, name)
	if err = cmp.Or(err, a.bad); err != nil {
		return nil, err
	}
	told := make([]int64, len(a.Fields))
	var changed [][]byte
	for i, before := range earlier(a.Fields) {
		if before >= 0 {
			told[i] = a.again(told[before], at)
			continue
		}
		told[i] = a.judge(tx, h, a.Fields[i], at)
		if told[i] > 0 {
			changed = append(changed, a.Fields[i])
		}
	}
	if len(changed) == 0 {
		return told, nil
	}
	return told, setFieldDeadline(tx, a.Key, at, changed)
}

func (a *HExpireArgs) judge(tx *engine.Tx, h *hash.Hash, f []byte, at int64) int64 {
	switch {
	case h == nil || field(h, f) == nil:
		return FieldMissing
	case !a.When.allows(h.Deadline(f), at):
		return FieldRefused
	case at <= tx.Now():
		return FieldDeleted
	}
	return FieldSet
}

// again is what is told of a field that the call has been at before.
func (a *HExpireArgs) again(told, at int64) int64 {
	switch {
	case told == FieldDeleted:
		return FieldMissing
	case told == FieldSet && !a.When.allows(at, at):
		return FieldRefused
	}
	return told
}

// setFieldDeadline makes fields expire; a time in the past deletes them.
func setFieldDeadline(tx *engine.Tx, k engine.Key, at int64, fields [][]byte) error {
	if at != 0 && at <= tx.Now() {
		_, err := tx.HashDelete(k, fields...)
		return err
	}
	return tx.HashDeadline(k, at, fields...)
}

// fieldDeadline is the unix millisecond that a TTL of fields means.
func fieldDeadline(tx *engine.Tx, t TTL, name string) (int64, error) {
	if t.Value < 0 {
		return 0, errExpiryNegative
	}
	ms := t.Value
	if t.Unit == Seconds || t.Unit == AtSec {
		if ms > MaxFieldDeadline/1000 {
			return 0, badExpiry(name)
		}
		ms *= 1000
	}
	if t.Unit == Seconds || t.Unit == Millis {
		if ms > math.MaxInt64-tx.Now() {
			return 0, badExpiry(name)
		}
		ms += tx.Now()
	}
	if ms > MaxFieldDeadline {
		return 0, badExpiry(name)
	}
	return max(ms, 1), nil
}

var errExpiryNegative = arg.Error{Code: "ERR", Text: "invalid expire time, must be >= 0", Kind: ErrExpiry}

// HFieldsArgs are a key and a counted list of fields.
type HFieldsArgs struct {
	Key    engine.Key
	Fields [][]byte

	bad error // of the fields: the key comes first
}

func (a *HFieldsArgs) read(w *arg.Walker)   { a.walk(w, arg.RO|arg.Access) }
func (a *HFieldsArgs) update(w *arg.Walker) { a.walk(w, arg.RW|arg.Update) }
func (a *HFieldsArgs) del(w *arg.Walker)    { a.walk(w, arg.RW|arg.Access|arg.Delete) }

func (a *HFieldsArgs) walk(w *arg.Walker, f arg.KeyFlags) {
	w.Key(&a.Key, f)
	w.Later(&a.bad, func() { fieldList(w, &a.Fields, errFieldNumber) })
}

// HPersist is HPERSIST.
var HPersist = define(Info{"hpersist", "hash", "7.4.0", Write | Fast, "", "Makes fields of a hash live for ever."},
	(*HFieldsArgs).update, hpersist, &reply.Ints)

func hpersist(tx *engine.Tx, a HFieldsArgs) ([]int64, error) {
	told, err := fieldTimes(tx, a, func(int64) int64 { return FieldSet })
	if err != nil {
		return nil, err
	}
	var changed [][]byte
	for i, before := range earlier(a.Fields) {
		switch {
		case told[i] == FieldSet && before < 0:
			changed = append(changed, a.Fields[i])
		case told[i] == FieldSet:
			told[i] = FieldNoTTL
		}
	}
	if len(changed) == 0 {
		return told, nil
	}
	return told, tx.HashDeadline(a.Key, 0, changed...)
}

// fieldTimes tells of each field that it is missing, has no deadline, or what
// show makes of its deadline.
func fieldTimes(tx *engine.Tx, a HFieldsArgs, show func(at int64) int64) ([]int64, error) {
	h, err := findHash(tx, a.Key)
	if err = cmp.Or(err, a.bad); err != nil {
		return nil, err
	}
	told := make([]int64, len(a.Fields))
	for i, f := range a.Fields {
		switch {
		case h == nil || field(h, f) == nil:
			told[i] = FieldMissing
		case h.Deadline(f) == 0:
			told[i] = FieldNoTTL
		default:
			told[i] = show(h.Deadline(f))
		}
	}
	return told, nil
}

func httlRow(name, summary string, show func(at, now int64) int64) *Row[HFieldsArgs, []int64] {
	return define(Info{name, "hash", "7.4.0", ReadOnly | Fast, "", summary}, (*HFieldsArgs).read,
		func(tx *engine.Tx, a HFieldsArgs) ([]int64, error) {
			return fieldTimes(tx, a, func(at int64) int64 { return show(at, tx.Now()) })
		}, &reply.Ints)
}

// The commands that tell when fields expire.
var (
	HTTL         = httlRow("httl", "Returns the seconds that fields of a hash have to live.", func(at, now int64) int64 { return (at - now + 999) / 1000 })
	HPTTL        = httlRow("hpttl", "Returns the milliseconds that fields of a hash have to live.", func(at, now int64) int64 { return at - now })
	HExpireTime  = httlRow("hexpiretime", "Returns the unix times in seconds at which fields of a hash expire.", func(at, _ int64) int64 { return (at + 999) / 1000 })
	HPExpireTime = httlRow("hpexpiretime", "Returns the unix times in milliseconds at which fields of a hash expire.", func(at, _ int64) int64 { return at })
)
