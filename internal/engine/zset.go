package engine

import (
	"bytes"
	"math"

	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/effect"
)

// ZSet is the value of an entry of kind ZSet.
func (e *Entry) ZSet() *zset.ZSet { return e.Object().(*zset.ZSet) }

// ZSetPut gives members scores, which are not NaN, one after another as next tells
// of them until it reports false; it sees the set as it is by then. (ZADD)
func (tx *Tx) ZSetPut(k Key, next func(z *zset.ZSet) (member []byte, score float64, ok bool)) error {
	s, e, err := tx.edit(k, ZSet)
	if err != nil {
		return err
	}
	var z *zset.ZSet
	if e != nil {
		z = e.ZSet()
	} else {
		z = new(zset.ZSet)
	}
	lim := tx.Limits().ZSet
	scores, members := make([]int64, 0, 8), make([][]byte, 0, 8)
	for m, score, ok := next(z); ok; m, score, ok = next(z) {
		if e == nil {
			e = tx.create(s, k, ZSet, z)
		}
		if tx.keepUndo {
			tx.undoing(s, e, restoreScore(z, m, lim))
		}
		z.Put(m, score, lim)
		scores, members = append(scores, int64(math.Float64bits(score))), append(members, m)
	}
	if len(members) > 0 {
		tx.note(s, k, e, effect.ZSetPut, scores, members...)
	}
	return nil
}

// restoreScore gives a member back what it has now, for rollback.
func restoreScore(z *zset.ZSet, member []byte, lim zset.Limits) func() {
	old, had := z.Score(member)
	m := append([]byte(nil), member...)
	return func() {
		if had {
			z.Put(m, old, lim)
		} else {
			z.Remove(m)
		}
	}
}

// ZSetRemove removes members and returns how many were there. (ZREM)
func (tx *Tx) ZSetRemove(k Key, members ...[]byte) (int, error) {
	s, e, err := tx.edit(k, ZSet)
	if err != nil || e == nil {
		return 0, err
	}
	z, removed := e.ZSet(), 0
	for _, m := range members {
		undo := func() {}
		if tx.keepUndo {
			undo = restoreScore(z, m, tx.Limits().ZSet)
		}
		if z.Remove(m) {
			removed++
			if tx.keepUndo {
				tx.undoing(s, e, undo)
			}
		}
	}
	if removed > 0 {
		tx.note(s, k, e, effect.ZSetRemove, nil, members...)
	}
	return removed, nil
}

// ZSetRemoveRange removes the members of ranks first to last, which are there.
// (ZREMRANGEBYRANK, ZPOPMIN)
func (tx *Tx) ZSetRemoveRange(k Key, first, last int) error {
	s, e, err := tx.edit(k, ZSet)
	if err != nil || e == nil || first > last {
		return err
	}
	z := e.ZSet()
	if tx.keepUndo {
		tx.undoing(s, e, restoreRange(z, first, last, tx.Limits().ZSet))
	}
	z.RemoveRange(first, last)
	tx.note(s, k, e, effect.ZSetRemoveRange, []int64{int64(first), int64(last)})
	return nil
}

// restoreRange gives the members of some ranks back, for rollback.
func restoreRange(z *zset.ZSet, first, last int, lim zset.Limits) func() {
	gone := make([]zset.Entry, 0, last-first+1)
	z.Each(first, true, func(m zset.Entry) bool {
		gone = append(gone, zset.Entry{Score: m.Score, Member: bytes.Clone(m.Member)})
		return len(gone) <= last-first
	})
	return func() {
		for _, m := range gone {
			z.Put(m.Member, m.Score, lim)
		}
	}
}
