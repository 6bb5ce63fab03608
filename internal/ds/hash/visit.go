package hash

import "github.com/residedb/reside/internal/ds/dict"

// Visit reads the fields that a hash had when the visit began, some at a time, while
// the hash changes. A packed hash is copied, of a table see dict.Visit. Deadlines are
// looked up when their fields are read; those that change before are kept as they were.
type Visit struct {
	few   *Hash            // the copy of a packed hash
	table *dict.Visit      // or nil
	due   *deadlines       // that the hash had
	were  map[string]int64 // of the fields whose deadlines have changed since
	read  []int64          // deadlines of the fields that Read took
}

// Visit begins a visit, which ends with Close; there is only one at a time. If fixed is
// set, the hash will not change meanwhile. O(1), or the size of a packed hash.
func (h *Hash) Visit(fixed bool) *Visit {
	if h.table == nil {
		return &Visit{few: h.Clone()}
	}
	v := &Visit{table: h.table.Visit(fixed)}
	if h.HasDeadlines() {
		v.due = h.due
		if !fixed {
			v.due.visit = v
		}
	}
	return v
}

// keep keeps the deadline of a field which is about to get another one.
func (v *Visit) keep(field []byte, was int64) {
	if _, ok := v.were[string(field)]; ok {
		return
	}
	if v.were == nil {
		v.were = map[string]int64{}
	}
	v.were[string(field)] = was
}

// Len is how many fields there were.
func (v *Visit) Len() int {
	if v.table != nil {
		return v.table.Len()
	}
	return v.few.Len()
}

// Whole reports whether the visit has all it needs: it is no concern of it what becomes
// of the hash.
func (v *Visit) Whole() bool { return v.table == nil }

// Read takes up to n more fields and reports whether there may be more. It is called
// under the lock of the hash.
func (v *Visit) Read(n int) (more bool) {
	if v.table == nil {
		return false
	}
	more = v.table.Read(n)
	if v.due != nil {
		v.read = v.read[:0]
		v.table.Each(func(f, _, _ []byte) { v.read = append(v.read, v.deadline(f)) })
	}
	return more
}

// deadline is when a field expired when the visit began.
func (v *Visit) deadline(field []byte) int64 {
	if was, ok := v.were[string(field)]; ok {
		return was
	}
	return v.due.byField[string(field)]
}

// Each calls fn with the fields that Read took and their deadlines, in no order, each of
// them borrowed until the next Read. It needs no lock.
func (v *Visit) Each(fn func(field, value []byte, deadline int64)) {
	if v.few != nil {
		v.few.Each(func(f, value []byte) bool {
			fn(f, value, v.few.Deadline(f))
			return true
		})
		return
	}
	i := 0
	v.table.Each(func(f, value, _ []byte) {
		at := int64(0)
		if v.due != nil {
			at = v.read[i]
		}
		i++
		fn(f, value, at)
	})
}

// Close ends the visit's hold of the hash, under its lock.
func (v *Visit) Close() {
	if v.table != nil {
		v.table.Close()
	}
	if v.due != nil && v.due.visit == v {
		v.due.visit = nil
	}
}
