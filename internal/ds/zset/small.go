package zset

import (
	"cmp"
	"slices"
	"unsafe"
)

// small is the form of a small set: its entries in order.
type small struct {
	items []item
	names int64 // bytes of the members
}

type item struct {
	score  float64
	member string
}

func (i *item) entry() Entry {
	if i.member == "" {
		return Entry{i.score, []byte{}} // not nil, which is no member
	}
	return Entry{i.score, unsafe.Slice(unsafe.StringData(i.member), len(i.member))}
}

// find is the place of a member, -1 if it is not there.
func (s *small) find(member []byte) int {
	for i := range s.items {
		if s.items[i].member == string(member) {
			return i
		}
	}
	return -1
}

func (s *small) put(member []byte, score float64) (added bool) {
	if score == 0 {
		score = 0 // a packed score is an integer where it can be, and no integer is -0
	}
	e, at := item{score: score}, s.find(member)
	if at >= 0 {
		e.member = s.items[at].member
		s.items = slices.Delete(s.items, at, at+1)
	} else {
		e.member = string(member)
		s.names += int64(len(member))
	}
	s.items = slices.Insert(s.items, s.rank(spot{score: score, member: member}, false), e)
	return at < 0
}

func (s *small) remove(member []byte) bool {
	i := s.find(member)
	if i < 0 {
		return false
	}
	s.names -= int64(len(member))
	s.items = slices.Delete(s.items, i, i+1)
	return true
}

// rank is how many entries stand before a spot, or, with orAt, not behind it.
func (s *small) rank(to spot, orAt bool) int {
	i, _ := slices.BinarySearchFunc(s.items, to, func(e item, to spot) int {
		c := cmp.Or(cmp.Compare(e.score, to.score), -to.edge)
		if c == 0 {
			c = cmp.Compare(e.member, view(to.member))
		}
		if c == 0 && orAt {
			return -1
		}
		return c
	})
	return i
}

// view is the string of some bytes without a copy.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (s *small) append(list []Entry, i, n int, forward bool) []Entry {
	step := 1
	if !forward {
		step = -1
	}
	for ; n > 0 && i >= 0 && i < len(s.items); i += step {
		list = append(list, s.items[i].entry())
		n--
	}
	return list
}

func (s *small) bytes() int64 { return int64(cap(s.items))*int64(unsafe.Sizeof(item{})) + s.names }
