package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// What is here works on the stored bytes of a String, whatever its type.

// Size is how many bytes the value has, 0 if the key is missing. O(1).
//
// Redis: STRLEN
func (s String[T]) Size(ctx context.Context) (int64, error) {
	return command.StrLen.Value(ctx, s.at, s.key, command.KeyArgs{Key: s.key})
}

// AppendTo appends the value's bytes to dst: a Get into memory of the caller's, which
// allocates nothing if there is room. ok is false if the key is missing. O(n) of the
// value.
//
// Redis: GET
func (s String[T]) AppendTo(ctx context.Context, dst []byte) (b []byte, ok bool, err error) {
	b = dst
	err = command.Get.Do(ctx, s.at, s.key, command.KeyArgs{Key: s.key}, func(value []byte) error {
		b, ok = append(b, value...), value != nil
		return nil
	})
	return b, ok, err
}

// AppendBytes adds bytes behind the value, or makes the key, and returns the new
// size. O(1) amortised. ErrTooLong beyond 512 MiB.
//
// Redis: APPEND
func (s String[T]) AppendBytes(ctx context.Context, b []byte) (int64, error) {
	if err := tooLong(b, nil); err != nil {
		return 0, err
	}
	return command.Append.Value(ctx, s.at, s.key, command.ValueArgs{Key: s.key, Value: b})
}

// ReadBytes returns the bytes from first to last, both included; negative numbers
// count from the end, -1 is the last byte. O(n) of the bytes returned.
//
// Redis: GETRANGE, SUBSTR
func (s String[T]) ReadBytes(ctx context.Context, first, last int64) (part []byte, err error) {
	a := command.RangeArgs{Key: s.key, Start: first, Stop: last}
	err = command.GetRange.Do(ctx, s.at, s.key, a, func(b []byte) error {
		part = append([]byte{}, b...)
		return nil
	})
	return part, err
}

// WriteBytes overwrites bytes from an offset on; the value grows as needed, with
// zeros in a gap. It returns the new size. ErrTooLong beyond 512 MiB,
// ErrOffset for a negative offset. O(n) of the bytes written.
//
// Redis: SETRANGE
func (s String[T]) WriteBytes(ctx context.Context, offset int64, b []byte) (int64, error) {
	if offset < 0 {
		return 0, store.ErrOffset
	}
	return command.SetRange.Value(ctx, s.at, s.key, command.SetRangeArgs{Key: s.key, Offset: offset, Value: b})
}

// Match is a run of bytes that two values share: where it begins and ends in
// each, both included.
type Match struct{ A, B [2]int }

// Common is a longest common subsequence of two values.
type Common struct {
	Bytes   []byte
	Matches []Match // the runs it consists of, the last first
}

// LCS finds a longest common subsequence of the stored bytes of a and b. A missing
// key counts as empty. O(n*m) in time and memory.
//
// Redis: LCS
func LCS[T any](ctx context.Context, a, b String[T]) (Common, error) {
	args := command.LCSArgs{A: a.key, B: b.key, Idx: true}
	r, err := command.LCS.ValueKeys(ctx, a.at, []engine.Key{a.key, b.key}, args)
	if err != nil {
		return Common{}, err
	}
	c := Common{Bytes: r.Text}
	for _, m := range r.Matches {
		c.Matches = append(c.Matches, Match(m))
	}
	return c, nil
}
