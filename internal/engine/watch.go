package engine

import (
	"slices"
	"sync/atomic"
)

// Watch is told when one of its keys is changed, for optimistic transactions
// (Redis: WATCH).
type Watch struct {
	dirty atomic.Bool
	keys  []Key
}

// watching is a watch in the list of one of its keys.
type watching struct {
	w    *Watch
	past bool // the key was there, but its time had come: as good as not there
}

// Dirty reports whether a watched key was changed, deleted or flushed since it
// was watched. A key whose time has come counts as changed once the
// transaction holds it, see Tx.Stale.
func (w *Watch) Dirty() bool { return w.dirty.Load() }

// Keys are the keys watched so far.
func (w *Watch) Keys() []Key { return w.keys }

// Watch begins to watch the keys with w; those that it watches already go on as
// they are. The keys' bytes are copied.
func (e *Engine) Watch(w *Watch, keys ...Key) {
	for _, k := range keys {
		if w.watching(k) {
			continue
		}
		tx := e.BeginKey(k)
		s, id := tx.held[0], idOf(k)
		in := s.interested()
		in.watches[id] = append(in.watches[id], watching{w, tx.past(s, k)})
		k.B = []byte(id.key)
		w.keys = append(w.keys, k)
		tx.Commit()
	}
}

func (w *Watch) watching(k Key) bool {
	return slices.ContainsFunc(w.keys, func(have Key) bool { return have.DB == k.DB && string(have.B) == string(k.B) })
}

// past reports whether the key is still there although its time has come.
func (tx *Tx) past(s *stripe, k Key) bool {
	e := s.lookup(k)
	return e != nil && e.Deadline() != 0 && tx.Now() > e.Deadline()
}

// Unwatch ends the watching of all of w's keys and makes w clean again.
func (e *Engine) Unwatch(w *Watch) {
	for _, k := range w.keys {
		tx := e.BeginKey(k)
		s := tx.held[0]
		without(s.interest.watches, idOf(k), func(x watching) bool { return x.w == w })
		s.settle()
		tx.Commit()
	}
	w.keys = nil
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
		if w.Dirty() || tx.past(s, k) && !s.interest.wasPast(w, k) {
			return true, nil
		}
	}
	return false, nil
}

func (i *interest) wasPast(w *Watch, k Key) bool {
	return slices.ContainsFunc(i.watches[idOf(k)], func(x watching) bool { return x.w == w && x.past })
}

// tellWatches marks the watches of a key that was changed. For one to whom the key
// was not there any more its deletion changes nothing.
func (tx *Tx) tellWatches(t touch) {
	k := Key{B: []byte(t.id.key), Hash: t.hash, DB: t.id.db}
	list := t.s.interest.watches[t.id]
	for i := range list {
		x := &list[i]
		switch {
		case !x.past:
			x.w.dirty.Store(true)
		case t.s.lookup(k) == nil:
			x.past = false
		case !tx.past(t.s, k):
			x.w.dirty.Store(true)
		}
	}
}
