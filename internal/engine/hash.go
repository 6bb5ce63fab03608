package engine

import (
	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/internal/event"
)

// Hash is the value of an entry of kind Hash.
func (e *Entry) Hash() *hash.Hash { return e.Object().(*hash.Hash) }

// HashPut gives fields values, given as field, value, field, value, and returns
// how many fields are new. Deadlines of the fields are cleared. (HSET)
func (tx *Tx) HashPut(k Key, pairs ...[]byte) (int, error) {
	return tx.hashPut(k, effect.HashPut, pairs)
}

// HashUpdate is HashPut that keeps the fields' deadlines. (HINCRBY)
func (tx *Tx) HashUpdate(k Key, pairs ...[]byte) (int, error) {
	return tx.hashPut(k, effect.HashUpdate, pairs)
}

// editHash is edit that first drops the fields whose time has come, as Live does.
func (tx *Tx) editHash(k Key) (*stripe, *Entry, error) {
	as := tx.as
	s, e, err := tx.edit(k, Hash)
	if e == nil || tx.raw {
		return s, e, err
	}
	if at := e.Hash().NextDeadline(); at == 0 || at >= tx.Now() {
		return s, e, err
	}
	if _, err := tx.Live(e); err != nil {
		return nil, nil, err
	}
	if tx.as = as; tx.purpose == writing {
		tx.purpose = writingFound // edit has marked it as used
	}
	return tx.edit(k, Hash)
}

func (tx *Tx) hashPut(k Key, op effect.Op, pairs [][]byte) (int, error) {
	s, e, err := tx.editHash(k)
	if err != nil {
		return 0, err
	}
	if e == nil {
		e = tx.create(s, k, Hash, new(hash.Hash))
	}
	h, lim, added := e.Hash(), tx.Limits().Hash, 0
	h.Fit(lim, pairs...)
	for i := 0; i < len(pairs); i += 2 {
		if tx.keepUndo {
			tx.undoing(s, e, restoreField(h, pairs[i], lim))
		}
		if op == effect.HashPut {
			h.SetDeadline(pairs[i], 0)
		}
		if h.Put(pairs[i], pairs[i+1], lim) {
			added++
		}
	}
	if e.box().heapPos != 0 {
		s.schedule(e.box())
	}
	tx.note(s, k, e, op, nil, pairs...)
	return added, nil
}

// restoreField gives a field back what it has now, for rollback.
func restoreField(h *hash.Hash, field []byte, lim hash.Limits) func() {
	f := append([]byte(nil), field...)
	v, had := h.Get(f)
	old, deadline := append([]byte(nil), v...), h.Deadline(f)
	return func() {
		if !had {
			h.Delete(f)
			return
		}
		h.Put(f, old, lim)
		h.SetDeadline(f, deadline)
	}
}

// HashDelete removes fields and returns how many were there. (HDEL)
func (tx *Tx) HashDelete(k Key, fields ...[]byte) (int, error) {
	s, e, err := tx.editHash(k)
	if err != nil || e == nil {
		return 0, err
	}
	removed := tx.deleteFields(s, e, fields)
	if removed > 0 {
		tx.note(s, k, e, effect.HashDelete, nil, fields...)
	}
	return removed, nil
}

func (tx *Tx) deleteFields(s *stripe, e *Entry, fields [][]byte) (removed int) {
	h, lim := e.Hash(), tx.Limits().Hash
	for _, f := range fields {
		if _, ok := h.Get(f); !ok {
			continue
		}
		if tx.keepUndo {
			tx.undoing(s, e, restoreField(h, f, lim))
		}
		h.Delete(f)
		removed++
	}
	if e.box().heapPos != 0 {
		s.schedule(e.box())
	}
	return removed
}

// HashDeadline makes fields that are there expire at the given unix millisecond,
// or never if that is 0. (HPEXPIREAT, HPERSIST)
func (tx *Tx) HashDeadline(k Key, at int64, fields ...[]byte) error {
	s, e, err := tx.edit(k, Hash)
	if err != nil || e == nil {
		return err
	}
	h, lim := e.Hash(), tx.Limits().Hash
	for _, f := range fields {
		if tx.keepUndo {
			tx.undoing(s, e, restoreField(h, f, lim))
		}
		h.SetDeadline(f, at)
	}
	s.schedule(e.box())
	tx.note(s, k, e, effect.HashDeadline, []int64{at}, fields...)
	return nil
}

// expireFields removes the fields of a hash whose time has come, up to a batch, and
// returns how many.
func (tx *Tx) expireFields(s *stripe, e *Entry) int {
	if s.keep(e.box()); e.shared() {
		s.own(e.box())
	}
	k := e.box().ref()
	var gone [][]byte
	e.Hash().Expired(tx.Now(), func(f string) bool {
		gone = append(gone, []byte(f))
		return len(gone) < expiryBatch
	})
	if tx.deleteFields(s, e, gone) == 0 {
		return 0
	}
	tx.name, tx.isNew = event.HExpired, false // no edit has said so
	tx.note(s, k, e, effect.HashDelete, nil, gone...)
	tx.changes--
	tx.removals++
	return len(gone)
}

// Live is the hash of an entry with the fields dropped whose time has come; a
// primary removes them, a replica's caller must look at their deadlines. It
// is nil if none is left.
func (tx *Tx) Live(e *Entry) (*hash.Hash, error) {
	h := e.Hash()
	if tx.eng.replica.Load() {
		return h, nil
	}
	s := tx.eng.stripe(e.box().hash)
	for at := h.NextDeadline(); at != 0 && at < tx.Now(); at = h.NextDeadline() {
		if tx.sharer != nil {
			return nil, ErrRestart
		}
		tx.expireFields(s, e)
		if !e.linked() {
			return nil, nil
		}
	}
	return h, nil
}
