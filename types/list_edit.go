package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/store"
)

// Set replaces the element at a place. ErrNoSuchKey if the key is missing,
// ErrIndex if there is no such place. O(1) near the ends, O(n) between them.
//
// Redis: LSET
func (l List[T]) Set(ctx context.Context, i int64, v T) error {
	return l.c.encode(v, func(b []byte) error {
		_, err := command.LSet.Value(ctx, l.at, l.key, command.LSetArgs{Key: l.key, Index: i, Element: b})
		return err
	})
}

// Trim removes the elements that Range(ctx, first, last) would not return. O(n) of
// the elements removed.
//
// Redis: LTRIM
func (l List[T]) Trim(ctx context.Context, first, last int64) error {
	_, err := command.LTrim.Value(ctx, l.at, l.key, command.RangeArgs{Key: l.key, Start: first, Stop: last})
	return err
}

// InsertBefore puts an element before the first one equal to pivot and returns
// the new length; ok is false, and nothing is done, if there is no such one.
// O(n).
//
// Redis: LINSERT BEFORE
func (l List[T]) InsertBefore(ctx context.Context, pivot, v T) (length int64, ok bool, err error) {
	return l.insert(ctx, 1, pivot, v)
}

// InsertAfter is InsertBefore that puts the element behind the pivot. O(n).
//
// Redis: LINSERT AFTER
func (l List[T]) InsertAfter(ctx context.Context, pivot, v T) (length int64, ok bool, err error) {
	return l.insert(ctx, 2, pivot, v)
}

func (l List[T]) insert(ctx context.Context, where uint8, pivot, v T) (length int64, ok bool, err error) {
	err = encodePair(&l.c, pivot, &l.c, v, func(parts [][]byte) error {
		a := command.LInsertArgs{Key: l.key, Where: where, Pivot: parts[0], Element: parts[1]}
		length, err = command.LInsert.Value(ctx, l.at, l.key, a)
		return err
	})
	return max(length, 0), length > 0, err
}

// Remove removes the first count elements equal to v, the last -count if it is
// negative, all if it is 0, and returns how many there were. O(n).
//
// Redis: LREM
func (l List[T]) Remove(ctx context.Context, count int64, v T) (removed int64, err error) {
	err = l.c.encode(v, func(b []byte) error {
		removed, err = command.LRem.Value(ctx, l.at, l.key, command.LRemArgs{Key: l.key, Count: count, Element: b})
		return err
	})
	return removed, err
}

// IndexOf returns the place of the first element equal to v; ok is false if there
// is none. O(n).
//
// Redis: LPOS
func (l List[T]) IndexOf(ctx context.Context, v T) (i int64, ok bool, err error) {
	return first(l.Positions(ctx, v, FindOptions{Count: 1}))
}

// FindOptions say what List.Positions finds. The zero value is every element, from
// front to back.
type FindOptions struct {
	// Rank is the match to begin with: 1 or 0 for the first, 2 for the second; -1
	// for the last, -2 for the one before it, and then it goes on to the front.
	Rank int64
	// Count is how many places are wanted, all if it is 0. ErrCount if negative.
	Count int64
	// MaxLen is how many elements are looked at, all if it is 0. ErrCount if
	// negative.
	MaxLen int64
}

// Positions returns the places of elements equal to v, as they are found. O(n).
//
// Redis: LPOS with RANK, COUNT, MAXLEN
func (l List[T]) Positions(ctx context.Context, v T, o FindOptions) (places []int64, err error) {
	if o.Count < 0 || o.MaxLen < 0 {
		return nil, store.ErrCount
	}
	err = l.c.encode(v, func(b []byte) error {
		a := command.LPosArgs{Key: l.key, Element: b, Rank: o.Rank, HasRank: o.Rank != 0,
			Count: o.Count, HasCount: true, MaxLen: o.MaxLen, HasML: true}
		places, err = command.LPos.Value(ctx, l.at, l.key, a)
		return err
	})
	return places, err
}
