package main

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// atomically runs f, which reads and then writes with TxPipelined, and runs it again
// if somebody has changed the keys in between. It also does so, a few times, if the
// connection is lost: nobody knows then whether the writes were done, so they must
// be such that doing them twice is doing them once.
func atomically(ctx context.Context, c redis.UniversalClient, f func(tx *redis.Tx) error, keys ...string) error {
	const patience = 3
	for lost := 0; ; {
		err := c.Watch(ctx, f, keys...)
		var reply redis.Error
		switch {
		case errors.Is(err, redis.TxFailedErr):
		case err == nil || errors.As(err, &reply): // Redis has answered
			return err
		default:
			if lost++; lost == patience || ctx.Err() != nil {
				return err
			}
		}
	}
}
