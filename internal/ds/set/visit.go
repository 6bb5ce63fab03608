package set

import "github.com/residedb/reside/internal/ds/dict"

// Visit reads the members that a set had when the visit began, some at a time, while
// the set changes. A small set is copied, of a table see dict.Visit.
type Visit struct {
	few   *Set        // the copy of a small set
	table *dict.Visit // or nil
}

// Visit begins a visit, which ends with Close; there is only one at a time. If fixed is
// set, the set will not change meanwhile. O(1), or the size of a small set.
func (s *Set) Visit(fixed bool) *Visit {
	if s.form != hashtable {
		return &Visit{few: s.Clone()}
	}
	return &Visit{table: s.big.Visit(fixed)}
}

// Len is how many members there were.
func (v *Visit) Len() int {
	if v.table != nil {
		return v.table.Len()
	}
	return v.few.Len()
}

// Whole reports whether the visit has all it needs: it is no concern of it what becomes
// of the set.
func (v *Visit) Whole() bool { return v.table == nil }

// Read takes up to n more members and reports whether there may be more. It is called
// under the lock of the set.
func (v *Visit) Read(n int) (more bool) { return v.table != nil && v.table.Read(n) }

// Each calls fn with the members that Read took, in no order, each of them borrowed for
// the call. It needs no lock.
func (v *Visit) Each(fn func(member []byte)) {
	if v.table != nil {
		v.table.Each(func(m, _, _ []byte) { fn(m) })
		return
	}
	v.few.Each(func(m []byte) bool {
		fn(m)
		return true
	})
}

// Close ends the visit's hold of the set, under its lock.
func (v *Visit) Close() {
	if v.table != nil {
		v.table.Close()
	}
}
