package list

// sizes are the limits that negative list-max-listpack-size values stand for.
var sizes = [...]int{4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10}

// within reports whether n elements of the given packed size fit a node.
func (lim Limits) within(n, size int) bool {
	if lim.Size >= 0 {
		return n <= max(lim.Size, 1) && size <= 8<<10
	}
	return size <= sizes[min(-lim.Size, len(sizes))-1]
}

// Grown brings the encoding up to date after elements were added: a list that
// outgrew its limit becomes a quicklist.
func (l *List) Grown(lim Limits) {
	if !l.quick && !lim.within(l.n, l.packed) {
		l.quick = true
	}
}

// Shrunk brings the encoding up to date after elements were removed: a quicklist
// of one node that fills less than half of it is a listpack again.
func (l *List) Shrunk(lim Limits) {
	if !l.quick {
		return
	}
	if lim.Size >= 0 {
		l.quick = l.n > lim.Size/2
		return
	}
	l.quick = l.packed > sizes[min(-lim.Size, len(sizes))-1]/2
}

// Restore takes the list back to an encoding it had, when changes are undone.
func (l *List) Restore(encoding string) { l.quick = encoding == "quicklist" }

// Encoding is the name that OBJECT ENCODING shows.
func (l *List) Encoding() string {
	if l.quick {
		return "quicklist"
	}
	return "listpack"
}
