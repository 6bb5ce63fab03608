package zset

import "strings"

// Encoding is the name that OBJECT ENCODING shows.
func (z *ZSet) Encoding() string {
	if z.big {
		return "skiplist"
	}
	return "listpack"
}

// Restore takes the set back to an encoding it had, when changes are undone.
func (z *ZSet) Restore(encoding string) {
	if z.big && encoding == "listpack" {
		z.shrink()
	}
}

// grow turns the sorted slice into a table and a tree.
func (z *ZSet) grow() {
	small := z.small
	z.small, z.names, z.big = nil, 0, true
	for _, e := range small {
		z.putBig([]byte(e.Member), e.Score)
	}
}

// shrink turns the table and the tree into a sorted slice.
func (z *ZSet) shrink() {
	small := &ZSet{}
	z.Each(0, true, func(e Entry) bool {
		small.small = append(small.small, Entry{e.Score, strings.Clone(e.Member)})
		small.names += int64(len(e.Member))
		return true
	})
	*z = *small
}
