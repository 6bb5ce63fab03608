package types

import (
	"context"
	"iter"

	"github.com/residedb/reside/internal/command"
)

// All yields the fields with their values, batch by batch, in no order. No lock is
// held while the loop's body runs, and the body may write to the hash. A field
// that is there all the time is yielded at least once, one that comes or goes
// meanwhile perhaps, and one may be yielded twice. The first error ends the
// loop. O(n).
//
// Redis: HSCAN
func (h Hash[F, V]) All(ctx context.Context) iter.Seq2[Pair[F, V], error] { return h.Scan(ctx, "") }

// Scan is All for the fields whose stored bytes match a pattern, as
// store.Store.Keys takes it; all if it is empty. O(n).
//
// Redis: HSCAN MATCH
func (h Hash[F, V]) Scan(ctx context.Context, pattern string) iter.Seq2[Pair[F, V], error] {
	return scan(ctx, h.handle, command.HScan, matching(pattern), func(p command.Page) (list []Pair[F, V], err error) {
		for i := 0; i < len(p.Items); i += 2 {
			var e Pair[F, V]
			if e.Key, err = h.f.decode(p.Items[i]); err != nil {
				return nil, err
			}
			if e.Value, err = h.v.decode(p.Items[i+1]); err != nil {
				return nil, err
			}
			list = append(list, e)
		}
		return list, nil
	})
}

// ScanFields is Scan for the fields alone. O(n).
//
// Redis: HSCAN NOVALUES
func (h Hash[F, V]) ScanFields(ctx context.Context, pattern string) iter.Seq2[F, error] {
	a := matching(pattern)
	a.NoValues = true
	return scan(ctx, h.handle, command.HScan, a, func(p command.Page) ([]F, error) { return h.f.decodeAll(p.Items) })
}
