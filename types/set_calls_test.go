package types_test

import (
	"context"
	"slices"
	"testing"

	"github.com/residedb/reside/types"
)

type set = types.Set[string]

// setCalls is a call of every method of Set that takes a context.
func setCalls() map[string]func(context.Context, set) (any, error) {
	return map[string]func(context.Context, set) (any, error){
		"Add":          func(ctx context.Context, s set) (any, error) { return s.Add(ctx, "m", "x") },
		"Remove":       func(ctx context.Context, s set) (any, error) { return s.Remove(ctx, "m", "x") },
		"Contains":     func(ctx context.Context, s set) (any, error) { return s.Contains(ctx, "m") },
		"ContainsEach": func(ctx context.Context, s set) (any, error) { return none(s.ContainsEach(ctx, "m", "x")) },
		"Len":          func(ctx context.Context, s set) (any, error) { return s.Len(ctx) },
		"Members":      func(ctx context.Context, s set) (any, error) { return s.Members(ctx) },
		"Move":         func(ctx context.Context, s set) (any, error) { return s.Move(ctx, s, "m") },
		"Pop":          func(ctx context.Context, s set) (any, error) { return both(s.Pop(ctx)) },
		"PopN":         func(ctx context.Context, s set) (any, error) { return s.PopN(ctx, 2) },
		"Random":       func(ctx context.Context, s set) (any, error) { return both(s.Random(ctx)) },
		"Sample":       func(ctx context.Context, s set) (any, error) { return s.Sample(ctx, 3) },
		"SampleRepeating": func(ctx context.Context, s set) (any, error) {
			return s.SampleRepeating(ctx, 3)
		},
		"Inter":      func(ctx context.Context, s set) (any, error) { return s.Inter(ctx, s) },
		"Union":      func(ctx context.Context, s set) (any, error) { return s.Union(ctx, s) },
		"Diff":       func(ctx context.Context, s set) (any, error) { return s.Diff(ctx) },
		"InterLen":   func(ctx context.Context, s set) (any, error) { return s.InterLen(ctx, 0, s) },
		"StoreInter": func(ctx context.Context, s set) (any, error) { return s.StoreInter(ctx, s, s) },
		"StoreUnion": func(ctx context.Context, s set) (any, error) { return s.StoreUnion(ctx, s, s) },
		"StoreDiff":  func(ctx context.Context, s set) (any, error) { return s.StoreDiff(ctx, s, s) },
		"All":        func(ctx context.Context, s set) (any, error) { return collect(s.All(ctx)) },
		"Scan":       func(ctx context.Context, s set) (any, error) { return collect(s.Scan(ctx, "*m*")) },
	}
}

// none is nil if nothing is true.
func none(bs []bool, err error) ([]bool, error) {
	if !slices.Contains(bs, true) {
		return nil, err
	}
	return bs, err
}

func TestSetCalls(t *testing.T) {
	family[set]{
		calls: setCalls(), adds: []string{"Add"},
		open: types.NewSetCodec[string], in: set.In,
		fill: func(ctx context.Context, s set) error {
			_, err := s.Add(ctx, "m") // one alone: draws are the same in twins
			return err
		},
		state: func(ctx context.Context, s set) ([]string, error) {
			vs, err := s.Members(ctx)
			slices.Sort(vs)
			return vs, err
		},
	}.test(t)
}
