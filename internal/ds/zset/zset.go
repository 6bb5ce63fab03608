package zset

import (
	"math"
	"slices"
	"unsafe"
)

// Limits say how long the small encoding is kept. A sorted set never goes back.
type Limits struct {
	Packed  int // zset-max-listpack-entries
	MaxSize int // zset-max-listpack-value, in bytes
}

// DefaultLimits are Redis's.
func DefaultLimits() Limits { return Limits{Packed: 128, MaxSize: 64} }

// ZSet is a set of members ordered by score, then by their bytes.
type ZSet struct {
	few small
	big *big // nil while the set is small
}

// Entry is a member with its score. The member is borrowed until the set's next
// change.
type Entry struct {
	Score  float64
	Member []byte
}

// New makes an empty set for n members of which the longest has so many bytes: it is
// packed only if all of them will fit. So a score of -0, which no packed set
// keeps, is not lost on the way.
func New(n, longest int, lim Limits) *ZSet {
	z := new(ZSet)
	if n > lim.Packed || longest > lim.MaxSize {
		z.grow()
	}
	return z
}

// Len is how many members there are.
func (z *ZSet) Len() int {
	if z.big != nil {
		return z.big.order.len()
	}
	return len(z.few.items)
}

// Bytes is the heap memory. O(1).
func (z *ZSet) Bytes() int64 {
	n := int64(unsafe.Sizeof(*z)) + z.few.bytes()
	if z.big != nil {
		n += int64(unsafe.Sizeof(*z.big)) + z.big.names.Bytes() + z.big.order.bytes()
	}
	return n
}

// Buckets is the size of the hash table, 0 for a packed form.
func (z *ZSet) Buckets() int {
	if z.big != nil {
		return z.big.names.Buckets()
	}
	return 0
}

// Score is a member's score. O(1).
func (z *ZSet) Score(member []byte) (score float64, ok bool) {
	if z.big != nil {
		return z.big.score(member)
	}
	if i := z.few.find(member); i >= 0 {
		return z.few.items[i].score, true
	}
	return 0, false
}

// Put gives a member a score and reports whether the member is new. The score is
// not NaN. O(log n).
func (z *ZSet) Put(member []byte, score float64, lim Limits) bool {
	if z.big == nil && (len(member) > lim.MaxSize || len(z.few.items) >= lim.Packed && z.few.find(member) < 0) {
		z.grow()
	}
	if z.big != nil {
		return z.big.put(member, score)
	}
	return z.few.put(member, score)
}

// Expect makes room for n more members.
func (z *ZSet) Expect(n int, lim Limits) {
	if z.big == nil && z.Len()+n <= lim.Packed {
		z.few.items = slices.Grow(z.few.items, n)
	}
}

// Remove takes a member out and reports whether it was there. The member may be
// borrowed from the set. O(log n).
func (z *ZSet) Remove(member []byte) bool {
	if z.big != nil {
		return z.big.remove(member)
	}
	return z.few.remove(member)
}

// RemoveRange takes the members of ranks first to last out, which are there.
// O(log n) for each.
func (z *ZSet) RemoveRange(first, last int) {
	for ; first <= last; last-- {
		z.Remove(z.ByRank(first).Member)
	}
}

// Rank is how many members come before a member that is there. O(log n).
func (z *ZSet) Rank(member []byte) (rank int, ok bool) {
	if z.big == nil {
		i := z.few.find(member)
		return i, i >= 0
	}
	score, ok := z.big.score(member)
	if !ok {
		return 0, false
	}
	return z.big.order.rank(spot{score: score, member: member}, false), true
}

// rank is how many entries stand before a spot, or, with orAt, not behind it.
func (z *ZSet) rank(s spot, orAt bool) int {
	if z.big != nil {
		return z.big.order.rank(s, orAt)
	}
	return z.few.rank(s, orAt)
}

// CountBelow is how many members have a score less than the given one, or, with
// orEqual, not greater. O(log n).
func (z *ZSet) CountBelow(score float64, orEqual bool) int {
	s := spot{score: score, edge: -1}
	switch {
	case orEqual && math.IsInf(score, 1):
		return z.Len()
	case orEqual:
		s.edge = 1
	}
	return z.rank(s, orEqual)
}

// CountLexBelow is how many members are less than the given one, or, with
// orEqual, not greater. All members have the same score. O(log n).
func (z *ZSet) CountLexBelow(member []byte, orEqual bool) int {
	if z.Len() == 0 {
		return 0
	}
	return z.CountBefore(z.ByRank(0).Score, member, orEqual)
}

// CountBefore is how many members stand before the place of a score and member,
// or, with orAt, not behind it. The member may be one that is not there. O(log n).
func (z *ZSet) CountBefore(score float64, member []byte, orAt bool) int {
	return z.rank(spot{score: score, member: member}, orAt)
}

// ByRank is the entry of a rank in 0 to Len-1. O(log n).
func (z *ZSet) ByRank(i int) Entry {
	var room [1]Entry
	return z.Append(room[:0], i, 1, true)[0]
}

// Append adds n entries to a list from a rank on, forward or backward, fewer if there
// are no more. O(log n) and O(1) for each.
func (z *ZSet) Append(list []Entry, i, n int, forward bool) []Entry {
	if z.big != nil {
		return z.big.order.append(list, i, n, forward)
	}
	return z.few.append(list, i, n, forward)
}

// batch is how many entries Each finds at once.
const batch = 32

// Each calls fn with the entries from a rank on, forward or backward, until it
// returns false. fn must not change the set.
func (z *ZSet) Each(i int, forward bool, fn func(Entry) bool) {
	var room [batch]Entry
	step := batch
	if !forward {
		step = -batch
	}
	for ; i >= 0 && i < z.Len(); i += step {
		for _, e := range z.Append(room[:0], i, batch, forward) {
			if !fn(e) {
				return
			}
		}
	}
}

// Span is how many places for entries there are, some of them perhaps empty. A uniform
// place that is not empty is a uniform pick.
func (z *ZSet) Span() int {
	if z.big != nil {
		return z.big.names.Span()
	}
	return len(z.few.items)
}

// Has reports whether there is an entry at a place in [0, Span).
func (z *ZSet) Has(i int) bool { return z.big == nil || z.big.names.Has(i) }

// At is the entry at a place that has one; the order means nothing. O(1).
func (z *ZSet) At(i int) Entry {
	if z.big == nil {
		return z.few.items[i].entry()
	}
	member, _, meta := z.big.names.At(i)
	return Entry{scoreOf(meta), member}
}

// Scan calls fn with some entries and returns the cursor to go on with, 0 at the
// end. The small encoding gives all at once.
func (z *ZSet) Scan(cursor uint64, fn func(Entry)) uint64 {
	if z.big != nil {
		return z.big.names.Scan(cursor, func(member, _, meta []byte) { fn(Entry{scoreOf(meta), member}) })
	}
	for i := range z.few.items {
		fn(z.few.items[i].entry())
	}
	return 0
}

// Clone copies the set. O(n), at the speed of copying memory.
func (z *ZSet) Clone() *ZSet {
	if z.big != nil {
		return &ZSet{big: z.big.clone()}
	}
	return &ZSet{few: small{slices.Clone(z.few.items), z.few.names}}
}
