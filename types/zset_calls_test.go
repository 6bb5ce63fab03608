package types_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// zsetCalls is a call of every method of ZSet that takes a context. Those that
// find something return it.
func zsetCalls() map[string]func(context.Context, types.ZSet[string]) (any, error) {
	none := types.CombineOptions{}
	byScore, byMember := types.ByScore(types.MinScore(), types.MaxScore()), types.ByMember(types.MinMember(), types.MaxMember())
	return map[string]func(context.Context, types.ZSet[string]) (any, error){
		"Add":     func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Add(ctx, "m", 1) },
		"AddMany": func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.AddMany(ctx, scored{"m", 1}) },
		"AddWith": func(ctx context.Context, z types.ZSet[string]) (any, error) {
			n, _, err := z.AddWith(ctx, types.AddOptions{If: types.IfAbsent}, scored{"m", 1})
			return n, err
		},
		"Incr": func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Incr(ctx, "m", 1) },
		"IncrWith": func(ctx context.Context, z types.ZSet[string]) (any, error) {
			return both(z.IncrWith(ctx, "m", 1, types.AddOptions{}))
		},
		"Remove": func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Remove(ctx, "m") },
		"Len":    func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Len(ctx) },
		"Score":  func(ctx context.Context, z types.ZSet[string]) (any, error) { return both(z.Score(ctx, "m")) },
		"Scores": func(ctx context.Context, z types.ZSet[string]) (any, error) {
			list, err := z.Scores(ctx, "m")
			return list != nil && list[0].OK, err
		},
		"Rank":    func(ctx context.Context, z types.ZSet[string]) (any, error) { return both(z.Rank(ctx, "m")) },
		"RevRank": func(ctx context.Context, z types.ZSet[string]) (any, error) { return both(z.RevRank(ctx, "m")) },
		"RankScore": func(ctx context.Context, z types.ZSet[string]) (any, error) {
			_, _, ok, err := z.RankScore(ctx, "m")
			return ok, err
		},
		"RevRankScore": func(ctx context.Context, z types.ZSet[string]) (any, error) {
			_, _, ok, err := z.RevRankScore(ctx, "m")
			return ok, err
		},
		"Range":       func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Range(ctx, types.ByRank(0, -1)) },
		"Range score": func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Range(ctx, byScore) },
		"Count":       func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Count(ctx, byScore) },
		"Count lex":   func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Count(ctx, byMember) },
		"RemoveRange": func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.RemoveRange(ctx, byMember) },
		"StoreRange": func(ctx context.Context, z types.ZSet[string]) (any, error) {
			return z.StoreRange(ctx, z, types.ByRank(0, 5))
		},
		"PopMin":     func(ctx context.Context, z types.ZSet[string]) (any, error) { return both(z.PopMin(ctx)) },
		"PopMax":     func(ctx context.Context, z types.ZSet[string]) (any, error) { return both(z.PopMax(ctx)) },
		"PopMinN":    func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.PopMinN(ctx, 2) },
		"PopMaxN":    func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.PopMaxN(ctx, 2) },
		"WaitPopMin": func(ctx context.Context, z types.ZSet[string]) (any, error) { return waitShort(ctx, z.WaitPopMin) },
		"WaitPopMax": func(ctx context.Context, z types.ZSet[string]) (any, error) { return waitShort(ctx, z.WaitPopMax) },
		"PopFirstScored": func(ctx context.Context, z types.ZSet[string]) (any, error) {
			_, list, err := types.PopFirstScored(ctx, types.Lowest, 1, z)
			return list, err
		},
		"WaitPopFirstScored": func(ctx context.Context, z types.ZSet[string]) (any, error) {
			return waitShort(ctx, func(ctx context.Context) ([]scored, error) {
				_, list, err := types.WaitPopFirstScored(ctx, types.Lowest, 1, z)
				return list, err
			})
		},
		"Random":          func(ctx context.Context, z types.ZSet[string]) (any, error) { return both(z.Random(ctx)) },
		"Sample":          func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Sample(ctx, 3) },
		"SampleRepeating": func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.SampleRepeating(ctx, 3) },
		"Union":           func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Union(ctx, none, z) },
		"Inter":           func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Inter(ctx, none, z) },
		"Diff":            func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.Diff(ctx) },
		"StoreUnion":      func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.StoreUnion(ctx, none, z) },
		"StoreInter":      func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.StoreInter(ctx, none, z) },
		"StoreDiff":       func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.StoreDiff(ctx, z) },
		"InterLen":        func(ctx context.Context, z types.ZSet[string]) (any, error) { return z.InterLen(ctx, 0, z) },
		"All":             func(ctx context.Context, z types.ZSet[string]) (any, error) { return collect(z.All(ctx)) },
		"Backward":        func(ctx context.Context, z types.ZSet[string]) (any, error) { return collect(z.Backward(ctx)) },
		"Scan":            func(ctx context.Context, z types.ZSet[string]) (any, error) { return collect(z.Scan(ctx, "")) },
	}
}

func TestZSetOfAnotherType(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	require.NoError(t, types.NewString[string](s, "text").Set(ctx, "v"))
	for name, call := range zsetCalls() {
		_, err := call(ctx, types.NewZSet[string](s, "text"))
		require.ErrorIs(t, err, store.ErrWrongType, name)
	}
	v, _, err := types.NewString[string](s, "text").Get(ctx)
	require.NoError(t, err)
	require.Equal(t, "v", v)
}

func TestZSetThatIsMissing(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	adds := map[string]bool{"Add": true, "AddMany": true, "AddWith": true, "Incr": true, "IncrWith": true}
	for name, call := range zsetCalls() {
		v, err := call(ctx, types.NewZSet[string](s, name))
		require.NoError(t, err, name)
		there, err := s.Exists(ctx, name)
		require.NoError(t, err)
		if adds[name] {
			require.EqualValues(t, 1, there, name)
			continue
		}
		require.True(t, isNothing(v), "%s: %v", name, v)
		require.Zero(t, there, name)
	}
}

func TestZSetCallsThatMustNotStart(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	z := abc(t, s)
	for name, call := range zsetCalls() {
		_, err := call(ended, z)
		require.ErrorIs(t, err, context.Canceled, name)
	}
	holds(t, z, scored{"a", 1}, scored{"b", 2}, scored{"c", 3})
	require.NoError(t, s.Close())
	for name, call := range zsetCalls() {
		_, err := call(ctx, z)
		require.ErrorIs(t, err, store.ErrClosed, name)
	}
}

// TestZSetWithACodecThatUsesTheStore runs every method with a codec that would
// wait for ever under a lock.
func TestZSetWithACodecThatUsesTheStore(t *testing.T) {
	ctx := t.Context()
	for name, call := range zsetCalls() {
		t.Run(name, func(t *testing.T) {
			s, asked := newStore(t), 0
			z := types.NewZSetCodec(s, "z", asker{s, "z", &asked})
			_, err := z.AddMany(ctx, scored{"m", 1}, scored{"n", 2})
			require.NoError(t, err)
			_, err = call(ctx, z)
			require.NoError(t, err)
			require.GreaterOrEqual(t, asked, 2)
			list, err := z.Range(ctx, types.ByRank(0, -1))
			require.NoError(t, err)
			for _, m := range list {
				require.Contains(t, []string{"m", "n"}, m.Member)
			}
		})
	}
}

// TestZSetInTransactions undoes and keeps every change.
func TestZSetInTransactions(t *testing.T) {
	for name, call := range zsetCalls() {
		t.Run(name, func(t *testing.T) {
			s, ctx := newStore(t), t.Context()
			z, want := newZSet(t, s, "z", scored{"m", 0}, scored{"n", 5}), newZSet(t, s, "want", scored{"m", 0}, scored{"n", 5})
			before, err := z.Range(ctx, types.ByRank(0, -1))
			require.NoError(t, err)
			require.ErrorIs(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
				_, err := call(ctx, z.In(tx))
				require.NoError(t, err)
				return errNo
			}), errNo)
			holds(t, z, before...)
			_, err = call(ctx, want)
			require.NoError(t, err)
			require.NoError(t, s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
				_, err := call(ctx, z.In(tx))
				return err
			}))
			after, err := want.Range(ctx, types.ByRank(0, -1))
			require.NoError(t, err)
			holds(t, z, after...)
		})
	}
}

// TestZSetCallsAreAllHere finds methods that zsetCalls leaves out.
func TestZSetCallsAreAllHere(t *testing.T) {
	have := map[string]bool{}
	for name := range zsetCalls() {
		have[name] = true
	}
	missing(t, reflect.TypeFor[types.ZSet[string]](), have)
}
