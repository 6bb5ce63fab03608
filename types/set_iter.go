package types

import (
	"context"
	"iter"

	"github.com/residedb/reside/internal/command"
)

// All yields the members, batch by batch, in no order. No lock is held while the
// loop's body runs, and the body may write to the set. A member that is there
// all the time is yielded at least once, one that comes or goes meanwhile
// perhaps, and one may be yielded twice. The first error ends the loop. O(n).
//
// Redis: SSCAN
func (s Set[T]) All(ctx context.Context) iter.Seq2[T, error] { return s.Scan(ctx, "") }

// Scan is All for the members whose stored bytes match a pattern, as
// store.Store.Keys takes it; all if it is empty. O(n).
//
// Redis: SSCAN MATCH
func (s Set[T]) Scan(ctx context.Context, pattern string) iter.Seq2[T, error] {
	return scan(ctx, s.handle, command.SScan, matching(pattern), func(p command.Page) ([]T, error) { return s.c.decodeAll(p.Items) })
}
