package engine

import "sync/atomic"

// Watch is told when one of its keys is changed, for optimistic transactions
// (Redis: WATCH).
type Watch struct {
	dirty atomic.Bool
	keys  []Key
	past  []keyID // keys that were there but expired when they were watched
}

// Dirty reports whether a watched key was changed, deleted or flushed since it
// was watched. A key whose time has come counts as changed once the
// transaction holds it, see Tx.Stale.
func (w *Watch) Dirty() bool { return w.dirty.Load() }

// Keys are the keys watched so far.
func (w *Watch) Keys() []Key { return w.keys }

// Watch begins to watch the keys with w. The keys' bytes are copied.
func (e *Engine) Watch(w *Watch, keys ...Key) {
	for _, k := range keys {
		tx := e.BeginKey(k)
		s := tx.held[0]
		in, id := s.interested(), idOf(k)
		if ent := s.lookup(k); ent != nil && ent.deadline != 0 && tx.Now() > ent.deadline {
			w.past = append(w.past, id)
		}
		k.B = []byte(id.key)
		if !w.watching(k) {
			in.watches[id] = append(in.watches[id], w)
			w.keys = append(w.keys, k)
		}
		tx.Commit()
	}
}

func (w *Watch) watching(k Key) bool {
	for _, have := range w.keys {
		if have.DB == k.DB && string(have.B) == string(k.B) {
			return true
		}
	}
	return false
}

// Unwatch ends the watching of all of w's keys and makes w clean again.
func (e *Engine) Unwatch(w *Watch) {
	for _, k := range w.keys {
		tx := e.BeginKey(k)
		s := tx.held[0]
		if s.interest != nil {
			without(s.interest.watches, idOf(k), w)
			s.settle()
		}
		tx.Commit()
	}
	w.keys, w.past = nil, nil
	w.dirty.Store(false)
}

// Stale reports whether a watched key was changed or has expired since. The
// transaction holds the watch's keys.
func (tx *Tx) Stale(w *Watch) (bool, error) {
	if w.Dirty() {
		return true, nil
	}
	for _, k := range w.keys {
		s, err := tx.need(k.Hash)
		if err != nil {
			return false, err
		}
		e := s.lookup(k)
		if e != nil && e.deadline != 0 && tx.Now() > e.deadline && !w.wasPast(k) {
			return true, nil
		}
	}
	return false, nil
}

func (w *Watch) wasPast(k Key) bool {
	for _, id := range w.past {
		if id == idOf(k) {
			return true
		}
	}
	return false
}
