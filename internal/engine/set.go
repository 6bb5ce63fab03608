package engine

import (
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/effect"
)

// Set is the value of an entry of kind Set.
func (e *Entry) Set() *set.Set { return e.Object().(*set.Set) }

// SetAdd adds members and returns how many were new. (SADD)
func (tx *Tx) SetAdd(k Key, members ...[]byte) (int, error) {
	s, e, err := tx.edit(k, Set)
	if err != nil {
		return 0, err
	}
	lim := tx.Limits().Set
	if e == nil {
		e = tx.create(s, k, Set, set.New(members[0], lim))
	}
	v, added := e.Set(), 0
	for _, m := range members {
		if !v.Add(m, lim) {
			continue
		}
		added++
		if tx.keepUndo {
			m := append([]byte(nil), m...)
			tx.undoing(s, e, func() { v.Remove(m) })
		}
	}
	if added > 0 {
		tx.note(s, k, e, effect.SetAdd, nil, members...)
	}
	return added, nil
}

// SetRemove removes members and returns how many were there. (SREM, SPOP)
func (tx *Tx) SetRemove(k Key, members ...[]byte) (int, error) {
	s, e, err := tx.edit(k, Set)
	if err != nil || e == nil {
		return 0, err
	}
	v, lim, removed := e.Set(), tx.Limits().Set, 0
	for _, m := range members {
		if !v.Remove(m) {
			continue
		}
		removed++
		if tx.keepUndo {
			m := append([]byte(nil), m...)
			tx.undoing(s, e, func() { v.Add(m, lim) })
		}
	}
	if removed > 0 {
		tx.note(s, k, e, effect.SetRemove, nil, members...)
	}
	return removed, nil
}
