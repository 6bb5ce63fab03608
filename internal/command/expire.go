package command

import (
	"math"
	"strings"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
)

// ExpireArgs are the arguments of EXPIRE's family.
type ExpireArgs struct {
	Key            engine.Key
	Time           int64
	NX, XX, GT, LT bool
}

func expireWalk(name string) func(*ExpireArgs, *arg.Walker) {
	return func(a *ExpireArgs, w *arg.Walker) {
		w.Key(&a.Key, arg.RW|arg.Update)
		if strings.HasPrefix(name, "unix-time") {
			w.As("unix-time")
		}
		w.LateInt(name, &a.Time)
		for w.OptionsOr(func(word []byte) error { return arg.Errf("Unsupported option %s", arg.Printed(word, len(word))) }) {
			w.Begin("condition", "oneof")
			w.Flag("NX", &a.NX)
			w.Flag("XX", &a.XX)
			w.Flag("GT", &a.GT)
			w.Flag("LT", &a.LT)
			w.End()
		}
		switch {
		case !w.Decoding():
		case a.NX && (a.XX || a.GT || a.LT):
			w.Fail(arg.Errf("NX and XX, GT or LT options at the same time are not compatible"))
		case a.GT && a.LT:
			w.Fail(arg.Errf("GT and LT options at the same time are not compatible"))
		}
	}
}

// When sets the conditions of a call that has no words.
func (a *ExpireArgs) When(nx, xx, gt, lt bool) { a.NX, a.XX, a.GT, a.LT = nx, xx, gt, lt }

func expireRow(name, since, what, summary string, unit Unit) *Row[ExpireArgs, bool] {
	return define(Info{name, "generic", since, Write | Fast, "keyspace", summary}, expireWalk(what),
		func(tx *engine.Tx, a ExpireArgs) (bool, error) { return expire(tx, a, unit, name) }, &reply.Flag)
}

// The commands that make keys expire.
var (
	Expire    = expireRow("expire", "1.0.0", "seconds", "Makes a key expire after some seconds.", Seconds)
	PExpire   = expireRow("pexpire", "2.6.0", "milliseconds", "Makes a key expire after some milliseconds.", Millis)
	ExpireAt  = expireRow("expireat", "1.2.0", "unix-time-seconds", "Makes a key expire at a unix time in seconds.", AtSec)
	PExpireAt = expireRow("pexpireat", "2.6.0", "unix-time-milliseconds", "Makes a key expire at a unix time in milliseconds.", AtMilli)
)

func expire(tx *engine.Tx, a ExpireArgs, unit Unit, name string) (bool, error) {
	at, err := anyDeadline(tx, TTL{unit, a.Time}, name)
	if err != nil {
		return false, err
	}
	e, err := tx.Find(a.Key)
	if e == nil || !a.allows(e.Deadline(), at) {
		return false, err
	}
	if at <= tx.Now() {
		return tx.Delete(a.Key)
	}
	return tx.SetDeadline(a.Key, at)
}

// allows reports whether the conditions hold; no deadline is later than all.
func (a *ExpireArgs) allows(old, at int64) bool {
	return (!a.NX || WhenNone.allows(old, at)) && (!a.XX || WhenSome.allows(old, at)) &&
		(!a.GT || WhenGreater.allows(old, at)) && (!a.LT || WhenLess.allows(old, at))
}

// anyDeadline is the unix millisecond that a time means; it may have passed.
func anyDeadline(tx *engine.Tx, t TTL, name string) (int64, error) {
	ms := t.Value
	if t.Unit == Seconds || t.Unit == AtSec {
		if ms > math.MaxInt64/1000 || ms < math.MinInt64/1000 {
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
	return ms, nil
}

// What TTL's family tells of a key without a time to live.
const (
	KeyMissing = -2
	KeyNoTTL   = -1
)

func ttlRow(name, since, summary string, show func(at, now int64) int64) *Row[KeyArgs, int64] {
	return define(Info{name, "generic", since, ReadOnly | Fast, "keyspace", summary}, (*KeyArgs).read,
		func(tx *engine.Tx, a KeyArgs) (int64, error) {
			e, err := tx.Look(a.Key)
			switch {
			case e == nil:
				return KeyMissing, err
			case e.Deadline() == 0:
				return KeyNoTTL, nil
			}
			return show(e.Deadline(), tx.Now()), nil
		}, &reply.Int)
}

// The commands that tell when keys expire.
var (
	TTLOf       = ttlRow("ttl", "1.0.0", "Returns the seconds that a key has to live.", func(at, now int64) int64 { return (max(at-now, 0) + 500) / 1000 })
	PTTL        = ttlRow("pttl", "2.6.0", "Returns the milliseconds that a key has to live.", func(at, now int64) int64 { return max(at-now, 0) })
	ExpireTime  = ttlRow("expiretime", "7.0.0", "Returns the unix time in seconds at which a key expires.", func(at, _ int64) int64 { return at/1000 + (at%1000+500)/1000 })
	PExpireTime = ttlRow("pexpiretime", "7.0.0", "Returns the unix time in milliseconds at which a key expires.", func(at, _ int64) int64 { return at })
)

func (a *KeyArgs) update(w *arg.Walker) { w.Key(&a.Key, arg.RW|arg.Update) }

// Persist is PERSIST.
var Persist = define(Info{"persist", "generic", "2.2.0", Write | Fast, "keyspace", "Makes a key live for ever."},
	(*KeyArgs).update, func(tx *engine.Tx, a KeyArgs) (bool, error) {
		e, err := tx.Find(a.Key)
		if e == nil || e.Deadline() == 0 {
			return false, err
		}
		return tx.SetDeadline(a.Key, 0)
	}, &reply.Flag)
