package types

import (
	"context"
	"math"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/store"
)

// ZSet is a key that holds a sorted set: different members of type T, each with a
// score, in the order of their scores. Members with the same score stand in
// the order of their stored bytes. A set that loses its last member is gone.
type ZSet[T any] struct {
	handle
	c codec[T]
}

// NewZSet makes a handle for a key of a store or transaction.
func NewZSet[T any](db store.DB, key string) (z ZSet[T]) {
	z.open(db, key)
	z.c = codecOf[T]()
	return z
}

// NewZSetCodec is NewZSet with a codec of the caller's. Members are told apart by
// their bytes, so a codec must give a member the same bytes every time.
func NewZSetCodec[T any](db store.DB, key string, c Codec[T]) (z ZSet[T]) {
	z.open(db, key)
	z.c = userCodec(c)
	return z
}

// In is the same handle inside a transaction.
func (z ZSet[T]) In(tx store.DB) ZSet[T] { return ZSet[T]{z.in(tx), z.c} }

// Scored is a member with its score, which is any number but NaN.
type Scored[T any] struct {
	Member T
	Score  float64
}

// Add gives a member a score and reports whether the member is new. ErrNaN for a
// score that is no number. O(log n).
//
// Redis: ZADD
func (z ZSet[T]) Add(ctx context.Context, member T, score float64) (added bool, err error) {
	n, err := z.AddMany(ctx, Scored[T]{member, score})
	return n > 0, err
}

// AddMany gives members scores and returns how many members are new. ErrNaN for a
// score that is no number, and nothing is added. O(log n) for each.
//
// Redis: ZADD
func (z ZSet[T]) AddMany(ctx context.Context, members ...Scored[T]) (added int64, err error) {
	added, _, err = z.AddWith(ctx, AddOptions{}, members...)
	return added, err
}

// ScoreRule says which scores may take the place of another.
type ScoreRule uint8

// The rules. They do not keep new members out.
const (
	AnyScore ScoreRule = iota
	Higher             // greater ones (Redis: GT)
	Lower              // less ones (Redis: LT)
)

// AddOptions say how ZSet.AddWith adds. The zero value is what AddMany does.
type AddOptions struct {
	If   Condition // members are new, or there already
	Only ScoreRule // for members that are there; not together with IfAbsent
}

func (o AddOptions) args(a command.ZAddArgs) (command.ZAddArgs, error) {
	a.NX, a.XX = o.If == IfAbsent, o.If == IfPresent
	a.GT, a.LT = o.Only == Higher, o.Only == Lower
	if a.NX && (a.GT || a.LT) {
		return a, store.ErrOptions
	}
	return a, nil
}

// AddWith is AddMany under conditions. It returns how many members are new and how
// many have another score now. ErrOptions if the conditions exclude each other.
// O(log n) for each.
//
// Redis: ZADD with NX, XX, GT, LT, CH
func (z ZSet[T]) AddWith(ctx context.Context, o AddOptions, members ...Scored[T]) (added, changed int64, err error) {
	a, err := o.args(command.ZAddArgs{Key: z.key, Changed: true})
	switch {
	case err != nil:
		return 0, 0, err
	case len(members) == 0:
		return 0, 0, ctx.Err()
	}
	err = z.c.encodeScored(members, func(list []command.Scored) error {
		a.Members = list
		r, err := command.ZAdd.Value(ctx, z.at, z.key, a)
		added, changed = r.Added, r.Updated
		return err
	})
	return added, changed, err
}

// Incr adds to a member's score, 0 if it is not there, and returns the sum. ErrNaN
// if the sum is no number. O(log n).
//
// Redis: ZINCRBY
func (z ZSet[T]) Incr(ctx context.Context, member T, by float64) (score float64, err error) {
	if math.IsNaN(by) {
		return 0, store.ErrNaN
	}
	err = z.c.encode(member, func(b []byte) error {
		score, err = command.ZIncrBy.Value(ctx, z.at, z.key, command.ZIncrByArgs{Key: z.key, Member: b, By: by})
		return err
	})
	return score, err
}

// IncrWith is Incr under conditions; ok is false if they do not hold and nothing
// was done. ErrOptions if they exclude each other. O(log n).
//
// Redis: ZADD INCR with NX, XX, GT, LT
func (z ZSet[T]) IncrWith(ctx context.Context, member T, by float64, o AddOptions) (score float64, ok bool, err error) {
	a, err := o.args(command.ZAddArgs{Key: z.key, Incr: true})
	if err != nil {
		return 0, false, err
	}
	err = z.c.encodeScored([]Scored[T]{{member, by}}, func(list []command.Scored) error {
		a.Members = list
		r, err := command.ZAdd.Value(ctx, z.at, z.key, a)
		score, ok = r.Score, r.Done
		return err
	})
	return score, ok, err
}

// Remove takes members out and returns how many were there. O(log n) for each.
//
// Redis: ZREM
func (z ZSet[T]) Remove(ctx context.Context, members ...T) (removed int64, err error) {
	if len(members) == 0 {
		return 0, ctx.Err()
	}
	err = z.c.encodeAll(members, func(parts [][]byte) error {
		removed, err = command.ZRem.Value(ctx, z.at, z.key, command.MembersArgs{Key: z.key, Members: parts})
		return err
	})
	return removed, err
}
