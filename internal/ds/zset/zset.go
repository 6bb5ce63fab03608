// Package zset is a set of members ordered by score: a sorted slice while it is
// small, a hash table beside a counted tree beyond. Ranks cost O(log n).
//
// A ZSet is not safe for concurrent use. Its zero value is empty and ready.
package zset

import (
	"math"
	"slices"
	"strings"
	"unsafe"

	"github.com/residedb/reside/internal/ds/table"
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
	big    bool
	small  []Entry // sorted
	names  int64   // bytes of the members in small
	scores table.Table[float64]
	order  tree
}

// Len is how many members there are.
func (z *ZSet) Len() int {
	if z.big {
		return z.scores.Len()
	}
	return len(z.small)
}

// entrySize is the memory of an Entry in a leaf that is about three quarters full.
const entrySize = int64(unsafe.Sizeof(Entry{})) * 4 / 3

// Bytes estimates the heap memory. O(1).
func (z *ZSet) Bytes() int64 {
	n := 144 + int64(cap(z.small))*int64(unsafe.Sizeof(Entry{})) + z.names
	return n + z.scores.Bytes() + int64(z.scores.Len())*entrySize
}

// Buckets is the size of the hash table, 0 for a packed form.
func (z *ZSet) Buckets() int { return z.scores.Buckets() }

// view is the string of some bytes without a copy.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// find is the place of a member in small, -1 if it is not there.
func (z *ZSet) find(member []byte) int {
	for i := range z.small {
		if z.small[i].Member == string(member) {
			return i
		}
	}
	return -1
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

// Score is a member's score.
func (z *ZSet) Score(member []byte) (score float64, ok bool) {
	if !z.big {
		if i := z.find(member); i >= 0 {
			return z.small[i].Score, true
		}
		return 0, false
	}
	if p := z.scores.Get(member, table.Hash(member)); p != nil {
		return *p, true
	}
	return 0, false
}

// Put gives a member a score and reports whether the member is new. The score is
// not NaN.
func (z *ZSet) Put(member []byte, score float64, lim Limits) bool {
	if !z.big && (len(member) > lim.MaxSize || len(z.small) >= lim.Packed && z.find(member) < 0) {
		z.grow()
	}
	if z.big {
		return z.putBig(member, score)
	}
	if score == 0 {
		score = 0 // a packed score is an integer where it can be, and no integer is -0
	}
	e := Entry{Score: score}
	at := z.find(member)
	if at >= 0 {
		e.Member = z.small[at].Member
		z.small = slices.Delete(z.small, at, at+1)
	} else {
		e.Member = string(member)
		z.names += int64(len(member))
	}
	i, _ := slices.BinarySearchFunc(z.small, e, compare)
	z.small = slices.Insert(z.small, i, e)
	return at < 0
}

func compare(a, b Entry) int {
	switch {
	case a.less(b):
		return -1
	case b.less(a):
		return 1
	}
	return 0
}

func (z *ZSet) putBig(member []byte, score float64) bool {
	hash := table.Hash(member)
	p, added := z.scores.Put(member, hash)
	name := z.scores.Name(member, hash)
	if !added {
		if *p == score {
			return false // 0 and -0 are equal: the sign stays as it was
		}
		z.order.remove(Entry{*p, name})
	}
	*p = score
	z.order.insert(Entry{score, name})
	return added
}

// Remove takes a member out and reports whether it was there.
func (z *ZSet) Remove(member []byte) bool {
	if !z.big {
		i := z.find(member)
		if i < 0 {
			return false
		}
		z.names -= int64(len(member))
		z.small = slices.Delete(z.small, i, i+1)
		return true
	}
	hash := table.Hash(member)
	p := z.scores.Get(member, hash)
	if p == nil {
		return false
	}
	z.order.remove(Entry{*p, view(member)})
	z.scores.Delete(member, hash)
	return true
}

// Rank is how many members come before a member that is there.
func (z *ZSet) Rank(member []byte) (rank int, ok bool) {
	if !z.big {
		i := z.find(member)
		return i, i >= 0
	}
	score, ok := z.Score(member)
	if !ok {
		return 0, false
	}
	return z.order.rank(Entry{score, view(member)}), true
}

// below is how many entries are less than e.
func (z *ZSet) below(e Entry) int {
	if z.big {
		return z.order.rank(e)
	}
	i, _ := slices.BinarySearchFunc(z.small, e, compare)
	return i
}

// CountBelow is how many members have a score less than the given one, or, with
// orEqual, not greater.
func (z *ZSet) CountBelow(score float64, orEqual bool) int {
	if !orEqual {
		return z.below(Entry{Score: score})
	}
	if math.IsInf(score, 1) {
		return z.Len()
	}
	return z.below(Entry{Score: math.Nextafter(score, math.Inf(1))})
}

// CountLexBelow is how many members are less than the given one, or, with
// orEqual, not greater. All members have the same score.
func (z *ZSet) CountLexBelow(member []byte, orEqual bool) int {
	if z.Len() == 0 {
		return 0
	}
	return z.CountBefore(z.ByRank(0).Score, member, orEqual)
}

// CountBefore is how many members stand before the place of a score and member,
// or, with orAt, not behind it. The member may be one that is not there.
func (z *ZSet) CountBefore(score float64, member []byte, orAt bool) int {
	name := string(member)
	if orAt {
		name += "\x00"
	}
	return z.below(Entry{score, name})
}

// ByRank is the entry of a rank in 0 to Len-1.
func (z *ZSet) ByRank(i int) (found Entry) {
	z.Each(i, true, func(e Entry) bool {
		found = e
		return false
	})
	return found
}

// Each calls fn with the entries from a rank on, forward or backward, until it
// returns false. fn must not change the set.
func (z *ZSet) Each(i int, forward bool, fn func(Entry) bool) {
	if z.big {
		z.order.each(i, forward, fn)
		return
	}
	step := 1
	if !forward {
		step = -1
	}
	for ; i >= 0 && i < len(z.small); i += step {
		if !fn(z.small[i]) {
			return
		}
	}
}

// Span is how many places for entries there are; none of them is empty.
func (z *ZSet) Span() int { return z.Len() }

// Has reports whether there is an entry at a place in [0, Span).
func (z *ZSet) Has(int) bool { return true }

// At is the entry at a place, for uniform picks; the order means nothing. O(1).
func (z *ZSet) At(i int) Entry {
	if !z.big {
		return z.small[i]
	}
	b, score := z.scores.At(i)
	return Entry{*score, view(b)}
}

// Scan calls fn with some entries and returns the cursor to go on with, 0 at the
// end. The small encoding gives all at once.
func (z *ZSet) Scan(cursor uint64, fn func(Entry)) uint64 {
	if z.big {
		return z.scores.Scan(cursor, func(b []byte, score *float64) { fn(Entry{*score, view(b)}) })
	}
	for _, e := range z.small {
		fn(e)
	}
	return 0
}

// Clone copies the set.
func (z *ZSet) Clone() *ZSet {
	c := &ZSet{big: z.big}
	if !z.big {
		for _, e := range z.small {
			c.small = append(c.small, Entry{e.Score, strings.Clone(e.Member)})
		}
		c.names = z.names
		return c
	}
	z.Each(0, true, func(e Entry) bool {
		c.putBig([]byte(e.Member), e.Score)
		return true
	})
	return c
}
