package hash

import (
	"github.com/google/btree"

	"github.com/residedb/reside/internal/ds/dict"
)

// Visit reads the fields that a hash had when the visit began, some at a time, while
// the hash changes. A packed hash is copied, of a table see dict.Visit; deadlines stand
// in a tree whose copy costs nothing before one of the two changes.
type Visit struct {
	few   *Hash       // the copy of a packed hash
	table *dict.Visit // or nil
	order *btree.BTreeG[deadline]
	due   map[string]int64 // what order holds, once it is asked for
}

// Visit begins a visit, which ends with Close; there is only one at a time. If fixed is
// set, the hash will not change meanwhile. O(1), or the size of a packed hash.
func (h *Hash) Visit(fixed bool) *Visit {
	if h.table == nil {
		return &Visit{few: h.Clone()}
	}
	v := &Visit{table: h.table.Visit(fixed)}
	if h.HasDeadlines() {
		v.order = h.due.order
		if !fixed {
			v.order = v.order.Clone()
		}
	}
	return v
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
func (v *Visit) Read(n int) (more bool) { return v.table != nil && v.table.Read(n) }

// Each calls fn with the fields that Read took and their deadlines, in no order, each of
// them borrowed until the next Read. It needs no lock. The first call of a hash with
// deadlines takes time and memory for all of them.
func (v *Visit) Each(fn func(field, value []byte, deadline int64)) {
	if v.few != nil {
		v.few.Each(func(f, value []byte) bool {
			fn(f, value, v.few.Deadline(f))
			return true
		})
		return
	}
	if v.order != nil && v.due == nil {
		v.due = make(map[string]int64, v.order.Len())
		v.order.Ascend(func(d deadline) bool {
			v.due[d.field] = d.at
			return true
		})
	}
	v.table.Each(func(f, value, _ []byte) { fn(f, value, v.due[string(f)]) })
}

// Close ends the visit's hold of the hash, under its lock.
func (v *Visit) Close() {
	if v.table != nil {
		v.table.Close()
	}
}
