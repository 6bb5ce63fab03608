package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// Pair is a key or field with its value.
type Pair[K, V any] struct {
	Key   K
	Value V
}

// GetMany returns the values of keys at one moment, in their order. One that is
// missing or holds no string is not OK. O(n).
//
// Redis: MGET
func GetMany[T any](ctx context.Context, db store.DB, keys ...string) ([]Maybe[T], error) {
	if len(keys) == 0 {
		return nil, ctx.Err()
	}
	at, n := store.Target(db)
	list := make([]engine.Key, len(keys))
	for i, k := range keys {
		list[i] = store.KeyOf(k).In(n)
	}
	c := codecOf[T]()
	var r receivedList[T]
	err := command.MGet.DoKeys(ctx, at, list, command.KeysArgs{Keys: list}, func(parts [][]byte) error { return r.take(&c, parts) })
	return r.maybes(&c, err)
}

// SetMany stores the values of keys at one moment, whatever they held, without a
// time to live. O(n).
//
// Redis: MSET
func SetMany[T any](ctx context.Context, db store.DB, pairs ...Pair[string, T]) error {
	return setMany(db, pairs, func(at command.Target, keys []engine.Key, a command.MSetArgs) error {
		_, err := command.MSet.ValueKeys(ctx, at, keys, a)
		return err
	})
}

// SetManyIfAbsent is SetMany that reports false, and does nothing, if any of the
// keys is there. O(n).
//
// Redis: MSETNX
func SetManyIfAbsent[T any](ctx context.Context, db store.DB, pairs ...Pair[string, T]) (written bool, err error) {
	err = setMany(db, pairs, func(at command.Target, keys []engine.Key, a command.MSetArgs) (err error) {
		written, err = command.MSetNX.ValueKeys(ctx, at, keys, a)
		return err
	})
	return written, err
}

func setMany[T any](db store.DB, pairs []Pair[string, T], run func(command.Target, []engine.Key, command.MSetArgs) error) error {
	at, n := store.Target(db)
	c := codecOf[T]()
	values := make([]T, len(pairs))
	keys := make([]engine.Key, len(pairs))
	for i, p := range pairs {
		keys[i], values[i] = store.KeyOf(p.Key).In(n), p.Value
	}
	return c.encodeAll(values, func(parts [][]byte) error {
		a := command.MSetArgs{Pairs: make([]arg.Pair, len(pairs))}
		for i := range pairs {
			a.Pairs[i] = arg.Pair{Key: keys[i], Value: parts[i]}
		}
		return run(at, keys, a)
	})
}
