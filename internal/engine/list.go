package engine

import (
	"slices"

	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/effect"
)

// List is the value of an entry of kind List.
func (e *Entry) List() *list.List { return e.Object().(*list.List) }

// ListPush adds elements at the back or the front, one after another, and returns
// the new length. (LPUSH, RPUSH)
func (tx *Tx) ListPush(k Key, back bool, elements ...[]byte) (int, error) {
	s, e, err := tx.edit(k, List)
	if err != nil {
		return 0, err
	}
	if e == nil {
		e = tx.create(s, k, List, list.New())
	}
	l := e.List()
	if n := len(elements); tx.keepUndo {
		tx.undoing(s, e, func() { l.Delete(end(back, l.Len()-n), n) })
	}
	for _, v := range elements {
		l.Push(back, v)
	}
	l.Grown(tx.Limits().List)
	tx.note(s, k, e, effect.ListPush, []int64{side(back)}, elements...)
	return l.Len(), nil
}

// end is the index where the back (or front) elements stand.
func end(back bool, i int) int {
	if back {
		return i
	}
	return 0
}

func side(back bool) int64 {
	if back {
		return 1
	}
	return 0
}

// ListPop removes elements of an end, so many or as many as there are, and returns them,
// the outermost first, in memory of the transaction; nil if there is no such key. most
// is positive. (LPOP, RPOP)
func (tx *Tx) ListPop(k Key, back bool, most int64) ([][]byte, error) {
	s, e, err := tx.edit(k, List)
	if err != nil || e == nil {
		return nil, err
	}
	l := e.List()
	n := int(min(most, int64(l.Len())))
	if tx.keepUndo {
		tx.keepCut(s, e, end(back, l.Len()-n), n)
	}
	popped := tx.KeepAll(n)
	for range n {
		popped = append(popped, tx.Keep(l.Pop(back)))
	}
	l.Shrunk(tx.Limits().List)
	tx.note(s, k, e, effect.ListPop, []int64{side(back), int64(n)})
	return popped, nil
}

// putBack is the inverse of a cut.
func putBack(l *list.List, back bool, kept [][]byte) {
	if !back {
		slices.Reverse(kept)
	}
	for _, v := range kept {
		l.Push(back, v)
	}
}

// keepCut makes rollback bring back n elements from an index on, at an end of the list.
func (tx *Tx) keepCut(s *stripe, e *Entry, at, n int) {
	l := e.List()
	kept := make([][]byte, 0, n)
	l.Each(at, true, func(v []byte) bool {
		kept = append(kept, append([]byte(nil), v...))
		return len(kept) < n
	})
	tx.undoing(s, e, func() { putBack(l, at > 0, kept) })
}

// cut removes n elements from an index on, at an end of the list, keeping them for
// rollback.
func (tx *Tx) cut(s *stripe, e *Entry, at, n int) {
	if tx.keepUndo {
		tx.keepCut(s, e, at, n)
	}
	e.List().Delete(at, n)
	e.List().Shrunk(tx.Limits().List)
}

// ListSet replaces an element that is there. (LSET)
func (tx *Tx) ListSet(k Key, i int, v []byte) error {
	s, e, err := tx.edit(k, List)
	if err != nil || e == nil {
		return err
	}
	l := e.List()
	if tx.keepUndo {
		old := append([]byte(nil), l.Index(i)...)
		tx.undoing(s, e, func() { l.Set(i, old) })
	}
	l.Set(i, v)
	l.Grown(tx.Limits().List)
	l.Shrunk(tx.Limits().List)
	tx.note(s, k, e, effect.ListSet, []int64{int64(i)}, v)
	return nil
}

// ListInsert puts an element before the one at an index. (LINSERT)
func (tx *Tx) ListInsert(k Key, i int, v []byte) (int, error) {
	s, e, err := tx.edit(k, List)
	if err != nil || e == nil {
		return 0, err
	}
	l := e.List()
	if tx.keepUndo {
		tx.undoing(s, e, func() { l.Delete(i, 1) })
	}
	l.Insert(i, v)
	l.Grown(tx.Limits().List)
	tx.note(s, k, e, effect.ListInsert, []int64{int64(i)}, v)
	return l.Len(), nil
}

// ListRemove removes the first count elements equal to v, from the back if count
// is negative, all if it is 0, and returns how many there were. (LREM)
func (tx *Tx) ListRemove(k Key, count int, v []byte) (int, error) {
	s, e, err := tx.edit(k, List)
	if err != nil || e == nil {
		return 0, err
	}
	l := e.List()
	found := matches(l, count, v)
	if len(found) == 0 {
		return 0, nil
	}
	if tx.keepUndo {
		v := slices.Clone(v)
		tx.undoing(s, e, func() {
			for _, i := range found {
				l.Insert(i, v)
			}
		})
	}
	l.DeleteAll(found)
	l.Shrunk(tx.Limits().List)
	tx.note(s, k, e, effect.ListRemove, []int64{int64(count)}, v)
	return len(found), nil
}

// matches lists the indexes to remove, in ascending order.
func matches(l *list.List, count int, v []byte) []int {
	var found []int
	i, step, forward := 0, 1, count >= 0
	if !forward {
		i, step, count = l.Len()-1, -1, -count
	}
	l.Each(i, forward, func(have []byte) bool {
		if string(have) == string(v) {
			found = append(found, i)
		}
		i += step
		return count == 0 || len(found) < count
	})
	if !forward {
		slices.Reverse(found)
	}
	return found
}

// ListTrim keeps only the elements from first to last; none if first > last.
// (LTRIM)
func (tx *Tx) ListTrim(k Key, first, last int) error {
	s, e, err := tx.edit(k, List)
	if err != nil || e == nil {
		return err
	}
	n := e.List().Len()
	if first > last {
		first, last = n, n-1
	}
	if last+1 < n {
		tx.cut(s, e, last+1, n-last-1)
	}
	if first > 0 {
		tx.cut(s, e, 0, min(first, last+1))
	}
	tx.note(s, k, e, effect.ListTrim, []int64{int64(first), int64(last)})
	return nil
}
