package durable

import (
	"context"
	"errors"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// errNotEmpty: there are keys already.
var errNotEmpty = errors.New("durable: the engine is not empty")

// Merge adds the keys of a snapshot to those that an engine has, when all of it was read
// and found whole: see engine.Merge. An engine in memory only that has no keys gets all of
// them in one moment.
func Merge(ctx context.Context, e *engine.Engine, k *Keeper, in persist.SnapshotReader, keep bool, done func(keys int)) (left int64, err error) {
	other, err := ReadAside(ctx, e, in, nil)
	if err != nil {
		return 0, err
	}
	return MergeAside(ctx, e, k, other, keep, done)
}

// MergeAside is Merge of a content that an engine made by ReadAside or Sibling has. That
// one is closed, on error too.
func MergeAside(ctx context.Context, e *engine.Engine, k *Keeper, other *engine.Engine, keep bool, done func(keys int)) (left int64, err error) {
	if k == nil {
		if err = e.RefillAt(other, whereEmpty); err != errNotEmpty {
			return 0, err
		}
	}
	left, err = e.Merge(ctx, other, keep, done)
	if err == nil && k != nil && k.LogOn() && k.Policy() == Always {
		err = k.WaitDurable(ctx, e.Position())
	}
	return left, err
}

// whereEmpty lets an engine without keys be filled.
func whereEmpty(tx *engine.Tx) (position int64, err error) {
	for db := range tx.Engine().Databases() {
		if tx.Engine().Len(db) > 0 {
			return 0, errNotEmpty
		}
	}
	return tx.Position() + 1, nil
}
