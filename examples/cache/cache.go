package main

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// Cache keeps in a store what a slow source says of a key.
//
// A value is fresh for some time. After that it is stale: it is still served, at
// once, while a new one is loaded behind the caller's back. When it is older than
// that, it is gone, and callers wait for a new one. However many ask for a key
// at a time, the source is asked once.
type Cache[T any] struct {
	store *store.Store
	fresh time.Duration
	stale time.Duration // behind fresh
	load  func(ctx context.Context, key string) (T, error)
	loads singleflight.Group
}

// NewCache makes a cache in front of a source.
func NewCache[T any](s *store.Store, fresh, stale time.Duration, load func(ctx context.Context, key string) (T, error)) *Cache[T] {
	return &Cache[T]{store: s, fresh: fresh, stale: stale, load: load}
}

// kept is a value as it stands in the store.
type kept[T any] struct {
	Value T
	Until time.Time // it is fresh
}

// Found says where a value came from.
type Found string

// The ways to find a value.
const (
	Fresh Found = "fresh"
	Stale Found = "stale"
	Miss  Found = "miss"
)

// Get is the value of a key. It waits for the source only on a miss.
func (c *Cache[T]) Get(ctx context.Context, key string) (value T, found Found, err error) {
	k, ok, err := c.entry(key).Get(ctx)
	switch {
	case err != nil:
		return value, Miss, err
	case !ok:
		value, err = c.wait(ctx, c.begin(ctx, key))
		return value, Miss, err
	case time.Now().Before(k.Until):
		return k.Value, Fresh, nil
	}
	c.begin(ctx, key)
	return k.Value, Stale, nil
}

// entry is where a key's value stands. The prefix keeps caches apart from other
// keys, and KEYS cache:* shows them.
func (c *Cache[T]) entry(key string) types.String[kept[T]] {
	return types.NewString[kept[T]](c.store, "cache:"+key)
}

// begin loads a value unless that is under way already.
func (c *Cache[T]) begin(ctx context.Context, key string) <-chan singleflight.Result {
	ctx = context.WithoutCancel(ctx) // others may wait for it when this caller has left
	return c.loads.DoChan(key, func() (any, error) {
		v, err := c.load(ctx, key)
		if err != nil {
			return v, err // the next one who asks tries again
		}
		k := kept[T]{v, time.Now().Add(c.fresh)}
		_, err = c.entry(key).SetWith(ctx, k, types.SetOptions{Expiry: types.After(c.fresh + c.stale)})
		return v, err
	})
}

// wait is the value that was loaded, if the caller has the patience.
func (c *Cache[T]) wait(ctx context.Context, loaded <-chan singleflight.Result) (value T, err error) {
	select {
	case <-ctx.Done():
		return value, ctx.Err()
	case r := <-loaded:
		value, _ = r.Val.(T)
		return value, r.Err
	}
}
