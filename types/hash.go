package types

import (
	"context"
	"math"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/store"
)

// Hash is a key that holds a map from fields of type F to values of type V. Fields
// may expire one by one. A hash that loses its last field is gone.
type Hash[F, V any] struct {
	handle
	f codec[F]
	v codec[V]
}

// NewHash makes a handle for a key of a store or transaction.
func NewHash[F, V any](db store.DB, key string) (h Hash[F, V]) {
	h.open(db, key)
	h.f, h.v = codecOf[F](), codecOf[V]()
	return h
}

// NewHashCodec is NewHash with codecs of the caller's; nil is the built-in one.
// Fields are told apart by their bytes, so a codec must give a field the same
// bytes every time.
func NewHashCodec[F, V any](db store.DB, key string, f Codec[F], v Codec[V]) (h Hash[F, V]) {
	h.open(db, key)
	h.f, h.v = userCodec(f), userCodec(v)
	return h
}

// In is the same handle inside a transaction.
func (h Hash[F, V]) In(tx store.DB) Hash[F, V] { return Hash[F, V]{h.in(tx), h.f, h.v} }

// Set gives a field a value and reports whether the field is new. A deadline that
// the field had is cleared. O(1).
//
// Redis: HSET
func (h Hash[F, V]) Set(ctx context.Context, field F, v V) (added bool, err error) {
	err = encodePair(&h.f, field, &h.v, v, func(parts [][]byte) error {
		n, err := command.HSet.Value(ctx, h.at, h.key, command.HSetArgs{Key: h.key, Pairs: parts})
		added = n > 0
		return err
	})
	return added, err
}

// SetMany gives fields values and returns how many fields are new. Deadlines that
// they had are cleared. O(n).
//
// Redis: HSET, HMSET
func (h Hash[F, V]) SetMany(ctx context.Context, pairs ...Pair[F, V]) (added int64, err error) {
	if len(pairs) == 0 {
		return 0, ctx.Err()
	}
	err = encodePairs(&h.f, &h.v, pairs, func(parts [][]byte) error {
		added, err = command.HSet.Value(ctx, h.at, h.key, command.HSetArgs{Key: h.key, Pairs: parts})
		return err
	})
	return added, err
}

// SetIfAbsent gives a field that is not there a value and reports whether it did.
// O(1).
//
// Redis: HSETNX
func (h Hash[F, V]) SetIfAbsent(ctx context.Context, field F, v V) (written bool, err error) {
	err = encodePair(&h.f, field, &h.v, v, func(parts [][]byte) error {
		a := command.FieldValueArgs{Key: h.key, Field: parts[0], Value: parts[1]}
		written, err = command.HSetNX.Value(ctx, h.at, h.key, a)
		return err
	})
	return written, err
}

// HSetOptions say how Hash.SetWith writes. The zero value is what SetMany does.
type HSetOptions struct {
	Expiry Expiry    // of each field
	If     Condition // none of the fields is there, or all are
}

// SetWith gives fields values with a time to live, under a condition, and reports
// whether it did: all of them or none. ErrExpiry for a time to live that cannot
// be; one that has passed deletes the fields. O(n).
//
// Redis: HSETEX
func (h Hash[F, V]) SetWith(ctx context.Context, o HSetOptions, pairs ...Pair[F, V]) (written bool, err error) {
	if len(pairs) == 0 {
		return false, ctx.Err()
	}
	err = encodePairs(&h.f, &h.v, pairs, func(parts [][]byte) error {
		a := command.HSetExArgs{Key: h.key, Cond: uint8(o.If), TTL: o.Expiry.ttl, Pairs: parts}
		written, err = command.HSetEx.Value(ctx, h.at, h.key, a)
		return err
	})
	return written, err
}

// Remove removes fields and returns how many were there. O(n).
//
// Redis: HDEL
func (h Hash[F, V]) Remove(ctx context.Context, fields ...F) (removed int64, err error) {
	if len(fields) == 0 {
		return 0, ctx.Err()
	}
	err = h.f.encodeAll(fields, func(parts [][]byte) error {
		removed, err = command.HDel.Value(ctx, h.at, h.key, command.FieldsArgs{Key: h.key, Fields: parts})
		return err
	})
	return removed, err
}

// Add adds n, which may be negative, to the number of a field, 0 if it is not
// there, and returns the sum. ErrNotInteger if the field holds something else,
// ErrOverflow if the sum does not fit. O(1).
//
// Redis: HINCRBY
func (h Hash[F, V]) Add(ctx context.Context, field F, n int64) (sum int64, err error) {
	err = h.f.encode(field, func(b []byte) error {
		sum, err = command.HIncrBy.Value(ctx, h.at, h.key, command.HIncrByArgs{Key: h.key, Field: b, By: n})
		return err
	})
	return sum, err
}

// AddFloat adds a floating-point number to that of a field, 0 if it is not there,
// and returns the sum. ErrNotFloat if the field holds no number, ErrInfinite if
// the sum is none. O(1).
//
// Redis: HINCRBYFLOAT
func (h Hash[F, V]) AddFloat(ctx context.Context, field F, x float64) (sum float64, err error) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, store.ErrInfinite
	}
	var r received[float64]
	floats := codecOf[float64]()
	err = encodePair(&h.f, field, &floats, x, func(parts [][]byte) error {
		a := command.FieldValueArgs{Key: h.key, Field: parts[0], Value: parts[1]}
		return command.HIncrByFloat.Do(ctx, h.at, h.key, a, func(b []byte) error { return r.take(&floats, b) })
	})
	sum, _, err = r.finish(&floats, err)
	return sum, err
}
