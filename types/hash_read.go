package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
)

// Get returns the value of a field; ok is false if it is not there. O(1).
//
// Redis: HGET
func (h Hash[F, V]) Get(ctx context.Context, field F) (v V, ok bool, err error) {
	var r received[V]
	err = h.f.encode(field, func(b []byte) error {
		a := command.FieldArgs{Key: h.key, Field: b}
		return command.HGet.Do(ctx, h.at, h.key, a, func(b []byte) error { return r.take(&h.v, b) })
	})
	return r.finish(&h.v, err)
}

// GetMany returns the values of fields at one moment, in their order. O(n).
//
// Redis: HMGET
func (h Hash[F, V]) GetMany(ctx context.Context, fields ...F) ([]Maybe[V], error) {
	return h.getMany(ctx, fields, func(parts [][]byte, take func([][]byte) error) error {
		return command.HMGet.Do(ctx, h.at, h.key, command.FieldsArgs{Key: h.key, Fields: parts}, take)
	})
}

// GetRemove is GetMany that removes the fields. O(n).
//
// Redis: HGETDEL
func (h Hash[F, V]) GetRemove(ctx context.Context, fields ...F) ([]Maybe[V], error) {
	return h.getMany(ctx, fields, func(parts [][]byte, take func([][]byte) error) error {
		return command.HGetDel.Do(ctx, h.at, h.key, command.HFieldsArgs{Key: h.key, Fields: parts}, take)
	})
}

// GetExpire is GetMany that gives the fields another time to live, none for the
// zero Expiry. ErrExpiry for one that cannot be; one that has passed deletes the
// fields. O(n).
//
// Redis: HGETEX
func (h Hash[F, V]) GetExpire(ctx context.Context, e Expiry, fields ...F) ([]Maybe[V], error) {
	return h.getMany(ctx, fields, func(parts [][]byte, take func([][]byte) error) error {
		a := command.HGetExArgs{Key: h.key, TTL: e.ofGet(), Fields: parts}
		return command.HGetEx.Do(ctx, h.at, h.key, a, take)
	})
}

// getMany runs a call for fields that hands their values to take.
func (h Hash[F, V]) getMany(ctx context.Context, fields []F, run func(parts [][]byte, take func([][]byte) error) error) ([]Maybe[V], error) {
	if len(fields) == 0 {
		return nil, ctx.Err()
	}
	var r receivedList[V]
	err := h.f.encodeAll(fields, func(parts [][]byte) error {
		return run(parts, func(values [][]byte) error { return r.take(&h.v, values) })
	})
	return r.maybes(&h.v, err)
}

// Entries returns all fields with their values, in no order. It holds the hash
// while it copies all of them; All does not. O(n).
//
// Redis: HGETALL
func (h Hash[F, V]) Entries(ctx context.Context) ([]Pair[F, V], error) {
	var r receivedPairs[F, V]
	err := command.HGetAll.Do(ctx, h.at, h.key, command.KeyArgs{Key: h.key}, func(parts [][]byte) error { return r.take(&h, parts) })
	return r.finish(&h, err)
}

// Fields returns all fields, in no order. O(n).
//
// Redis: HKEYS
func (h Hash[F, V]) Fields(ctx context.Context) ([]F, error) {
	return half(ctx, h.handle, &h.f, command.HKeys)
}

// Values returns the values of all fields, in no order. O(n).
//
// Redis: HVALS
func (h Hash[F, V]) Values(ctx context.Context) ([]V, error) {
	return half(ctx, h.handle, &h.v, command.HVals)
}

func half[T any](ctx context.Context, h handle, c *codec[T], row *command.Row[command.KeyArgs, [][]byte]) ([]T, error) {
	var r receivedList[T]
	err := row.Do(ctx, h.at, h.key, command.KeyArgs{Key: h.key}, func(parts [][]byte) error { return r.take(c, parts) })
	return r.values(c, err)
}

// Len is how many fields there are. O(1).
//
// Redis: HLEN
func (h Hash[F, V]) Len(ctx context.Context) (int64, error) {
	return command.HLen.Value(ctx, h.at, h.key, command.KeyArgs{Key: h.key})
}

// Size is how many bytes the value of a field has, 0 if it is not there. O(1).
//
// Redis: HSTRLEN
func (h Hash[F, V]) Size(ctx context.Context, field F) (n int64, err error) {
	err = h.f.encode(field, func(b []byte) error {
		n, err = command.HStrLen.Value(ctx, h.at, h.key, command.FieldArgs{Key: h.key, Field: b})
		return err
	})
	return n, err
}

// Has reports whether a field is there. O(1).
//
// Redis: HEXISTS
func (h Hash[F, V]) Has(ctx context.Context, field F) (ok bool, err error) {
	err = h.f.encode(field, func(b []byte) error {
		ok, err = command.HExists.Value(ctx, h.at, h.key, command.FieldArgs{Key: h.key, Field: b})
		return err
	})
	return ok, err
}
