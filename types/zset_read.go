package types

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/reply"
)

// Len is how many members there are. O(1).
//
// Redis: ZCARD
func (z ZSet[T]) Len(ctx context.Context) (int64, error) {
	return command.ZCard.Value(ctx, z.at, z.key, command.KeyArgs{Key: z.key})
}

// Score returns a member's score; ok is false if it is not there. O(1).
//
// Redis: ZSCORE
func (z ZSet[T]) Score(ctx context.Context, member T) (score float64, ok bool, err error) {
	err = z.c.encode(member, func(b []byte) error {
		r, err := command.ZScore.Value(ctx, z.at, z.key, command.MemberArgs{Key: z.key, Member: b})
		score, ok = r.F, r.OK
		return err
	})
	return score, ok, err
}

// Scores returns the scores of members at one moment, in their order. O(1) for
// each.
//
// Redis: ZMSCORE
func (z ZSet[T]) Scores(ctx context.Context, members ...T) (scores []Maybe[float64], err error) {
	if len(members) == 0 {
		return nil, ctx.Err()
	}
	err = z.c.encodeAll(members, func(parts [][]byte) error {
		a := command.MembersArgs{Key: z.key, Members: parts}
		return command.ZMScore.Do(ctx, z.at, z.key, a, func(r []reply.MaybeDouble) error {
			scores = make([]Maybe[float64], len(r))
			for i, s := range r {
				scores[i] = Maybe[float64]{s.F, s.OK}
			}
			return nil
		})
	})
	return scores, err
}

// Rank is how many members stand before a member: 0 for the one with the lowest
// score. ok is false if it is not there. O(log n).
//
// Redis: ZRANK
func (z ZSet[T]) Rank(ctx context.Context, member T) (rank int64, ok bool, err error) {
	r, err := z.rank(ctx, command.ZRank, member)
	return r.Rank, r.OK, err
}

// RevRank is how many members stand behind a member: 0 for the one with the
// highest score. ok is false if it is not there. O(log n).
//
// Redis: ZREVRANK
func (z ZSet[T]) RevRank(ctx context.Context, member T) (rank int64, ok bool, err error) {
	r, err := z.rank(ctx, command.ZRevRank, member)
	return r.Rank, r.OK, err
}

// RankScore is Rank and Score at one moment. O(log n).
//
// Redis: ZRANK WITHSCORE
func (z ZSet[T]) RankScore(ctx context.Context, member T) (rank int64, score float64, ok bool, err error) {
	r, err := z.rank(ctx, command.ZRank, member)
	return r.Rank, r.Score, r.OK, err
}

// RevRankScore is RevRank and Score at one moment. O(log n).
//
// Redis: ZREVRANK WITHSCORE
func (z ZSet[T]) RevRankScore(ctx context.Context, member T) (rank int64, score float64, ok bool, err error) {
	r, err := z.rank(ctx, command.ZRevRank, member)
	return r.Rank, r.Score, r.OK, err
}

func (z ZSet[T]) rank(ctx context.Context, row *command.Row[command.RankArgs, command.Ranked], member T) (r command.Ranked, err error) {
	err = z.c.encode(member, func(b []byte) error {
		r, err = row.Value(ctx, z.at, z.key, command.RankArgs{Key: z.key, Member: b, WithScore: true})
		return err
	})
	return r, err
}
