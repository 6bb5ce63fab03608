package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// Set is a key that holds different members of type T, in no order. Members are
// the same if their stored bytes are. A set that loses its last member is gone.
type Set[T any] struct {
	handle
	c codec[T]
}

// NewSet makes a handle for a key of a store or transaction.
func NewSet[T any](db store.DB, key string) (s Set[T]) {
	s.open(db, key)
	s.c = codecOf[T]()
	return s
}

// NewSetCodec is NewSet with a codec of the caller's. Members are told apart by
// their bytes, so a codec must give a member the same bytes every time.
func NewSetCodec[T any](db store.DB, key string, c Codec[T]) (s Set[T]) {
	s.open(db, key)
	s.c = userCodec(c)
	return s
}

// In is the same handle inside a transaction.
func (s Set[T]) In(tx store.DB) Set[T] { return Set[T]{s.in(tx), s.c} }

// Add makes values members and returns how many were none. O(1) for each.
//
// Redis: SADD
func (s Set[T]) Add(ctx context.Context, vs ...T) (added int64, err error) {
	return s.change(ctx, command.SAdd, vs)
}

// Remove makes values no members and returns how many were. O(1) for each.
//
// Redis: SREM
func (s Set[T]) Remove(ctx context.Context, vs ...T) (removed int64, err error) {
	return s.change(ctx, command.SRem, vs)
}

func (s Set[T]) change(ctx context.Context, row *command.Row[command.MembersArgs, int64], vs []T) (n int64, err error) {
	if len(vs) == 0 {
		return 0, ctx.Err()
	}
	err = s.c.encodeAll(vs, func(parts [][]byte) error {
		n, err = row.Value(ctx, s.at, s.key, command.MembersArgs{Key: s.key, Members: parts})
		return err
	})
	return n, err
}

// Contains reports whether a value is a member. O(1).
//
// Redis: SISMEMBER
func (s Set[T]) Contains(ctx context.Context, v T) (is bool, err error) {
	err = s.c.encode(v, func(b []byte) error {
		is, err = command.SIsMember.Value(ctx, s.at, s.key, command.MemberArgs{Key: s.key, Member: b})
		return err
	})
	return is, err
}

// ContainsEach reports of each value whether it is a member. O(1) for each.
//
// Redis: SMISMEMBER
func (s Set[T]) ContainsEach(ctx context.Context, vs ...T) (are []bool, err error) {
	if len(vs) == 0 {
		return nil, ctx.Err()
	}
	err = s.c.encodeAll(vs, func(parts [][]byte) error {
		told, err := command.SMIsMember.Value(ctx, s.at, s.key, command.MembersArgs{Key: s.key, Members: parts})
		for _, n := range told {
			are = append(are, n == 1)
		}
		return err
	})
	return are, err
}

// Len is how many members there are, 0 if the key is missing. O(1).
//
// Redis: SCARD
func (s Set[T]) Len(ctx context.Context) (int64, error) {
	return command.SCard.Value(ctx, s.at, s.key, command.KeyArgs{Key: s.key})
}

// Members returns all members at one moment, in no order. The set's lock is held
// while they are copied; All yields them batch by batch. O(n).
//
// Redis: SMEMBERS
func (s Set[T]) Members(ctx context.Context) ([]T, error) {
	var r receivedList[T]
	err := command.SMembers.Do(ctx, s.at, s.key, command.KeyArgs{Key: s.key}, func(parts [][]byte) error { return r.take(&s.c, parts) })
	return r.values(&s.c, err)
}

// Move takes a member to dst, in one step, and reports whether it was one. Of dst
// only the key matters: the call works where its receiver does. O(1).
//
// Redis: SMOVE
func (s Set[T]) Move(ctx context.Context, dst Set[T], v T) (moved bool, err error) {
	err = s.c.encode(v, func(b []byte) error {
		a := command.SMoveArgs{Src: s.key, Dst: dst.key, Member: b}
		moved, err = command.SMove.ValueKeys(ctx, s.at, []engine.Key{s.key, dst.key}, a)
		return err
	})
	return moved, err
}
