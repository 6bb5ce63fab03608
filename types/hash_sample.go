package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
)

// Random draws a field uniformly and returns it with its value; ok is false if
// there is none. O(1).
//
// Redis: HRANDFIELD
func (h Hash[F, V]) Random(ctx context.Context) (p Pair[F, V], ok bool, err error) {
	return first(h.sample(ctx, 1))
}

// Sample draws n different fields uniformly, all if there are fewer, in no order.
// ErrCount if n is negative. O(n).
//
// Redis: HRANDFIELD with a positive count
func (h Hash[F, V]) Sample(ctx context.Context, n int64) ([]Pair[F, V], error) {
	if n <= 0 {
		return nil, noCount(ctx, n)
	}
	return h.sample(ctx, n)
}

// SampleRepeating draws a field uniformly n times; the same one may come again.
// ErrCount if n is negative or more than 16,777,216. O(n).
//
// Redis: HRANDFIELD with a negative count
func (h Hash[F, V]) SampleRepeating(ctx context.Context, n int64) ([]Pair[F, V], error) {
	if n <= 0 || n > command.MaxPicks {
		return nil, noCount(ctx, n)
	}
	return h.sample(ctx, -n)
}

func (h Hash[F, V]) sample(ctx context.Context, count int64) ([]Pair[F, V], error) {
	a := command.SampleArgs{Key: h.key, HasCount: true, Count: count, With: true}
	var r receivedPairs[F, V]
	err := command.HRandField.Do(ctx, h.at, h.key, a, func(parts [][]byte) error { return r.take(&h, parts) })
	return r.finish(&h, err)
}
