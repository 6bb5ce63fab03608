// Package hash maps fields to values, both byte strings, and fields to deadlines:
// a packed sequence while fields are few and short, a hash table beyond.
//
// A Hash is not safe for concurrent use. Its zero value is empty and ready.
package hash

import (
	"unsafe"

	"github.com/residedb/reside/internal/ds/dict"
	"github.com/residedb/reside/internal/ds/packed"
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
	small packed.Seq // field, value, field, value ...
	table *dict.Dict // nil while packed
	due   *deadlines
}

// Len is how many fields there are, expired ones that were not removed included.
func (h *Hash) Len() int {
	if h.table != nil {
		return h.table.Len()
	}
	return h.small.Len() / 2
}

// Bytes estimates the heap memory. O(1).
func (h *Hash) Bytes() int64 {
	return int64(unsafe.Sizeof(*h)) + h.small.Bytes() + h.table.Bytes() + h.due.bytes()
}

// Buckets is the size of the hash table, 0 for a packed form.
func (h *Hash) Buckets() int { return h.table.Buckets() }

// Get is the value of a field, borrowed until the next change.
func (h *Hash) Get(field []byte) (value []byte, ok bool) {
	if h.table == nil {
		at, value := h.small.Pair(field)
		return value, at >= 0
	}
	value, _, ok = h.table.Get(field, dict.Hash(field))
	return value, ok
}

// Fit turns the hash into a table if one of the given strings is too long for
// the small encoding.
func (h *Hash) Fit(lim Limits, parts ...[]byte) {
	for _, p := range parts {
		if h.table == nil && len(p) > lim.MaxSize {
			h.grow()
		}
	}
}

// Expect makes room for n more fields, which have so many bytes with their values, and
// longest at most.
func (h *Hash) Expect(n, bytes, longest int, lim Limits) {
	if h.table == nil && h.Len()+n <= lim.Packed && longest <= lim.MaxSize {
		h.small.Expect(2*n, bytes, longest)
	}
}

// Put gives a field a value and reports whether the field is new. Its deadline, if
// it has one, is kept.
func (h *Hash) Put(field, value []byte, lim Limits) bool {
	h.Fit(lim, field, value)
	if h.table != nil {
		_, added := h.table.Put(field, dict.Hash(field), value)
		return added
	}
	if at, old := h.small.Pair(field); at >= 0 {
		if len(old) == len(value) {
			copy(old, value)
		} else {
			h.small.Set(at+1, value)
		}
		return false
	}
	h.small.PushBack(field)
	h.small.PushBack(value)
	if h.Len() > lim.Packed {
		h.grow()
	}
	return true
}

// Delete removes a field with its deadline and reports whether it was there.
func (h *Hash) Delete(field []byte) bool {
	h.due.set(field, 0)
	if h.table == nil {
		at := h.small.Index(field, 2)
		if at < 0 {
			return false
		}
		h.small.Delete(at, 2)
		return true
	}
	return h.table.Delete(field, dict.Hash(field))
}

// Span is how many places for fields there are, some of them perhaps empty. A uniform
// place that is not empty is a uniform pick.
func (h *Hash) Span() int {
	if h.table != nil {
		return h.table.Span()
	}
	return h.Len()
}

// Has reports whether there is a field at a place in [0, Span).
func (h *Hash) Has(i int) bool { return h.table == nil || h.table.Has(i) }

// At is the field at a place that has one, with its value, until the next change.
func (h *Hash) At(i int) (field, value []byte) {
	if h.table == nil {
		return h.small.At(2 * i), h.small.At(2*i + 1)
	}
	field, value, _ = h.table.At(i)
	return field, value
}

// Each calls fn with every field until it returns false.
func (h *Hash) Each(fn func(field, value []byte) bool) {
	if h.table != nil {
		h.table.Each(func(f, v, _ []byte) bool { return fn(f, v) })
		return
	}
	var field []byte
	h.small.Each(0, true, func(b []byte) bool {
		if field == nil {
			field = b
			return true
		}
		f := field
		field = nil
		return fn(f, b)
	})
}

// Scan calls fn with some fields and returns the cursor to go on with, 0 at the
// end. The small encoding gives all at once.
func (h *Hash) Scan(cursor uint64, fn func(field, value []byte)) uint64 {
	if h.table != nil {
		return h.table.Scan(cursor, func(f, v, _ []byte) { fn(f, v) })
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
		small: h.small.Clone(), table: h.table.Clone(), due: h.due.clone(),
	}
}
