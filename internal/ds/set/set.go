// Package set is a set of byte strings: sorted integers while all members are
// integers and few, a packed sequence while they are few and short, a hash
// table beyond.
//
// A Set is not safe for concurrent use.
package set

import (
	"slices"
	"strconv"
	"unsafe"

	"github.com/residedb/reside/internal/ds/dict"
	"github.com/residedb/reside/internal/ds/packed"
)

// Limits say how long the small encodings are kept. A set never goes back.
type Limits struct {
	Intset  int // set-max-intset-entries
	Packed  int // set-max-listpack-entries
	MaxSize int // set-max-listpack-value, in bytes
}

// DefaultLimits are Redis's.
func DefaultLimits() Limits { return Limits{Intset: 512, Packed: 128, MaxSize: 64} }

// Set is a set of byte strings. One of its three forms is in use.
type Set struct {
	form  form
	ints  []int64 // sorted
	small packed.Seq
	big   *dict.Dict // nil in another form
}

// New makes an empty set that suits a first member.
func New(first []byte, lim Limits) *Set {
	s := new(Set)
	if _, ok := packed.Integer(first); ok && lim.Intset > 0 {
		return s
	}
	s.form = listpack
	if len(first) > lim.MaxSize || lim.Packed == 0 {
		s.form, s.big = hashtable, new(dict.Dict)
	}
	return s
}

// Len is how many members there are.
func (s *Set) Len() int {
	switch s.form {
	case intset:
		return len(s.ints)
	case listpack:
		return s.small.Len()
	}
	return s.big.Len()
}

// Bytes estimates the heap memory. O(1).
func (s *Set) Bytes() int64 {
	return int64(unsafe.Sizeof(*s)) + int64(cap(s.ints))*8 + s.small.Bytes() + s.big.Bytes()
}

// Buckets is the size of the hash table, 0 for a packed form.
func (s *Set) Buckets() int { return s.big.Buckets() }

// Contains reports whether b is a member.
func (s *Set) Contains(b []byte) bool {
	switch s.form {
	case intset:
		n, ok := packed.Integer(b)
		if !ok {
			return false
		}
		_, found := slices.BinarySearch(s.ints, n)
		return found
	case listpack:
		return s.small.Index(b, 1) >= 0
	}
	_, _, ok := s.big.Get(b, dict.Hash(b))
	return ok
}

// Expect makes room for n more members, of so many bytes together and of longest at most.
func (s *Set) Expect(n, bytes, longest int, lim Limits) {
	switch {
	case s.form == intset && len(s.ints)+n <= lim.Intset:
		s.ints = slices.Grow(s.ints, n)
	case s.form == listpack && s.Len()+n <= lim.Packed && longest <= lim.MaxSize:
		s.small.Expect(n, bytes, longest)
	}
}

// Add makes b a member and reports whether it was none.
func (s *Set) Add(b []byte, lim Limits) bool {
	switch s.form {
	case intset:
		return s.addInt(b, lim)
	case listpack:
		return s.addSmall(b, lim)
	}
	_, added := s.big.Put(b, dict.Hash(b), nil)
	return added
}

func (s *Set) addInt(b []byte, lim Limits) bool {
	n, ok := packed.Integer(b)
	if !ok {
		s.widen(b, lim)
		return s.Add(b, lim)
	}
	if !s.insert(n) {
		return false
	}
	if len(s.ints) > lim.Intset {
		s.reform(hashtable)
	}
	return true
}

// insert puts an integer in its place and reports whether it is new.
func (s *Set) insert(n int64) bool {
	at, found := slices.BinarySearch(s.ints, n)
	if !found {
		s.ints = slices.Insert(s.ints, at, n)
	}
	return !found
}

func (s *Set) addSmall(b []byte, lim Limits) bool {
	if s.small.Index(b, 1) >= 0 {
		return false
	}
	if s.small.Len() >= lim.Packed || len(b) > lim.MaxSize {
		s.reform(hashtable)
	}
	s.append(b)
	return true
}

// Remove makes b no member and reports whether it was one.
func (s *Set) Remove(b []byte) bool {
	switch s.form {
	case intset:
		n, ok := packed.Integer(b)
		at, found := slices.BinarySearch(s.ints, n)
		if !ok || !found {
			return false
		}
		s.ints = slices.Delete(s.ints, at, at+1)
		return true
	case listpack:
		at := s.small.Index(b, 1)
		if at < 0 {
			return false
		}
		s.small.Delete(at, 1)
		return true
	}
	return s.big.Delete(b, dict.Hash(b))
}

// Span is how many places for members there are, some of them perhaps empty. A
// uniform place that is not empty is a uniform pick.
func (s *Set) Span() int {
	if s.form == hashtable {
		return s.big.Span()
	}
	return s.Len()
}

// Has reports whether there is a member at a place in [0, Span).
func (s *Set) Has(i int) bool { return s.form != hashtable || s.big.Has(i) }

// At is the member at a place that has one, until the next change. buf is memory that
// it may use for the text of an integer.
func (s *Set) At(i int, buf []byte) []byte {
	switch s.form {
	case intset:
		return strconv.AppendInt(buf[:0], s.ints[i], 10)
	case listpack:
		return s.small.At(i)
	}
	b, _, _ := s.big.At(i)
	return b
}

// Each calls fn with every member until it returns false: integers in order,
// packed ones as they came. A member is borrowed for the call.
func (s *Set) Each(fn func(b []byte) bool) {
	if s.form == hashtable {
		s.big.Each(func(b, _, _ []byte) bool { return fn(b) })
		return
	}
	if s.form == listpack {
		s.small.Each(0, true, fn)
		return
	}
	var text [20]byte
	for i := range s.Len() {
		if !fn(s.At(i, text[:])) {
			return
		}
	}
}

// Meet calls fn with the members that another set has too, or with those that it has not,
// until fn returns false. A nil set is empty. A member is borrowed for the call. O(Len)
// lookups, which in two tables are in the order of memory.
func (s *Set) Meet(o *Set, shared bool, fn func(b []byte) bool) {
	switch {
	case o == nil && shared:
	case o == nil:
		s.Each(fn)
	case s.form == hashtable && o.form == hashtable:
		s.big.Meet(o.big, shared, fn)
	default:
		s.Each(func(b []byte) bool { return o.Contains(b) != shared || fn(b) })
	}
}

// Scan calls fn with some members and returns the cursor to go on with, 0 at the
// end. Small encodings give all at once.
func (s *Set) Scan(cursor uint64, fn func(b []byte)) uint64 {
	if s.form == hashtable {
		return s.big.Scan(cursor, func(b, _, _ []byte) { fn(b) })
	}
	s.Each(func(b []byte) bool {
		fn(b)
		return true
	})
	return 0
}

// Ints is the sorted members of an intset; ok is false for other forms.
func (s *Set) Ints() (ints []int64, ok bool) { return s.ints, s.form == intset }

// Clone copies the set.
func (s *Set) Clone() *Set {
	return &Set{
		form: s.form, ints: slices.Clone(s.ints), small: s.small.Clone(),
		big: s.big.Clone(),
	}
}
