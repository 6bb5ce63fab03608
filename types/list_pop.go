package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// PopBack removes the last element and returns it; ok is false if there is none.
// One that is no T is gone too, and the error says so. O(1).
//
// Redis: RPOP
func (l List[T]) PopBack(ctx context.Context) (v T, ok bool, err error) {
	return l.pop(ctx, command.RPop)
}

// PopFront is PopBack for the first element. O(1).
//
// Redis: LPOP
func (l List[T]) PopFront(ctx context.Context) (v T, ok bool, err error) {
	return l.pop(ctx, command.LPop)
}

func (l List[T]) pop(ctx context.Context, row *command.Row[command.PopArgs, [][]byte]) (v T, ok bool, err error) {
	var r received[T]
	err = row.Do(ctx, l.at, l.key, command.PopArgs{Key: l.key}, func(items [][]byte) error { return r.takeFirst(&l.c, items) })
	return r.finish(&l.c, err)
}

// PopBackN removes the last n elements, all if there are fewer, and returns them,
// the last one first. ErrCount if n is negative. O(n).
//
// Redis: RPOP with a count
func (l List[T]) PopBackN(ctx context.Context, n int64) ([]T, error) {
	return l.popN(ctx, command.RPop, n)
}

// PopFrontN removes the first n elements, all if there are fewer, and returns
// them. ErrCount if n is negative. O(n).
//
// Redis: LPOP with a count
func (l List[T]) PopFrontN(ctx context.Context, n int64) ([]T, error) {
	return l.popN(ctx, command.LPop, n)
}

func (l List[T]) popN(ctx context.Context, row *command.Row[command.PopArgs, [][]byte], n int64) ([]T, error) {
	if n <= 0 {
		return nil, noCount(ctx, n)
	}
	var r receivedList[T]
	a := command.PopArgs{Key: l.key, HasCount: true, Count: n}
	err := row.Do(ctx, l.at, l.key, a, func(items [][]byte) error { return r.take(&l.c, items) })
	return r.values(&l.c, err)
}

// PopFirst removes up to n elements from an end of the first list that has any. It
// returns which one that is and the elements, the outermost first; which is -1
// if all are empty. The call works where the first handle does, of the others
// only keys and codecs matter. ErrCount unless n is positive, ErrNoKeys
// without lists. O(n).
//
// Redis: LMPOP
func PopFirst[T any](ctx context.Context, end End, n int64, lists ...List[T]) (which int, items []T, err error) {
	return popFirst(end, n, lists, func(at command.Target, a command.MPopArgs, take func(command.Popped) error) error {
		return command.LMPop.DoKeys(ctx, at, a.Keys, a, take)
	})
}

func popFirst[T any](end End, n int64, lists []List[T], run func(command.Target, command.MPopArgs, func(command.Popped) error) error) (which int, items []T, err error) {
	switch {
	case n <= 0:
		return -1, nil, store.ErrCount
	case len(lists) == 0:
		return -1, nil, store.ErrNoKeys
	}
	a := command.MPopArgs{Keys: make([]engine.Key, len(lists)), Where: uint8(end.side()), HasCount: true, Count: n}
	for i, l := range lists {
		a.Keys[i] = l.key
	}
	which = -1
	var r receivedList[T]
	err = run(lists[0].at, a, func(p command.Popped) error {
		if len(p.Items) == 0 {
			return nil
		}
		which = p.At
		return r.take(&lists[which].c, p.Items)
	})
	if err != nil || which < 0 {
		return -1, nil, err
	}
	items, err = r.values(&lists[which].c, nil)
	return which, items, err
}
