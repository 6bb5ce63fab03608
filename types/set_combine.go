package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// What is here compares sets at one moment. A missing key is an empty set. Of the
// other sets only the keys matter: a call works where its receiver does, and
// members are compared by their stored bytes.

// source makes a Set one of the sources of a sorted set.
func (s Set[T]) source(T) engine.Key { return s.key }

// keysOf adds the keys of sets to a list.
func keysOf[T any](keys []engine.Key, sets []Set[T]) []engine.Key {
	for _, s := range sets {
		keys = append(keys, s.key)
	}
	return keys
}

// Inter returns the members that all the others have too. O(n*m) for n members of
// the smallest of m sets.
//
// Redis: SINTER
func (s Set[T]) Inter(ctx context.Context, others ...Set[T]) ([]T, error) {
	return s.combine(ctx, command.SInter, others)
}

// Union returns the members of this set and of the others. O(n) for n members of
// all sets.
//
// Redis: SUNION
func (s Set[T]) Union(ctx context.Context, others ...Set[T]) ([]T, error) {
	return s.combine(ctx, command.SUnion, others)
}

// Diff returns the members that none of the others has. O(n*m) for n members and m
// sets.
//
// Redis: SDIFF
func (s Set[T]) Diff(ctx context.Context, others ...Set[T]) ([]T, error) {
	return s.combine(ctx, command.SDiff, others)
}

func (s Set[T]) combine(ctx context.Context, row *command.Row[command.KeysArgs, [][]byte], others []Set[T]) ([]T, error) {
	var r receivedList[T]
	keys := keysOf([]engine.Key{s.key}, others)
	err := row.DoKeys(ctx, s.at, keys, command.KeysArgs{Keys: keys}, func(parts [][]byte) error { return r.take(&s.c, parts) })
	return r.values(&s.c, err)
}

// InterLen is how many members Inter would return; it counts up to limit, all if
// that is 0. ErrCount if limit is negative. O(n*m) for n members of the
// smallest of m sets.
//
// Redis: SINTERCARD
func (s Set[T]) InterLen(ctx context.Context, limit int64, others ...Set[T]) (int64, error) {
	if limit < 0 {
		return 0, store.ErrCount
	}
	keys := keysOf([]engine.Key{s.key}, others)
	return command.SInterCard.ValueKeys(ctx, s.at, keys, command.CardArgs{Keys: keys, Limit: limit, HasLimit: limit > 0})
}

// StoreInter replaces whatever the key holds by the set of the members that all the
// sets have, and returns how many there are; with none the key is deleted. The
// receiver may be one of the sets. ErrNoKeys without sets. O(n*m) for n
// members of the smallest of m sets.
//
// Redis: SINTERSTORE
func (s Set[T]) StoreInter(ctx context.Context, sets ...Set[T]) (int64, error) {
	return s.combineInto(ctx, command.SInterStore, sets)
}

// StoreUnion is StoreInter for the members that any of the sets has. O(n) for n
// members of all sets.
//
// Redis: SUNIONSTORE
func (s Set[T]) StoreUnion(ctx context.Context, sets ...Set[T]) (int64, error) {
	return s.combineInto(ctx, command.SUnionStore, sets)
}

// StoreDiff is StoreInter for the members of the first set that none of the others
// has. O(n*m) for n members and m sets.
//
// Redis: SDIFFSTORE
func (s Set[T]) StoreDiff(ctx context.Context, sets ...Set[T]) (int64, error) {
	return s.combineInto(ctx, command.SDiffStore, sets)
}

func (s Set[T]) combineInto(ctx context.Context, row *command.Row[command.StoreArgs, int64], sets []Set[T]) (int64, error) {
	if len(sets) == 0 {
		return 0, store.ErrNoKeys
	}
	keys := keysOf([]engine.Key{s.key}, sets)
	return row.ValueKeys(ctx, s.at, keys, command.StoreArgs{Dst: s.key, Keys: keys[1:]})
}
