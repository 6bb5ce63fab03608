package types_test

import (
	"context"
	"errors"
	"testing"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

type list = types.List[string]

// listCalls is a call of every method of List that takes a context, and of the
// functions over several lists.
func listCalls() map[string]func(context.Context, list) (any, error) {
	return map[string]func(context.Context, list) (any, error){
		"PushBack":           func(ctx context.Context, l list) (any, error) { return l.PushBack(ctx, "m", "x") },
		"PushFront":          func(ctx context.Context, l list) (any, error) { return l.PushFront(ctx, "m", "x") },
		"PushBackIfPresent":  func(ctx context.Context, l list) (any, error) { return l.PushBackIfPresent(ctx, "m") },
		"PushFrontIfPresent": func(ctx context.Context, l list) (any, error) { return l.PushFrontIfPresent(ctx, "m") },
		"Push nothing":       func(ctx context.Context, l list) (any, error) { return l.PushBack(ctx) },
		"Len":                func(ctx context.Context, l list) (any, error) { return l.Len(ctx) },
		"Index":              func(ctx context.Context, l list) (any, error) { return both(l.Index(ctx, 1)) },
		"Range":              func(ctx context.Context, l list) (any, error) { return l.Range(ctx, 0, -1) },
		"Set": func(ctx context.Context, l list) (any, error) {
			err := l.Set(ctx, 0, "x")
			if errors.Is(err, store.ErrNoSuchKey) {
				err = nil
			}
			return 0, err
		},
		"Trim":         func(ctx context.Context, l list) (any, error) { return 0, l.Trim(ctx, 1, 1) },
		"InsertBefore": func(ctx context.Context, l list) (any, error) { return both(l.InsertBefore(ctx, "n", "x")) },
		"InsertAfter":  func(ctx context.Context, l list) (any, error) { return both(l.InsertAfter(ctx, "n", "x")) },
		"Remove":       func(ctx context.Context, l list) (any, error) { return l.Remove(ctx, 0, "n") },
		"IndexOf":      func(ctx context.Context, l list) (any, error) { return both(l.IndexOf(ctx, "n")) },
		"Positions": func(ctx context.Context, l list) (any, error) {
			return l.Positions(ctx, "n", types.FindOptions{})
		},
		"PopBack":   func(ctx context.Context, l list) (any, error) { return both(l.PopBack(ctx)) },
		"PopFront":  func(ctx context.Context, l list) (any, error) { return both(l.PopFront(ctx)) },
		"PopBackN":  func(ctx context.Context, l list) (any, error) { return l.PopBackN(ctx, 2) },
		"PopFrontN": func(ctx context.Context, l list) (any, error) { return l.PopFrontN(ctx, 2) },
		"Move": func(ctx context.Context, l list) (any, error) {
			return both(l.Move(ctx, l, types.Front, types.Back))
		},
		"PopFirst": func(ctx context.Context, l list) (any, error) {
			_, vs, err := types.PopFirst(ctx, types.Front, 2, l)
			return vs, err
		},
		"WaitPopFront": func(ctx context.Context, l list) (any, error) { return waitShort(ctx, l.WaitPopFront) },
		"WaitPopBack":  func(ctx context.Context, l list) (any, error) { return waitShort(ctx, l.WaitPopBack) },
		"WaitMove": func(ctx context.Context, l list) (any, error) {
			return waitShort(ctx, func(ctx context.Context) (string, error) {
				return l.WaitMove(ctx, l, types.Front, types.Back)
			})
		},
		"WaitPopFirst": func(ctx context.Context, l list) (any, error) {
			return waitShort(ctx, func(ctx context.Context) ([]string, error) {
				_, vs, err := types.WaitPopFirst(ctx, types.Front, 2, l)
				return vs, err
			})
		},
		"All":      func(ctx context.Context, l list) (any, error) { return collect(l.All(ctx)) },
		"Backward": func(ctx context.Context, l list) (any, error) { return collect(l.Backward(ctx)) },
	}
}

func TestListCalls(t *testing.T) {
	family[list]{
		calls: listCalls(), adds: []string{"PushBack", "PushFront"},
		open: types.NewListCodec[string], in: list.In,
		fill: func(ctx context.Context, l list) error {
			_, err := l.PushBack(ctx, "m", "n", "o")
			return err
		},
		state: func(ctx context.Context, l list) ([]string, error) { return l.Range(ctx, 0, -1) },
	}.test(t)
}
