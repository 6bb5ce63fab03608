package engine

import (
	"context"
	"slices"

	"github.com/residedb/reside/internal/invariants"
)

// BeginKey starts a transaction on one key and waits for its stripe.
func (e *Engine) BeginKey(k Key) *Tx {
	s := e.stripe(k.Hash)
	s.lock()
	return s.begin()
}

// BeginKeyCtx is BeginKey for callers that may be inside another transaction of
// the same goroutine: ErrInTx instead of a wait that would never end. ctx is
// looked at only when the lock is not free (always in the checked build); a
// transaction that grows has to be restarted with RestartCtx.
func (e *Engine) BeginKeyCtx(ctx context.Context, k Key) (*Tx, error) {
	s := e.stripe(k.Hash)
	if invariants.Enabled && e.InTx(ctx) {
		return nil, ErrInTx
	}
	if s.gate.mu.TryLock() { // tryLock without its calls: every read comes by here
		if s.gate.open.Load() != nil {
			s.leftBy(s.gate.shut())
		}
		return s.beginAs(flags{wary: true}), nil
	}
	if e.InTx(ctx) {
		return nil, ErrInTx
	}
	s.lock()
	return s.begin(), nil
}

// Begin starts a transaction on the keys, or on the whole store if all is set.
// With undo it can be rolled back after changes. No keys and not all is a
// transaction that starts at the first stripe and grows.
func (e *Engine) Begin(keys []Key, all, undo bool) *Tx {
	switch {
	case all:
		return e.beginAll(undo)
	case len(keys) == 1:
		tx := e.BeginKey(keys[0])
		tx.keepUndo = undo
		return tx
	}
	var local [16]*stripe
	return e.beginSet(e.stripesOf(local[:0], keys), undo)
}

// stripesOf adds the stripes of the keys to set; the first stripe if there are no
// keys.
func (e *Engine) stripesOf(set []*stripe, keys []Key) []*stripe {
	for i := range keys {
		set = append(set, e.stripe(keys[i].Hash))
	}
	if len(set) == 0 {
		set = append(set, &e.stripes[0])
	}
	return set
}

// BeginCtx is Begin with BeginKeyCtx's guard.
func (e *Engine) BeginCtx(ctx context.Context, keys []Key, all, undo bool) (*Tx, error) {
	switch {
	case !e.InTx(ctx):
		return e.Begin(keys, all, undo), nil
	case all || invariants.Enabled:
		return nil, ErrInTx
	}
	var local [16]*stripe
	tx := e.tryBegin(e.stripesOf(local[:0], keys), undo)
	if tx == nil {
		return nil, ErrInTx
	}
	return tx, nil
}

// tryBegin is beginSet without a wait; nil if a stripe is not free.
func (e *Engine) tryBegin(set []*stripe, undo bool) *Tx {
	set = inOrder(set)
	for i, s := range set {
		if !s.tryLock() {
			for _, held := range set[:i] {
				held.unlock()
			}
			return nil
		}
	}
	tx := beginHeld(set, undo)
	tx.wary = true
	return tx
}

// inOrder sorts stripes as they are locked, each once.
func inOrder(set []*stripe) []*stripe {
	slices.SortFunc(set, func(a, b *stripe) int { return int(a.index - b.index) })
	return slices.Compact(set)
}

func (e *Engine) beginSet(set []*stripe, undo bool) *Tx {
	set = inOrder(set)
	for _, s := range set {
		s.lock()
	}
	return beginHeld(set, undo)
}

// beginHeld starts a transaction on stripes that are locked.
func beginHeld(set []*stripe, undo bool) *Tx {
	waiting := false
	for _, s := range set {
		waiting = waiting || s.interest.hasWaiters()
	}
	tx := set[0].begin()
	tx.held = append(tx.held, set[1:]...)
	tx.keepUndo = undo || waiting
	return tx
}

func (e *Engine) beginAll(undo bool) *Tx {
	for i := range e.stripes {
		e.stripes[i].lock()
	}
	tx := e.stripes[0].begin()
	for i := range e.stripes[1:] {
		tx.held = append(tx.held, &e.stripes[i+1])
	}
	tx.all, tx.keepUndo = true, undo
	return tx
}

// begin readies the stripe's own transaction; the stripe is locked.
func (s *stripe) begin() *Tx { return s.beginAs(flags{}) }

// beginAs is begin with flags.
func (s *stripe) beginAs(f flags) *Tx { return s.beginOn(&s.tx, f) }

// beginOn readies a transaction that holds the stripe. The one before has left most as it
// has to be, and what need not be written stays in the caches of all processors.
func (s *stripe) beginOn(tx *Tx, f flags) *Tx {
	f.logging = s.eng.journal.to.Load() != nil
	if tx.flags != f {
		tx.flags = f
	}
	tx.ToRead()
	if len(tx.held) != 1 {
		tx.holdOne(s)
	}
	if tx.now != 0 {
		tx.now = 0
	}
	if tx.stamp != 0 {
		tx.stamp = 0
	}
	if tx.by != nil {
		tx.by = nil
	}
	if tx.want != nil {
		tx.want = nil
	}
	if ears := s.eng.ears.Load(); ears != nil {
		tx.ears = ears
	}
	tx.Forget()
	tx.prepareAccess()
	return tx
}

// holdOne makes the transaction hold its own stripe alone.
func (tx *Tx) holdOne(s *stripe) {
	if tx.held == nil {
		tx.eng, tx.held = s.eng, tx.one[:0]
	}
	tx.held = append(tx.held[:0], s)
}

// need returns the stripe of a hash, held; it grows the transaction if it is not.
func (tx *Tx) need(hash uint64) (*stripe, error) {
	s := tx.eng.stripe(hash)
	if s == tx.held[0] || tx.holds(s) {
		return s, nil
	}
	return s, tx.grow(s)
}

func (tx *Tx) holds(s *stripe) bool {
	if tx.all {
		return true
	}
	_, ok := slices.BinarySearchFunc(tx.held, s.index, func(h *stripe, i int32) int { return int(h.index - i) })
	return ok
}

// grow takes one more stripe: a higher one is waited for, as every transaction
// locks in ascending order; a lower one is only tried. A wary transaction never
// waits. One that reads beside others has to begin again.
func (tx *Tx) grow(s *stripe) error {
	if tx.sharer != nil {
		tx.want = s
		return ErrRestart
	}
	if !tx.wary && s.index > tx.held[len(tx.held)-1].index {
		s.lock()
	} else if !s.tryLock() {
		tx.want = s
		return ErrRestart
	}
	i, _ := slices.BinarySearchFunc(tx.held, s.index, func(h *stripe, i int32) int { return int(h.index - i) })
	tx.held = slices.Insert(tx.held, i, s)
	return nil
}

// NeedStripe makes the transaction hold stripe i, for scans and random picks.
func (tx *Tx) NeedStripe(i int) error {
	s := &tx.eng.stripes[i]
	if tx.holds(s) {
		return nil
	}
	return tx.grow(s)
}

// NeedAll makes the transaction hold the whole store.
func (tx *Tx) NeedAll() error {
	for i := range tx.eng.stripes {
		if err := tx.NeedStripe(i); err != nil {
			tx.whole = true
			return err
		}
	}
	tx.all = true
	return nil
}

// Restart undoes everything, gives the stripes back and begins again with the
// one that could not be had. The old Tx must not be used any more.
func (tx *Tx) Restart() *Tx {
	tx.rewind()
	set := append([]*stripe(nil), tx.held...)
	if tx.want != nil {
		set = append(set, tx.want)
	}
	e, whole, undo, now, by := tx.eng, tx.whole, tx.keepUndo, tx.now, tx.by
	if tx.sharer != nil {
		tx.sharer.found = stats{} // what it looked up is looked up again
	}
	tx.unlock()
	next := e.beginAgain(set, whole, undo)
	next.now, next.by = now, by
	return next
}

func (e *Engine) beginAgain(set []*stripe, whole, undo bool) *Tx {
	if whole {
		return e.beginAll(undo)
	}
	tx := e.beginSet(set, undo)
	tx.all = len(tx.held) == len(e.stripes)
	return tx
}

// RestartCtx is Restart for a transaction that was begun with a context. In one
// that belongs to another transaction it ends this one with ErrInTx, for the
// wait might never end.
func (tx *Tx) RestartCtx(ctx context.Context) (*Tx, error) {
	if tx.wary && tx.eng.InTx(ctx) {
		tx.Rollback()
		return nil, ErrInTx
	}
	return tx.Restart(), nil
}

// unlock gives every stripe back. The Tx may belong to somebody else at once.
func (tx *Tx) unlock() {
	if tx.ears != nil {
		tx.ears = nil // a stripe that rests keeps nobody in memory
	}
	if len(tx.held) == 1 {
		if tx.sharer == nil {
			tx.held[0].unlock()
		} else {
			tx.sharer.end()
		}
		return
	}
	home := tx.held[0]
	if tx != &home.tx {
		home = tx.home()
	}
	for _, s := range tx.held {
		if s != home {
			s.unlock()
		}
	}
	home.unlock()
}

// home is the stripe that the Tx lives in: its lock guards the Tx, so it is
// given back last.
func (tx *Tx) home() *stripe {
	for _, s := range tx.held {
		if tx == &s.tx {
			return s
		}
	}
	return tx.held[0]
}
