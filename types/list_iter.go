package types

import (
	"context"
	"iter"
	"slices"
)

// All yields the elements from front to back, batch by batch. No lock is held
// while the loop's body runs, and the body may write to the list. The loop goes
// by places from the front: what is pushed at the back meanwhile is yielded at
// the end, but elements that others pushed before, or took from before, the
// place of the loop are yielded twice, or not at all. Inside a transaction it
// sees what the transaction sees. The first error ends the loop. O(n).
//
// Redis: LRANGE
func (l List[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for at := int64(0); ; at += batch {
			vs, err := l.Range(ctx, at, at+batch-1)
			if !yieldAll(vs, err, yield) || len(vs) < batch {
				return
			}
		}
	}
}

// Backward is All from back to front. The loop goes by places from the back.
//
// Redis: LRANGE
func (l List[T]) Backward(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for at := int64(-1); ; at -= batch {
			vs, err := l.Range(ctx, at-batch+1, at)
			slices.Reverse(vs)
			if !yieldAll(vs, err, yield) || len(vs) < batch {
				return
			}
		}
	}
}
