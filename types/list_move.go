package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// Move takes the element at an end of the list to an end of dst, which may be the
// same list, and returns it; ok is false if there is none. It is one step:
// nobody sees the element in neither list. Of dst only the key matters: the
// call works where its receiver does. O(1).
//
// Redis: LMOVE, RPOPLPUSH
func (l List[T]) Move(ctx context.Context, dst List[T], from, to End) (v T, ok bool, err error) {
	var r received[T]
	a := l.moveArgs(dst, from, to)
	err = command.LMove.DoKeys(ctx, l.at, []engine.Key{l.key, dst.key}, a, func(b []byte) error { return r.take(&l.c, b) })
	return r.finish(&l.c, err)
}

func (l List[T]) moveArgs(dst List[T], from, to End) command.MoveArgs {
	return command.MoveArgs{Src: l.key, Dst: dst.key, From: from.side(), To: to.side()}
}
