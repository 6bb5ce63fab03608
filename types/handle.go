package types

import (
	"context"
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// handle is what every handle is made of: where it works, and its key with the
// hash computed once. Its methods are about the key, whatever its type.
type handle struct {
	at  command.Target
	key engine.Key
}

// open fills the handle in its place: handles are made on the fly, and each copy of
// one costs as much as hashing the key.
func (h *handle) open(db store.DB, key string) {
	h.at, h.key.DB = store.Target(db)
	h.key.B, h.key.Hash = store.Name(key)
}

// in is the same handle inside a transaction.
func (h handle) in(tx store.DB) handle {
	h.at, h.key.DB = store.Target(tx)
	return h
}

// Key is the name of the handle's key.
func (h handle) Key() string { return string(h.key.B) }

// Delete deletes the key and reports whether it was there. O(1).
//
// Redis: DEL
func (h handle) Delete(ctx context.Context) (bool, error) {
	n, err := command.Del.Value(ctx, h.at, h.key, command.KeysArgs{Keys: []engine.Key{h.key}})
	return n > 0, err
}

// Exists reports whether the key is there. O(1).
//
// Redis: EXISTS
func (h handle) Exists(ctx context.Context) (bool, error) {
	n, err := command.Exists.Value(ctx, h.at, h.key, command.KeysArgs{Keys: []engine.Key{h.key}})
	return n > 0, err
}

// Expire makes the key expire after d, see store.Store.Expire. O(1).
//
// Redis: EXPIRE, PEXPIRE
func (h handle) Expire(ctx context.Context, d time.Duration, conds ...store.When) (bool, error) {
	return store.Expire(ctx, h.at, h.key, d, conds)
}

// ExpireAt makes the key expire at a time, see store.Store.ExpireAt. O(1).
//
// Redis: EXPIREAT, PEXPIREAT
func (h handle) ExpireAt(ctx context.Context, t time.Time, conds ...store.When) (bool, error) {
	return store.ExpireAt(ctx, h.at, h.key, t, conds)
}

// Persist makes the key live for ever. It reports false if it is missing or does
// so already. O(1).
//
// Redis: PERSIST
func (h handle) Persist(ctx context.Context) (bool, error) {
	return command.Persist.Value(ctx, h.at, h.key, command.KeyArgs{Key: h.key})
}

// TTL is how long the key has to live; ok is false if it is missing or lives for
// ever. O(1).
//
// Redis: PTTL
func (h handle) TTL(ctx context.Context) (d time.Duration, ok bool, err error) {
	ms, err := command.PTTL.Value(ctx, h.at, h.key, command.KeyArgs{Key: h.key})
	if err != nil || ms < 0 {
		return 0, false, err
	}
	return command.DurationOf(ms), true, nil
}
