package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
)

// Pop draws a member uniformly, removes it and returns it; ok is false if there is
// none. One that is no T is gone too, and the error says so. O(1).
//
// Redis: SPOP
func (s Set[T]) Pop(ctx context.Context) (v T, ok bool, err error) {
	var r received[T]
	err = command.SPop.Do(ctx, s.at, s.key, command.PopArgs{Key: s.key}, func(ms [][]byte) error { return r.takeFirst(&s.c, ms) })
	return r.finish(&s.c, err)
}

// PopN is Pop for n members, all if there are fewer. ErrCount if n is negative.
// O(n).
//
// Redis: SPOP with a count
func (s Set[T]) PopN(ctx context.Context, n int64) ([]T, error) {
	if n <= 0 {
		return nil, noCount(ctx, n)
	}
	var r receivedList[T]
	a := command.PopArgs{Key: s.key, HasCount: true, Count: n}
	err := command.SPop.Do(ctx, s.at, s.key, a, func(ms [][]byte) error { return r.take(&s.c, ms) })
	return r.values(&s.c, err)
}

// Random draws a member uniformly; ok is false if there is none. O(1).
//
// Redis: SRANDMEMBER
func (s Set[T]) Random(ctx context.Context) (v T, ok bool, err error) {
	var r received[T]
	err = command.SRandMember.Do(ctx, s.at, s.key, command.SampleArgs{Key: s.key}, func(ms [][]byte) error { return r.takeFirst(&s.c, ms) })
	return r.finish(&s.c, err)
}

// Sample draws n different members uniformly, all if there are fewer, in no order.
// ErrCount if n is negative. O(n).
//
// Redis: SRANDMEMBER with a positive count
func (s Set[T]) Sample(ctx context.Context, n int64) ([]T, error) {
	if n <= 0 {
		return nil, noCount(ctx, n)
	}
	return s.sample(ctx, n)
}

// SampleRepeating draws a member uniformly n times; the same one may come again.
// ErrCount if n is negative or more than 16,777,216. O(n).
//
// Redis: SRANDMEMBER with a negative count
func (s Set[T]) SampleRepeating(ctx context.Context, n int64) ([]T, error) {
	if n <= 0 || n > command.MaxPicks {
		return nil, noCount(ctx, n)
	}
	return s.sample(ctx, -n)
}

func (s Set[T]) sample(ctx context.Context, count int64) ([]T, error) {
	var r receivedList[T]
	a := command.SampleArgs{Key: s.key, HasCount: true, Count: count}
	err := command.SRandMember.Do(ctx, s.at, s.key, a, func(ms [][]byte) error { return r.take(&s.c, ms) })
	return r.values(&s.c, err)
}
