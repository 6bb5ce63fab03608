package types

import (
	"bytes"
	"context"
	"iter"

	"github.com/residedb/reside/internal/command"
)

// All yields the members from the lowest score up, batch by batch. No lock is held
// while the loop's body runs, and the body may write to the set: a member that
// keeps its score throughout is yielded exactly once, in its place; one that
// comes, goes or moves meanwhile as the loop meets it. The first error ends the
// loop. O(n) for all members, O(log n) for each batch.
//
// Redis: ZRANGE
func (z ZSet[T]) All(ctx context.Context) iter.Seq2[Scored[T], error] { return z.walk(ctx, false) }

// Backward is All from the highest score down.
//
// Redis: ZRANGE REV
func (z ZSet[T]) Backward(ctx context.Context) iter.Seq2[Scored[T], error] {
	return z.walk(ctx, true)
}

func (z ZSet[T]) walk(ctx context.Context, reverse bool) iter.Seq2[Scored[T], error] {
	return func(yield func(Scored[T], error) bool) {
		a := command.ZRangeArgs{Key: z.key, WithScores: true, Rev: reverse}
		a.Ranks(0, batch-1)
		for more := true; more; {
			var got receivedScored[T]
			err := command.ZRange.Do(ctx, z.at, z.key, a, func(s command.Scores) error {
				if more = len(s.Entries) == batch; more {
					last := s.Entries[batch-1]
					a.After(last.Score, bytes.Clone(last.Member), batch)
				}
				return got.take(&z.c, s)
			})
			list, err := got.finish(&z.c, err)
			if !yieldAll(list, err, yield) {
				return
			}
		}
	}
}

// Scan yields the members whose stored bytes match a pattern, as store.Store.Keys
// takes it, batch by batch in no order; all if it is empty. No lock is held
// while the loop's body runs. A member that is there all the time is yielded at
// least once, one that comes or goes meanwhile perhaps, and one may be yielded
// twice. The first error ends the loop. O(n).
//
// Redis: ZSCAN
func (z ZSet[T]) Scan(ctx context.Context, pattern string) iter.Seq2[Scored[T], error] {
	return scan(ctx, z.handle, command.ZScan, matching(pattern), func(p command.Page) ([]Scored[T], error) {
		list := make([]Scored[T], len(p.Items))
		for i, b := range p.Items {
			m, err := z.c.decode(b)
			if err != nil {
				return nil, err
			}
			list[i] = Scored[T]{m, p.Scores[i]}
		}
		return list, nil
	})
}
