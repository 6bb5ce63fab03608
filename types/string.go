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

// NewString makes a handle for a key of the store or transaction.
func NewString[T any](db store.DB, key string) String[T] {
	return String[T]{newHandle(db, key), codecOf[T]()}
}

// NewStringCodec is NewString with a codec of the caller's.
func NewStringCodec[T any](db store.DB, key string, c Codec[T]) String[T] {
	return String[T]{newHandle(db, key), userCodec(c)}
}

// In is the same handle inside a transaction.
func (s String[T]) In(tx *store.Tx) String[T] { return String[T]{s.in(tx), s.c} }

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
