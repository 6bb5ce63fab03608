package engine

import "slices"

// Waiter is a caller parked on keys that have nothing for it yet (Redis's
// blocking commands). Whoever brings the key something serves its waiters, in
// the order they came, before anybody else sees the key.
type Waiter struct {
	Keys []Key // waited for; their bytes belong to the waiter
	More []Key // other keys that Try touches, as BLMOVE's destination
	Kind Kind  // of value that can serve it

	// Try makes the attempt, as a transaction of its own, and keeps the result for
	// its caller. ErrEmpty leaves the waiter parked; every other outcome ends
	// its wait. It runs in the goroutine of whoever brought the key.
	Try func(tx *Tx) error

	done chan struct{}
	mark Mark
	over bool // served or cancelled, guarded by the stripes of Keys
}

// Park registers the waiter on its keys, all of which the transaction holds, and
// commits. Done is closed when it was served.
func (tx *Tx) Park(w *Waiter) {
	w.done = make(chan struct{})
	for i, k := range w.Keys {
		if w.first(i) {
			in, id := tx.eng.stripe(k.Hash).interested(), idOf(k)
			in.waiters[id] = append(in.waiters[id], w)
		}
	}
	tx.eng.waiting.Add(1)
	tx.Commit()
}

// first reports whether key i does not stand before in the list.
func (w *Waiter) first(i int) bool {
	return !slices.ContainsFunc(w.Keys[:i], func(k Key) bool {
		return k.DB == w.Keys[i].DB && string(k.B) == string(w.Keys[i].B)
	})
}

// Done is closed when the waiter was served.
func (w *Waiter) Done() <-chan struct{} { return w.done }

// Mark is the mark of the transaction that has served the waiter, to be settled by it.
func (w *Waiter) Mark() Mark { return w.mark }

// Cancel ends the wait. It reports false if the waiter was served or cancelled
// meanwhile: a result stands then and must not be lost.
func (e *Engine) Cancel(w *Waiter) bool {
	tx := e.Begin(w.Keys, false, false)
	defer tx.Commit()
	return tx.Cancel(w)
}

// Cancel is Engine.Cancel inside a transaction that holds the waiter's keys.
func (tx *Tx) Cancel(w *Waiter) bool {
	if w.over {
		return false
	}
	tx.retire(w)
	return true
}

// retire takes the waiter out of the queues of all its keys.
func (tx *Tx) retire(w *Waiter) {
	w.over = true
	for i, k := range w.Keys {
		if w.first(i) {
			s := tx.eng.stripe(k.Hash)
			without(s.interest.waiters, idOf(k), func(x *Waiter) bool { return x == w })
			s.settle()
		}
	}
	tx.eng.waiting.Add(-1)
}

// enlist makes the transaction hold every key that serving the waiters of k can
// touch, before it changes k: afterwards it would be too late to restart.
func (tx *Tx) enlist(s *stripe, k Key) error {
	if !s.interest.hasWaiters() {
		return nil
	}
	return tx.enlistFrom(s, idOf(k), nil)
}

func (tx *Tx) enlistFrom(s *stripe, id keyID, seen map[keyID]bool) error {
	if !s.interest.hasWaiters() || len(s.interest.waiters[id]) == 0 || seen[id] {
		return nil
	}
	if seen == nil {
		seen = map[keyID]bool{}
	}
	seen[id] = true
	for _, w := range s.interest.waiters[id] {
		for _, k := range w.Keys {
			if _, err := tx.need(k.Hash); err != nil {
				return err
			}
		}
		for _, k := range w.More {
			dst, err := tx.need(k.Hash)
			if err != nil {
				return err
			}
			if err := tx.enlistFrom(dst, idOf(k), seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// serve tells the trackers and watchers of every touched key and serves its waiters.
// Serving may touch more keys: they are served in turn, after those before them.
func (tx *Tx) serve() {
	for i := 0; i < len(tx.touched); i++ {
		t := tx.touched[i]
		if t.had != nil {
			t.had.tell(t.id.key, t.by)
		}
		if t.s.interest == nil {
			continue
		}
		tx.tellWatches(t)
		if list := t.s.interest.waiters[t.id]; len(list) > 0 {
			tx.serveKey(t, slices.Clone(list))
		}
	}
}

func (tx *Tx) serveKey(t touch, list []*Waiter) {
	for _, w := range list {
		e := t.s.lookup(Key{B: []byte(t.id.key), Hash: t.hash, DB: t.id.db})
		if e == nil {
			return
		}
		if e.Kind() != w.Kind {
			continue
		}
		tx.reset()
		tx.by = nil
		if err := w.Try(tx); err == ErrEmpty {
			tx.seal() // it may have dropped what had expired
			continue
		}
		tx.seal()
		if tx.logging {
			w.mark = tx.mark(true)
		}
		tx.retire(w)
		close(w.done)
	}
}
