package types

import (
	"context"
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/store"
)

// FieldResult is what became of the deadline of a field.
type FieldResult uint8

// The results.
const (
	FieldMissing   FieldResult = iota // there is no such field
	FieldUnchanged                    // the condition does not hold, or there was no deadline to clear
	FieldChanged                      // the deadline was set or cleared
	FieldRemoved                      // the time has passed, so the field was removed
)

// fieldResult understands what HEXPIRE's family tells of a field.
func fieldResult(told int64) FieldResult {
	switch told {
	case command.FieldMissing:
		return FieldMissing
	case command.FieldSet:
		return FieldChanged
	case command.FieldDeleted:
		return FieldRemoved
	}
	return FieldUnchanged
}

// ExpireFields makes fields expire after d, rounded up to a millisecond; 0 removes
// them. It tells of each what became of it. ErrExpiry if d is negative or ends
// too late. O(n).
//
// Redis: HEXPIRE, HPEXPIRE
func (h Hash[F, V]) ExpireFields(ctx context.Context, d time.Duration, when store.When, fields ...F) ([]FieldResult, error) {
	return h.expire(ctx, command.HPExpire, command.MillisOf(d), when, fields)
}

// ExpireFieldsAt makes fields expire at a time, rounded up to a millisecond; one
// that has passed removes them. It tells of each what became of it. ErrExpiry
// for a time before 1970 or too late to be kept. O(n).
//
// Redis: HEXPIREAT, HPEXPIREAT
func (h Hash[F, V]) ExpireFieldsAt(ctx context.Context, t time.Time, when store.When, fields ...F) ([]FieldResult, error) {
	return h.expire(ctx, command.HPExpireAt, command.MillisAt(t), when, fields)
}

func (h Hash[F, V]) expire(ctx context.Context, row *command.Row[command.HExpireArgs, []int64], ms int64, when store.When, fields []F) ([]FieldResult, error) {
	return ofFields(ctx, &h.f, fields, fieldResult, func(parts [][]byte) ([]int64, error) {
		a := command.HExpireArgs{Key: h.key, Time: ms, When: command.When(when), Fields: parts}
		return row.Value(ctx, h.at, h.key, a)
	})
}

// PersistFields makes fields live for ever and tells of each what became of it.
// O(n).
//
// Redis: HPERSIST
func (h Hash[F, V]) PersistFields(ctx context.Context, fields ...F) ([]FieldResult, error) {
	return tell(ctx, h, command.HPersist, fields, fieldResult)
}

// FieldTTL is how long a field has to live; ok is false if it is not there or
// lives for ever, which Has tells apart. O(1).
//
// Redis: HPTTL
func (h Hash[F, V]) FieldTTL(ctx context.Context, field F) (d time.Duration, ok bool, err error) {
	m, _, err := first(h.FieldTTLs(ctx, field))
	return m.V, m.OK, err
}

// FieldTTLs is how long fields have to live, to the millisecond, at one moment and
// in their order; one that is not there or lives for ever is not OK. O(n).
//
// Redis: HTTL, HPTTL
func (h Hash[F, V]) FieldTTLs(ctx context.Context, fields ...F) ([]Maybe[time.Duration], error) {
	return tell(ctx, h, command.HPTTL, fields, func(told int64) Maybe[time.Duration] {
		if told < 0 {
			return Maybe[time.Duration]{}
		}
		return Maybe[time.Duration]{command.DurationOf(told), true}
	})
}

// FieldExpireTimes is when fields expire, to the millisecond, in their order; one
// that is not there or lives for ever is not OK. O(n).
//
// Redis: HEXPIRETIME, HPEXPIRETIME
func (h Hash[F, V]) FieldExpireTimes(ctx context.Context, fields ...F) ([]Maybe[time.Time], error) {
	return tell(ctx, h, command.HPExpireTime, fields, func(told int64) Maybe[time.Time] {
		if told < 0 {
			return Maybe[time.Time]{}
		}
		return Maybe[time.Time]{time.UnixMilli(told), true}
	})
}

// tell runs a row that tells a number of each field.
func tell[F, V, R any](ctx context.Context, h Hash[F, V], row *command.Row[command.HFieldsArgs, []int64], fields []F, mean func(int64) R) ([]R, error) {
	return ofFields(ctx, &h.f, fields, mean, func(parts [][]byte) ([]int64, error) {
		return row.Value(ctx, h.at, h.key, command.HFieldsArgs{Key: h.key, Fields: parts})
	})
}

// ofFields runs a call that tells a number of each field, and what they mean.
func ofFields[F, R any](ctx context.Context, c *codec[F], fields []F, mean func(int64) R, run func(parts [][]byte) ([]int64, error)) (results []R, err error) {
	if len(fields) == 0 {
		return nil, ctx.Err()
	}
	err = c.encodeAll(fields, func(parts [][]byte) error {
		told, err := run(parts)
		for _, n := range told {
			results = append(results, mean(n))
		}
		return err
	})
	return results, err
}
