package store

import (
	"context"
	"sync"

	"github.com/residedb/reside/internal/engine"
)

// Watch is an optimistic transaction: its caller reads some keys, computes for as
// long as it likes without a lock, and writes with Update if none of the keys
// was changed meanwhile.
//
//	w, err := s.Watch(ctx, "stock")
//	if err != nil { ... }
//	defer w.Close()
//	n, _, err := stock.Get(ctx)
//	plan := compute(n)
//	err = w.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
//		return stock.In(tx).Set(ctx, plan)
//	}) // store.ErrChanged: read again
type Watch struct {
	s     *Store
	mu    sync.Mutex
	watch engine.Watch
	over  bool
}

// Watch begins to watch keys. Close ends it. O(1) a key.
//
// Redis: WATCH
func (s *Store) Watch(ctx context.Context, keys ...string) (*Watch, error) {
	if _, err := s.admit(ctx); err != nil {
		return nil, err
	}
	if s.eng.InTx(ctx) {
		return nil, ErrInTx
	}
	w := &Watch{s: s}
	s.eng.Watch(&w.watch, s.keys(keys)...)
	return w, nil
}

// Changed reports whether a watched key was changed, deleted or flushed. That one
// has expired is seen by Update only.
func (w *Watch) Changed() bool { return w.watch.Dirty() }

// Update runs fn as Store.Update does if no watched key was changed since Watch; or
// else it fails with ErrChanged and fn does not run. Either way the watch is
// over: a second Update fails with ErrTxDone.
//
// Redis: MULTI, EXEC after WATCH
func (w *Watch) Update(ctx context.Context, fn TxFunc, keys ...string) error {
	if w.s.eng.InTx(ctx) {
		return ErrInTx
	}
	if !w.end() {
		return ErrTxDone
	}
	defer w.s.eng.Unwatch(&w.watch)
	return w.s.transact(ctx, fn, keys, false, &w.watch)
}

// Close ends the watch. It waits for the keys, so it must not be called inside a
// transaction. Closing twice is fine.
//
// Redis: UNWATCH
func (w *Watch) Close() {
	if w.end() {
		w.s.eng.Unwatch(&w.watch)
	}
}

// end reports whether it is the first to end the watch.
func (w *Watch) end() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := !w.over
	w.over = true
	return first
}
