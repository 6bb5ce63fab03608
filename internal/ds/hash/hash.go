// Package hash maps fields to values, both byte strings, and fields to deadlines:
// a packed sequence while fields are few and short, a hash table beyond.
//
// A Hash is not safe for concurrent use. Its zero value is empty and ready.
package hash

import (
	"github.com/residedb/reside/internal/ds/packed"
	"github.com/residedb/reside/internal/ds/table"
)

// Limits say how long the small encoding is kept. A hash never goes back.
type Limits struct {
	Packed  int // hash-max-listpack-entries
	MaxSize int // hash-max-listpack-value, in bytes
}

// DefaultLimits are Redis's.
func DefaultLimits() Limits { return Limits{Packed: 512, MaxSize: 64} }

// Hash maps fields to values.
type Hash struct {
	big    bool
	small  packed.Seq // field, value, field, value ...
	table  table.Table[[]byte]
	values int64 // bytes of the values in table
	due    *deadlines
}

// Len is how many fields there are, expired ones that were not removed included.
func (h *Hash) Len() int {
	if h.big {
		return h.table.Len()
	}
	return h.small.Len() / 2
}

// Bytes estimates the heap memory. O(1).
func (h *Hash) Bytes() int64 {
	return 176 + h.small.Bytes() + h.table.Bytes() + h.values + h.due.bytes()
}

// Buckets is the size of the hash table, 0 for a packed form.
func (h *Hash) Buckets() int { return h.table.Buckets() }

// Get is the value of a field, borrowed until the next change.
func (h *Hash) Get(field []byte) (value []byte, ok bool) {
	if !h.big {
		at := h.small.Index(field, 0, 2)
		if at < 0 {
			return nil, false
		}
		return h.small.At(at + 1), true
	}
	if p := h.table.Get(field, table.Hash(field)); p != nil {
		return *p, true
	}
	return nil, false
}

// Fit turns the hash into a table if one of the given strings is too long for
// the small encoding.
func (h *Hash) Fit(lim Limits, parts ...[]byte) {
	for _, p := range parts {
		if !h.big && len(p) > lim.MaxSize {
			h.grow()
		}
	}
}

// Put gives a field a value and reports whether the field is new. Its deadline, if
// it has one, is kept.
func (h *Hash) Put(field, value []byte, lim Limits) bool {
	h.Fit(lim, field, value)
	if h.big {
		return h.putBig(field, value)
	}
	if at := h.small.Index(field, 0, 2); at >= 0 {
		h.small.Set(at+1, value)
		return false
	}
	h.small.PushBack(field)
	h.small.PushBack(value)
	if h.Len() > lim.Packed {
		h.grow()
	}
	return true
}

func (h *Hash) putBig(field, value []byte) bool {
	p, added := h.table.Put(field, table.Hash(field))
	h.values -= int64(cap(*p))
	if cap(*p) >= len(value) && cap(*p) <= 2*len(value)+16 && !added {
		*p = append((*p)[:0], value...)
	} else {
		*p = append(make([]byte, 0, len(value)), value...)
	}
	h.values += int64(cap(*p))
	return added
}

// Delete removes a field with its deadline and reports whether it was there.
func (h *Hash) Delete(field []byte) bool {
	h.due.set(field, 0)
	if !h.big {
		at := h.small.Index(field, 0, 2)
		if at < 0 {
			return false
		}
		h.small.Delete(at, 2)
		return true
	}
	old, ok := h.table.Delete(field, table.Hash(field))
	h.values -= int64(cap(old))
	return ok
}

// At is field i of Len with its value, for uniform picks; the order means nothing.
func (h *Hash) At(i int) (field, value []byte) {
	if !h.big {
		return h.small.At(2 * i), h.small.At(2*i + 1)
	}
	f, v := h.table.At(i)
	return f, *v
}

// Each calls fn with every field until it returns false.
func (h *Hash) Each(fn func(field, value []byte) bool) {
	for i := range h.Len() {
		if !fn(h.At(i)) {
			return
		}
	}
}

// Scan calls fn with some fields and returns the cursor to go on with, 0 at the
// end. The small encoding gives all at once.
func (h *Hash) Scan(cursor uint64, fn func(field, value []byte)) uint64 {
	if h.big {
		return h.table.Scan(cursor, func(f []byte, v *[]byte) { fn(f, *v) })
	}
	h.Each(func(f, v []byte) bool {
		fn(f, v)
		return true
	})
	return 0
}

// Clone copies the hash.
func (h *Hash) Clone() *Hash {
	return &Hash{
		big: h.big, small: h.small.Clone(), values: h.values, due: h.due.clone(),
		table: *h.table.Clone(func(v []byte) []byte { return append(make([]byte, 0, cap(v)), v...) }),
	}
}
