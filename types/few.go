package types

import (
	"context"

	"github.com/residedb/reside/store"
)

// first is the first of some elements, if there is one.
func first[E any](list []E, err error) (e E, ok bool, _ error) {
	if err != nil || len(list) == 0 {
		return e, false, err
	}
	return list[0], true, nil
}

// noCount is the error of a call for n elements where that is 0, which is none, or
// a number that is not possible.
func noCount(ctx context.Context, n int64) error {
	if n != 0 {
		return store.ErrCount
	}
	return ctx.Err()
}
