package store

import (
	"context"
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// When is a condition under which a time to live is set.
type When uint8

// The conditions. Several must all hold; a key without a time to live counts as
// living for ever.
const (
	Anyway   When = iota // no condition
	IfNoTTL              // there is none (Redis: NX)
	IfTTL                // there is one (Redis: XX)
	IfLonger             // the new one ends later (Redis: GT)
	IfSooner             // the new one ends sooner (Redis: LT)
)

// Expire makes a key expire after d, rounded up to a millisecond; a d that is not
// positive deletes it. It reports false if the key is missing or a condition
// does not hold. O(1).
//
// Redis: EXPIRE, PEXPIRE
func (k keyspace) Expire(ctx context.Context, key string, d time.Duration, conds ...When) (bool, error) {
	return Expire(ctx, k.at, k.key(key), d, conds)
}

// ExpireAt makes a key expire at a time, rounded up to a millisecond; one that has
// passed deletes it. It reports false if the key is missing or a condition
// does not hold. O(1).
//
// Redis: EXPIREAT, PEXPIREAT
func (k keyspace) ExpireAt(ctx context.Context, key string, t time.Time, conds ...When) (bool, error) {
	return ExpireAt(ctx, k.at, k.key(key), t, conds)
}

// Expire is for the packages of Reside: Store.Expire of a key that was hashed.
func Expire(ctx context.Context, at command.Target, key engine.Key, d time.Duration, conds []When) (bool, error) {
	a := command.ExpireArgs{Key: key, Time: command.MillisOf(d)}
	a.When(conditions(conds))
	return command.PExpire.Value(ctx, at, key, a)
}

// ExpireAt is for the packages of Reside: Store.ExpireAt of a key that was hashed.
func ExpireAt(ctx context.Context, at command.Target, key engine.Key, t time.Time, conds []When) (bool, error) {
	a := command.ExpireArgs{Key: key, Time: command.MillisAt(t)}
	a.When(conditions(conds))
	return command.PExpireAt.Value(ctx, at, key, a)
}

// conditions are the NX, XX, GT, LT that the conditions stand for.
func conditions(conds []When) (nx, xx, gt, lt bool) {
	for _, c := range conds {
		nx, xx, gt, lt = nx || c == IfNoTTL, xx || c == IfTTL, gt || c == IfLonger, lt || c == IfSooner
	}
	return nx, xx, gt, lt
}

// Persist makes a key live for ever. It reports false if the key is missing or
// does so already. O(1).
//
// Redis: PERSIST
func (k keyspace) Persist(ctx context.Context, key string) (bool, error) {
	a := command.KeyArgs{Key: k.key(key)}
	return command.Persist.Value(ctx, k.at, a.Key, a)
}

// TTL is how long a key has to live, to the millisecond. ok is false if the key
// is missing or lives for ever, which Exists tells apart. O(1).
//
// Redis: TTL, PTTL
func (k keyspace) TTL(ctx context.Context, key string) (d time.Duration, ok bool, err error) {
	a := command.KeyArgs{Key: k.key(key)}
	ms, err := command.PTTL.Value(ctx, k.at, a.Key, a)
	if err != nil || ms < 0 {
		return 0, false, err
	}
	return command.DurationOf(ms), true, nil
}

// ExpireTime is when a key expires, to the millisecond. ok is false if the key is
// missing or lives for ever. O(1).
//
// Redis: EXPIRETIME, PEXPIRETIME
func (k keyspace) ExpireTime(ctx context.Context, key string) (t time.Time, ok bool, err error) {
	a := command.KeyArgs{Key: k.key(key)}
	ms, err := command.PExpireTime.Value(ctx, k.at, a.Key, a)
	if err != nil || ms < 0 {
		return t, false, err
	}
	return time.UnixMilli(ms), true, nil
}
