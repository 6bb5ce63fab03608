package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/store"
)

// String is a key that holds one value of type T.
type String[T any] struct {
	handle
	c codec[T]
}

// NewString makes a handle for a key of a store or transaction.
func NewString[T any](db store.DB, key string) (s String[T]) {
	s.open(db, key)
	s.c = codecOf[T]()
	return s
}

// NewStringCodec is NewString with a codec of the caller's.
func NewStringCodec[T any](db store.DB, key string, c Codec[T]) (s String[T]) {
	s.open(db, key)
	s.c = userCodec(c)
	return s
}

// In is the same handle inside a transaction.
func (s String[T]) In(tx store.DB) String[T] { return String[T]{s.in(tx), s.c} }

// Get returns the value; ok is false if the key is missing. O(1).
//
// Redis: GET
func (s String[T]) Get(ctx context.Context) (v T, ok bool, err error) {
	var r received[T]
	err = command.Get.Do(ctx, s.at, s.key, command.KeyArgs{Key: s.key}, func(b []byte) error { return r.take(&s.c, b) })
	return r.finish(&s.c, err)
}

// Set stores the value, whatever the key held, without a time to live. O(1).
//
// Redis: SET
func (s String[T]) Set(ctx context.Context, v T) error {
	return s.c.encode(v, func(b []byte) error {
		return command.Set.Do(ctx, s.at, s.key, command.SetArgs{Key: s.key, Value: b}, func(command.SetResult) error { return nil })
	})
}

// SetOptions say how String.SetWith writes. The zero value is what Set does.
type SetOptions struct {
	Expiry Expiry
	If     Condition
}

func (o SetOptions) args(s command.SetArgs) command.SetArgs {
	s.Cond, s.TTL = command.Cond(o.If), o.Expiry.ttl
	return s
}

// SetWith stores the value with a time to live, under a condition, and reports
// whether it did. O(1).
//
// Redis: SET with NX, XX, EX, PX, EXAT, PXAT, KEEPTTL; SETNX, SETEX, PSETEX
func (s String[T]) SetWith(ctx context.Context, v T, o SetOptions) (written bool, err error) {
	err = s.c.encode(v, func(b []byte) error {
		a := o.args(command.SetArgs{Key: s.key, Value: b})
		return command.Set.Do(ctx, s.at, s.key, a, func(r command.SetResult) error {
			written = r.Written
			return nil
		})
	})
	return written, err
}

// Swap stores the value as Set does and returns the one before; ok is false if
// there was none. O(1).
//
// Redis: GETSET
func (s String[T]) Swap(ctx context.Context, v T) (old T, ok bool, err error) {
	old, ok, _, err = s.SwapWith(ctx, v, SetOptions{})
	return old, ok, err
}

// SwapWith stores the value as SetWith does and returns the one before; ok is
// false if there was none. O(1).
//
// Redis: SET GET
func (s String[T]) SwapWith(ctx context.Context, v T, o SetOptions) (old T, ok, written bool, err error) {
	var r received[T]
	err = s.c.encode(v, func(b []byte) error {
		a := o.args(command.SetArgs{Key: s.key, Value: b, Get: true})
		return command.Set.Do(ctx, s.at, s.key, a, func(res command.SetResult) error {
			written = res.Written
			return r.take(&s.c, res.Old)
		})
	})
	old, ok, err = r.finish(&s.c, err)
	return old, ok, written, err
}

// GetDelete returns the value and deletes the key; ok is false if it is missing.
// O(1).
//
// Redis: GETDEL
func (s String[T]) GetDelete(ctx context.Context) (v T, ok bool, err error) {
	var r received[T]
	err = command.GetDel.Do(ctx, s.at, s.key, command.KeyArgs{Key: s.key}, func(b []byte) error { return r.take(&s.c, b) })
	return r.finish(&s.c, err)
}

// GetExpire returns the value and gives the key another time to live, none for
// the zero Expiry; ok is false if the key is missing. O(1).
//
// Redis: GETEX
func (s String[T]) GetExpire(ctx context.Context, e Expiry) (v T, ok bool, err error) {
	var r received[T]
	a := command.GetExArgs{Key: s.key, TTL: e.ofGet()}
	err = command.GetEx.Do(ctx, s.at, s.key, a, func(b []byte) error { return r.take(&s.c, b) })
	return r.finish(&s.c, err)
}
