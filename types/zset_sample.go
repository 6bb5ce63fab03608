package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
)

// Random draws a member uniformly; ok is false if there is none. O(1).
//
// Redis: ZRANDMEMBER
func (z ZSet[T]) Random(ctx context.Context) (m Scored[T], ok bool, err error) {
	return first(z.sample(ctx, 1))
}

// Sample draws n different members uniformly, all if there are fewer, in no order.
// ErrCount if n is negative. O(n).
//
// Redis: ZRANDMEMBER with a positive count
func (z ZSet[T]) Sample(ctx context.Context, n int64) ([]Scored[T], error) {
	if n <= 0 {
		return nil, noCount(ctx, n)
	}
	return z.sample(ctx, n)
}

// SampleRepeating draws a member uniformly n times; the same one may come again.
// ErrCount if n is negative or more than 16,777,216. O(n).
//
// Redis: ZRANDMEMBER with a negative count
func (z ZSet[T]) SampleRepeating(ctx context.Context, n int64) ([]Scored[T], error) {
	if n <= 0 || n > command.MaxPicks {
		return nil, noCount(ctx, n)
	}
	return z.sample(ctx, -n)
}

func (z ZSet[T]) sample(ctx context.Context, count int64) ([]Scored[T], error) {
	a := command.SampleArgs{Key: z.key, HasCount: true, Count: count, With: true}
	var r receivedScored[T]
	err := command.ZRandMember.Do(ctx, z.at, z.key, a, func(s command.Scores) error { return r.take(&z.c, s) })
	return r.finish(&z.c, err)
}
