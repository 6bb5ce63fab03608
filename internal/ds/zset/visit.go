package zset

import "github.com/residedb/reside/internal/ds/dict"

// Visit reads the entries that a sorted set had when the visit began, some at a time,
// while the set changes. A small set is copied. Of a large one the dict of members, which
// has their scores too, is visited, and the tree is left alone: the entries come in no
// order.
type Visit struct {
	few   []item      // those of a small set
	names *dict.Visit // or nil
}

// Visit begins a visit, which ends with Close; there is only one at a time. If fixed is
// set, the set will not change meanwhile. O(1), or the size of a small set.
func (z *ZSet) Visit(fixed bool) *Visit {
	if z.big == nil {
		return &Visit{few: z.Clone().few.items}
	}
	return &Visit{names: z.big.names.Visit(fixed)}
}

// Len is how many entries there were.
func (v *Visit) Len() int {
	if v.names != nil {
		return v.names.Len()
	}
	return len(v.few)
}

// Whole reports whether the visit has all it needs: it is no concern of it what becomes
// of the set.
func (v *Visit) Whole() bool { return v.names == nil }

// Read takes up to n more entries and reports whether there may be more. It is called
// under the lock of the set.
func (v *Visit) Read(n int) (more bool) { return v.names != nil && v.names.Read(n) }

// Each calls fn with the entries that Read took, each member borrowed for the call. It
// needs no lock.
func (v *Visit) Each(fn func(Entry)) {
	if v.names != nil {
		v.names.Each(func(member, _, meta []byte) { fn(Entry{scoreOf(meta), member}) })
		return
	}
	for i := range v.few {
		fn(v.few[i].entry())
	}
}

// Close ends the visit's hold of the set, under its lock.
func (v *Visit) Close() {
	if v.names != nil {
		v.names.Close()
	}
}
