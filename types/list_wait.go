package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// WaitPopFront is PopFront that waits for an element until ctx ends, whose error
// it returns then, or the store closes: ErrClosed. Who waits longest for a list
// is served first. An element is either returned or left in the list, even if
// it comes at the moment when ctx ends. ErrEmpty inside a transaction, where
// nothing waits. O(1).
//
// Redis: BLPOP
func (l List[T]) WaitPopFront(ctx context.Context) (T, error) { return l.waitPop(ctx, command.BLPop) }

// WaitPopBack is WaitPopFront for the last element. O(1).
//
// Redis: BRPOP
func (l List[T]) WaitPopBack(ctx context.Context) (T, error) { return l.waitPop(ctx, command.BRPop) }

func (l List[T]) waitPop(ctx context.Context, row *command.Row[command.BPopArgs, command.Popped]) (T, error) {
	var r received[T]
	a := command.BPopArgs{Keys: []engine.Key{l.key}}
	err := row.DoWait(ctx, l.at, a, func(p command.Popped) error { return r.takeFirst(&l.c, p.Items) })
	v, _, err := r.finish(&l.c, err)
	return v, err
}

// WaitMove is Move that waits for an element, as WaitPopFront does. O(1).
//
// Redis: BLMOVE, BRPOPLPUSH
func (l List[T]) WaitMove(ctx context.Context, dst List[T], from, to End) (T, error) {
	var r received[T]
	a := l.moveArgs(dst, from, to)
	err := command.BLMove.DoWait(ctx, l.at, a, func(b []byte) error { return r.take(&l.c, b) })
	v, _, err := r.finish(&l.c, err)
	return v, err
}

// WaitPopFirst is PopFirst that waits, as WaitPopFront does, until one of the
// lists has an element. O(n).
//
// Redis: BLMPOP, BLPOP, BRPOP
func WaitPopFirst[T any](ctx context.Context, end End, n int64, lists ...List[T]) (which int, items []T, err error) {
	return popFirst(end, n, lists, func(at command.Target, a command.MPopArgs, take func(command.Popped) error) error {
		return command.BLMPop.DoWait(ctx, at, a, take)
	})
}
