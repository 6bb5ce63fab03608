package zset

// Encoding is the name that OBJECT ENCODING shows.
func (z *ZSet) Encoding() string {
	if z.big != nil {
		return "skiplist"
	}
	return "listpack"
}

// Restore takes the set back to an encoding it had, when changes are undone.
func (z *ZSet) Restore(encoding string) {
	if z.big != nil && encoding == "listpack" {
		z.shrink()
	}
}

// grow turns the sorted slice into a dict and a tree.
func (z *ZSet) grow() {
	items := z.few.items
	z.few, z.big = small{}, newBig()
	for i := range items {
		e := items[i].entry()
		z.big.put(e.Member, e.Score)
	}
}

// shrink turns the dict and the tree into a sorted slice.
func (z *ZSet) shrink() {
	var s small
	z.Each(0, true, func(e Entry) bool {
		s.items = append(s.items, item{e.Score, string(e.Member)})
		s.names += int64(len(e.Member))
		return true
	})
	z.few, z.big = s, nil
}

// Large reports whether the set is not packed, be it small by now.
func (z *ZSet) Large() bool { return z.big != nil }
