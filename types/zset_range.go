package types

import (
	"context"
	"math"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// ZRange is a part of a sorted set and the order in which it is read. ByRank,
// ByScore and ByMember make one:
//
//	types.ByRank(0, 9).Reverse()                            // the ten highest
//	types.ByScore(types.Incl(1), types.Excl(5))             // 1 <= score < 5
//	types.ByScore(types.Incl(1), types.MaxScore()).Limit(20, 10)
//	types.ByMember(types.InclMember("a"), types.ExclMember("c"))
type ZRange interface {
	fill(a *command.ZRangeArgs) error
}

// fill lays a range out as arguments. The kinds are named, so that the compiler sees that
// nothing is kept and a range costs no allocation.
func fill(r ZRange, a *command.ZRangeArgs) error {
	switch r := r.(type) {
	case RankRange:
		return r.fill(a)
	case BoundRange:
		return r.fill(a)
	case LimitedRange:
		return r.fill(a)
	}
	panic("types: a range that ByRank, ByScore or ByMember has not made")
}

// ZInterval is a ZRange that can be removed: every one without a limit.
type ZInterval interface {
	ZRange
	remover() *command.Row[command.ZRangeArgs, int64]
}

// RankRange is a ZRange of ranks, made by ByRank.
type RankRange struct {
	first, last int64
	reverse     bool
}

// ByRank is the members from rank first to last, both included: 0 is the lowest
// score. Negative numbers count from the end, -1 is the last rank.
func ByRank(first, last int64) RankRange { return RankRange{first: first, last: last} }

// Reverse counts and reads from the highest score down, and back when reversed
// again.
func (r RankRange) Reverse() RankRange {
	r.reverse = !r.reverse
	return r
}

func (r RankRange) fill(a *command.ZRangeArgs) error {
	a.Rev = r.reverse
	a.Ranks(r.first, r.last)
	return nil
}

func (r RankRange) remover() *command.Row[command.ZRangeArgs, int64] { return command.ZRemRangeByRank }

// BoundRange is a ZRange between two bounds, made by ByScore or ByMember.
type BoundRange struct {
	by      command.RangeBy
	score   [2]command.ScoreBound
	member  [2]MemberBound
	reverse bool
}

// Bound is a score with which a range begins or ends.
type Bound struct{ b command.ScoreBound }

// Incl is a bound whose score belongs to the range; it may be infinite.
func Incl(score float64) Bound { return Bound{command.ScoreBound{F: score}} }

// Excl is a bound whose score does not belong to the range.
func Excl(score float64) Bound { return Bound{command.ScoreBound{F: score, Open: true}} }

// MinScore is the bound before every score.
func MinScore() Bound { return Incl(math.Inf(-1)) }

// MaxScore is the bound behind every score.
func MaxScore() Bound { return Incl(math.Inf(1)) }

// ByScore is the members whose scores stand between two bounds. lo is the lower
// one, even in reverse. Calls with a bound that is no number fail with ErrNaN.
func ByScore(lo, hi Bound) BoundRange {
	return BoundRange{by: command.ByScore, score: [2]command.ScoreBound{lo.b, hi.b}}
}

// MemberBound is a member with which a range begins or ends. It is compared with
// the stored bytes of members, and need not be one.
type MemberBound struct {
	b    string
	open bool
	inf  int
}

// InclMember is a bound whose member belongs to the range.
func InclMember(member string) MemberBound { return MemberBound{b: member} }

// ExclMember is a bound whose member does not belong to the range.
func ExclMember(member string) MemberBound { return MemberBound{b: member, open: true} }

// MinMember is the bound before every member.
func MinMember() MemberBound { return MemberBound{inf: -1} }

// MaxMember is the bound behind every member.
func MaxMember() MemberBound { return MemberBound{inf: 1} }

func (b MemberBound) lex() command.LexBound {
	return command.LexBound{B: []byte(b.b), Open: b.open, Inf: b.inf}
}

// ByMember is the members between two others, in the order of their stored bytes.
// It is meant for sets whose members all have the same score; in others the
// result means nothing. lo is the lower bound, even in reverse.
func ByMember(lo, hi MemberBound) BoundRange {
	return BoundRange{by: command.ByLex, member: [2]MemberBound{lo, hi}}
}

// Reverse reads from the highest score or last member down, and back when reversed
// again.
func (r BoundRange) Reverse() BoundRange {
	r.reverse = !r.reverse
	return r
}

// Limit leaves the first offset members out and reads count of those behind them,
// all if count is negative. There is nothing at a negative offset. Skipped
// members cost nothing.
func (r BoundRange) Limit(offset, count int64) LimitedRange {
	return LimitedRange{r, offset, count}
}

func (r BoundRange) fill(a *command.ZRangeArgs) error {
	a.Rev = r.reverse
	if r.by == command.ByLex {
		a.Lex(r.member[0].lex(), r.member[1].lex())
		return nil
	}
	if math.IsNaN(r.score[0].F) || math.IsNaN(r.score[1].F) {
		return store.ErrNaN
	}
	a.Scores(r.score[0], r.score[1])
	return nil
}

func (r BoundRange) remover() *command.Row[command.ZRangeArgs, int64] {
	if r.by == command.ByLex {
		return command.ZRemRangeByLex
	}
	return command.ZRemRangeByScore
}

// LimitedRange is a BoundRange of which only some members are read.
type LimitedRange struct {
	in            BoundRange
	offset, count int64
}

func (r LimitedRange) fill(a *command.ZRangeArgs) error {
	a.HasLimit, a.Offset, a.Count = true, r.offset, r.count
	return r.in.fill(a)
}

// Range returns the members of a range in its order. Strings of up to 1 KiB together
// share their memory: who keeps one member for long keeps that, or clones it. O(log n)
// and O(1) for each member returned.
//
// Redis: ZRANGE, ZREVRANGE, ZRANGEBYSCORE, ZREVRANGEBYSCORE, ZRANGEBYLEX,
// ZREVRANGEBYLEX
func (z ZSet[T]) Range(ctx context.Context, r ZRange) ([]Scored[T], error) {
	a := command.ZRangeArgs{Key: z.key, WithScores: true}
	if err := fill(r, &a); err != nil {
		return nil, err
	}
	var got receivedScored[T]
	err := command.ZRange.Do(ctx, z.at, z.key, a, func(s command.Scores) error { return got.take(&z.c, s) })
	return got.finish(&z.c, err)
}

// Count is how many members stand between the bounds of ByScore or ByMember.
// O(log n).
//
// Redis: ZCOUNT, ZLEXCOUNT
func (z ZSet[T]) Count(ctx context.Context, r BoundRange) (int64, error) {
	a := command.ZRangeArgs{Key: z.key}
	if err := fill(r, &a); err != nil {
		return 0, err
	}
	row := command.ZCount
	if r.by == command.ByLex {
		row = command.ZLexCount
	}
	return row.Value(ctx, z.at, z.key, a)
}

// RemoveRange removes the members of a range and returns how many there were.
// O(log n) for each.
//
// Redis: ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX
func (z ZSet[T]) RemoveRange(ctx context.Context, r ZInterval) (int64, error) {
	a := command.ZRangeArgs{Key: z.key}
	if err := fill(r, &a); err != nil {
		return 0, err
	}
	return r.remover().Value(ctx, z.at, z.key, a)
}

// StoreRange makes the set hold the members of a range of another one, whatever
// the key held, and returns how many there are; with none the key is deleted.
// O(log n) and O(log m) for each of the m members stored.
//
// Redis: ZRANGESTORE
func (z ZSet[T]) StoreRange(ctx context.Context, src ZSet[T], r ZRange) (int64, error) {
	a := command.ZRangeArgs{Dst: z.key, Key: src.key}
	if err := fill(r, &a); err != nil {
		return 0, err
	}
	return command.ZRangeStore.ValueKeys(ctx, z.at, []engine.Key{z.key, src.key}, a)
}
