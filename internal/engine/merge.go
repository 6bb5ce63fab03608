package engine

import (
	"context"

	"github.com/residedb/reside/internal/event"
)

// mergeKeys is how many keys of another engine are taken over in one transaction.
const mergeKeys = 64

// Merge takes over the keys of another engine, a Sibling that nobody else uses and that is
// closed then: each takes the place of a key of its name, or, with keep, is left out if
// there is one. Some keys are one transaction, so that others may go on meanwhile; done is
// told of each with how many keys it had. It returns how many were left out. On an error
// what was taken over stays. ErrSibling if the other engine is another one. O(keys), where
// a collection is one.
func (e *Engine) Merge(ctx context.Context, from *Engine, keep bool, done func(keys int)) (left int64, err error) {
	if len(e.stripes) != len(from.stripes) || len(e.counts) != len(from.counts) {
		return 0, ErrSibling
	}
	defer from.Close()
	for i := range from.stripes {
		s := &from.stripes[i]
		for _, sp := range s.spaces {
			if sp == nil {
				continue
			}
			n, err := e.mergeSpace(ctx, sp, keep, done)
			if left += n; err != nil {
				return left, err
			}
		}
		s.spaces = nil // what is moved is not kept twice
	}
	return left, nil
}

func (e *Engine) mergeSpace(ctx context.Context, sp *space, keep bool, done func(keys int)) (left int64, err error) {
	entries, keys := make([]*Entry, 0, mergeKeys), make([]Key, 0, mergeKeys)
	for at, span := 0, sp.keys.span(); at < span; {
		entries, keys = entries[:0], keys[:0]
		for ; at < span && len(entries) < mergeKeys; at++ {
			if x := sp.keys.at(at); x != nil {
				entries, keys = append(entries, x), append(keys, sp.nameOf(x))
			}
		}
		n, err := e.mergeSome(ctx, entries, keys, keep)
		if left += n; err != nil {
			return left, err
		}
		done(len(keys))
	}
	return left, nil
}

// mergeSome takes over some keys, which have one stripe.
func (e *Engine) mergeSome(ctx context.Context, entries []*Entry, keys []Key, keep bool) (left int64, err error) {
	if e.Closed() {
		return 0, ErrClosed
	}
	if err := e.Admit(ctx); err != nil {
		return 0, err
	}
	if e.Config().MaxMemory != 0 {
		if err := e.MakeRoom(); err != nil {
			return 0, err
		}
	}
	tx, err := e.BeginCtx(ctx, keys, false, true)
	if err != nil {
		return 0, err
	}
	for i, k := range keys {
		n, err := tx.takeOver(k, entries[i], keep)
		if err != nil {
			tx.Rollback()
			return 0, err
		}
		left += n
	}
	tx.Commit()
	return left, nil
}

// takeOver makes the key what an entry of another engine is, unless it is there and is to
// be kept.
func (tx *Tx) takeOver(k Key, e *Entry, keep bool) (left int64, err error) {
	if keep {
		if old, err := tx.Peek(k); old != nil || err != nil {
			return 1, err
		}
	}
	if e.Kind() == String {
		return 0, tx.As(event.Restore).putString(k, e.Bytes(), e.Deadline(), e.form())
	}
	return 0, tx.As(event.Restore).Replace(k, e.Kind(), e.Object(), e.Deadline())
}
