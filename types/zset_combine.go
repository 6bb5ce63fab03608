package types

import (
	"context"
	"math"
	"slices"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// Source is what takes part in a union, intersection or difference of sorted sets:
// a ZSet, or a Set, whose members count as having the score 1. Only its key
// matters: the call works where its receiver does, and members are compared by
// their stored bytes.
type Source[T any] interface{ source(T) engine.Key }

func (z ZSet[T]) source(T) engine.Key { return z.key }

// Aggregate says what becomes of the scores of a member that several sets have.
type Aggregate uint8

// The ways. A sum that would be no number is 0.
const (
	Sum Aggregate = iota
	Min
	Max
)

// CombineOptions say how scores are put together. The zero value is their sum.
type CombineOptions struct {
	// Weights are what scores are multiplied by, one for each set that takes part,
	// the receiver first unless it is where the result is stored. 1 for all if
	// empty. ErrOptions if their number differs, ErrNaN if one is no number.
	Weights   []float64
	Aggregate Aggregate
}

func (o *CombineOptions) args(dst engine.Key, keys []engine.Key) (command.ZAlgebraArgs, error) {
	a := command.ZAlgebraArgs{Dst: dst, Keys: keys, WithScores: true}
	if len(keys) == 0 {
		return a, store.ErrNoKeys
	}
	if a.Weights = o.Weights; len(a.Weights) > 0 {
		a.HasWeights = true
		switch {
		case len(a.Weights) != len(keys):
			return a, store.ErrOptions
		case slices.ContainsFunc(a.Weights, math.IsNaN):
			return a, store.ErrNaN
		}
	}
	a.HasAgg, a.Aggregate = o.Aggregate != Sum, uint8(o.Aggregate)+1
	return a, nil
}

func sourceKeys[T any](keys []engine.Key, sources []Source[T]) []engine.Key {
	var zero T
	for _, s := range sources {
		keys = append(keys, s.source(zero))
	}
	return keys
}

// Union returns the members that the set or any of some others has, in the order
// of the scores they get. O(n log n) for n members of all.
//
// Redis: ZUNION
func (z ZSet[T]) Union(ctx context.Context, o CombineOptions, others ...Source[T]) ([]Scored[T], error) {
	return z.combine(ctx, command.ZUnion, o, others)
}

// Inter returns the members that the set and all of some others have, in the order
// of the scores they get. O(n k) for n members of the smallest of k sets, and
// O(log m) for each member returned.
//
// Redis: ZINTER
func (z ZSet[T]) Inter(ctx context.Context, o CombineOptions, others ...Source[T]) ([]Scored[T], error) {
	return z.combine(ctx, command.ZInter, o, others)
}

// Diff returns the members of the set, with their scores, that none of some others
// has. O(n k) for n members and k sets.
//
// Redis: ZDIFF
func (z ZSet[T]) Diff(ctx context.Context, others ...Source[T]) ([]Scored[T], error) {
	return z.combine(ctx, command.ZDiff, CombineOptions{}, others)
}

func (z ZSet[T]) combine(ctx context.Context, row *command.Row[command.ZAlgebraArgs, command.Scores], o CombineOptions, others []Source[T]) ([]Scored[T], error) {
	a, err := o.args(engine.Key{}, sourceKeys([]engine.Key{z.key}, others))
	if err != nil {
		return nil, err
	}
	var got receivedScored[T]
	err = row.DoKeys(ctx, z.at, a.Keys, a, func(s command.Scores) error { return got.take(&z.c, s) })
	return got.finish(&z.c, err)
}

// StoreUnion makes the set hold the union of some others, whatever the key held,
// and returns how many members that has; with none the key is deleted. The set
// may be one of the sources. ErrNoKeys without a source. O(n log n) for n
// members of all.
//
// Redis: ZUNIONSTORE
func (z ZSet[T]) StoreUnion(ctx context.Context, o CombineOptions, sources ...Source[T]) (int64, error) {
	return z.combineInto(ctx, command.ZUnionStore, o, sources)
}

// StoreInter is StoreUnion for what all of the sources have. O(n k) for n members
// of the smallest of k sources, and O(log m) for each member stored.
//
// Redis: ZINTERSTORE
func (z ZSet[T]) StoreInter(ctx context.Context, o CombineOptions, sources ...Source[T]) (int64, error) {
	return z.combineInto(ctx, command.ZInterStore, o, sources)
}

// StoreDiff is StoreUnion for what the first of the sources has and no other.
// O(n k) for n members of the first of k sources.
//
// Redis: ZDIFFSTORE
func (z ZSet[T]) StoreDiff(ctx context.Context, sources ...Source[T]) (int64, error) {
	return z.combineInto(ctx, command.ZDiffStore, CombineOptions{}, sources)
}

func (z ZSet[T]) combineInto(ctx context.Context, row *command.Row[command.ZAlgebraArgs, int64], o CombineOptions, sources []Source[T]) (int64, error) {
	a, err := o.args(z.key, sourceKeys(nil, sources))
	if err != nil {
		return 0, err
	}
	return row.ValueKeys(ctx, z.at, append([]engine.Key{z.key}, a.Keys...), a)
}

// InterLen is how many members the set and all of some others have; it stops
// counting at a limit that is not 0. ErrCount if limit is negative. O(n k) for
// n members of the smallest of k sets.
//
// Redis: ZINTERCARD
func (z ZSet[T]) InterLen(ctx context.Context, limit int64, others ...Source[T]) (int64, error) {
	if limit < 0 {
		return 0, store.ErrCount
	}
	a := command.CardArgs{Keys: sourceKeys([]engine.Key{z.key}, others), Limit: limit, HasLimit: limit > 0}
	return command.ZInterCard.ValueKeys(ctx, z.at, a.Keys, a)
}
