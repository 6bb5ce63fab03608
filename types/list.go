package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/store"
)

// List is a key that holds a sequence of elements of type T. It is cheap at both
// ends, so it serves as a stack and as a queue. A list that loses its last
// element is gone. Places count from 0 at the front, negative ones from the
// end: -1 is the last element.
type List[T any] struct {
	handle
	c codec[T]
}

// NewList makes a handle for a key of a store or transaction.
func NewList[T any](db store.DB, key string) (l List[T]) {
	l.open(db, key)
	l.c = codecOf[T]()
	return l
}

// NewListCodec is NewList with a codec of the caller's. Methods that look for an
// element compare bytes, so for them a codec must give an element the same
// bytes every time.
func NewListCodec[T any](db store.DB, key string, c Codec[T]) (l List[T]) {
	l.open(db, key)
	l.c = userCodec(c)
	return l
}

// In is the same handle inside a transaction.
func (l List[T]) In(tx store.DB) List[T] { return List[T]{l.in(tx), l.c} }

// End is an end of a list.
type End uint8

// The ends.
const (
	Front End = iota // the head of the list (Redis: LEFT)
	Back             // its tail (Redis: RIGHT)
)

func (e End) side() command.Side { return command.Side(e) + command.Left }

// PushBack adds elements at the back, one after another, and returns the new
// length. O(1) for each.
//
// Redis: RPUSH
func (l List[T]) PushBack(ctx context.Context, vs ...T) (length int64, err error) {
	return l.push(ctx, command.RPush, vs)
}

// PushFront adds elements at the front, one after another, so that the last one
// comes first, and returns the new length. O(1) for each.
//
// Redis: LPUSH
func (l List[T]) PushFront(ctx context.Context, vs ...T) (length int64, err error) {
	return l.push(ctx, command.LPush, vs)
}

// PushBackIfPresent is PushBack that does nothing and returns 0 if the key is
// missing. O(1) for each.
//
// Redis: RPUSHX
func (l List[T]) PushBackIfPresent(ctx context.Context, vs ...T) (length int64, err error) {
	return l.push(ctx, command.RPushX, vs)
}

// PushFrontIfPresent is PushFront that does nothing and returns 0 if the key is
// missing. O(1) for each.
//
// Redis: LPUSHX
func (l List[T]) PushFrontIfPresent(ctx context.Context, vs ...T) (length int64, err error) {
	return l.push(ctx, command.LPushX, vs)
}

func (l List[T]) push(ctx context.Context, row *command.Row[command.PushArgs, int64], vs []T) (length int64, err error) {
	if len(vs) == 0 {
		return l.Len(ctx)
	}
	err = l.c.encodeAll(vs, func(parts [][]byte) error {
		length, err = row.Value(ctx, l.at, l.key, command.PushArgs{Key: l.key, Elements: parts})
		return err
	})
	return length, err
}

// Len is how many elements there are, 0 if the key is missing. O(1).
//
// Redis: LLEN
func (l List[T]) Len(ctx context.Context) (int64, error) {
	return command.LLen.Value(ctx, l.at, l.key, command.KeyArgs{Key: l.key})
}

// Index returns the element at a place; ok is false if there is none. O(1) near
// the ends, O(n) between them.
//
// Redis: LINDEX
func (l List[T]) Index(ctx context.Context, i int64) (v T, ok bool, err error) {
	var r received[T]
	a := command.IndexArgs{Key: l.key, Index: i}
	err = command.LIndex.Do(ctx, l.at, l.key, a, func(b []byte) error { return r.take(&l.c, b) })
	return r.finish(&l.c, err)
}

// Range returns the elements from one place to another, both included; those of
// them that are there. O(n) of the elements returned. Strings of one range share
// memory, some 16 KiB of it at most: who keeps few of many for long clones them.
//
// Redis: LRANGE
func (l List[T]) Range(ctx context.Context, first, last int64) ([]T, error) {
	var r receivedList[T]
	a := command.RangeArgs{Key: l.key, Start: first, Stop: last}
	err := command.LRange.Do(ctx, l.at, l.key, a, func(s command.Span) error { return r.takeSpan(&l.c, s) })
	return r.values(&l.c, err)
}
