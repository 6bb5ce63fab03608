package zset

import "unsafe"

// leaf holds entries in order. Behind it, in the same piece of memory and without
// pointers, stand as many scores, names and sizes as it has room for.
type leaf struct{ n, room int32 }

// rooms are how many entries leaves have room for: as many as fit the sizes that Go
// cuts memory into. A leaf that is full moves to the next, so that one that was split is
// not half empty.
var rooms = [...]int{15, 25, 35, 45, 60}

// maxRoom is the most entries of a leaf.
const maxRoom = 60

const (
	leafHead  = int(unsafe.Sizeof(leaf{}))
	entrySize = int(unsafe.Sizeof(float64(0))) + inline + 1
)

// fitting is the least room for n entries.
func fitting(n int) int {
	for _, room := range rooms {
		if n <= room {
			return room
		}
	}
	panic("zset: too many entries for a leaf")
}

// newLeaf makes an empty leaf with room for n entries.
func (t *tree) newLeaf(n int) *leaf {
	room := fitting(n)
	memory := make([]uint64, (leafHead+room*entrySize+7)/8)
	l := (*leaf)(unsafe.Pointer(&memory[0]))
	l.room = int32(room)
	t.leaves++
	t.leafBytes += l.bytes()
	return l
}

// bytes is the memory that Go gives for the leaf.
func (l *leaf) bytes() int64 { return (int64(leafHead+int(l.room)*entrySize) + 127) &^ 127 }

func (l *leaf) run() run {
	p, room := unsafe.Pointer(l), int(l.room)
	return run{
		n:      int(l.n),
		scores: unsafe.Slice((*float64)(unsafe.Add(p, leafHead)), room),
		names:  unsafe.Slice((*name)(unsafe.Add(p, leafHead+8*room)), room),
		sizes:  unsafe.Slice((*uint8)(unsafe.Add(p, leafHead+(8+inline)*room)), room),
	}
}

func (l *leaf) size() int { return int(l.n) }

// change is the leaf to write to where another is about to have n entries: every change
// of a leaf that is in the tree begins here. It is another leaf, with the same entries,
// if the room is too small or twice too large.
func (t *tree) change(l *leaf, n int) *leaf {
	if room := int(l.room); n <= room && (2*n >= room || room == rooms[0]) {
		return l
	}
	twin := t.newLeaf(max(n, int(l.n)))
	twin.give(l.run(), 0)
	t.forget(l)
	return twin
}

// give adds the entries of a run from a place on.
func (l *leaf) give(from run, at int) {
	to := l.run()
	to.paste(to.n, from, at)
	l.n += int32(from.n - at)
}

func (l *leaf) put(at int, c cell) {
	r := l.run()
	r.put(at, c)
	l.n++
}

func (l *leaf) insert(t *tree, s spot, c cell) (self, right node) {
	r := l.run()
	at := t.before(&r, s, false)
	switch {
	case r.n < maxRoom:
		l = t.change(l, r.n+1)
		l.put(at, c)
		return l, nil
	case at == r.n && !s.inner: // what comes in order leaves full leaves behind
		return l, t.only(c)
	case at == 0:
		return t.only(c), l
	}
	return t.halves(l, at, c)
}

// only is a leaf with one entry.
func (t *tree) only(c cell) *leaf {
	l := t.newLeaf(1)
	l.put(0, c)
	return l
}

// halves divides a full leaf, and something new at a place, among two.
func (t *tree) halves(l *leaf, at int, c cell) (self, right node) {
	r, half := l.run(), maxRoom/2
	a, b := t.newLeaf(half+1), t.newLeaf(r.n-half+1)
	b.give(r, half)
	r.n = half
	a.give(r, 0)
	t.forget(l)
	if at <= half {
		a.put(at, c)
	} else {
		b.put(at-half, c)
	}
	return a, b
}

func (l *leaf) remove(t *tree, s spot) node {
	r := l.run()
	at := t.before(&r, s, false)
	l = t.change(l, r.n)
	r = l.run()
	r.cut(at)
	l.n--
	return l
}

func (l *leaf) join(t *tree, right node) node {
	r := right.run()
	l = t.change(l, int(l.n)+r.n)
	l.give(r, 0)
	t.forget(right)
	return l
}

func (l *leaf) clone(t *tree) node {
	twin := t.newLeaf(int(l.room))
	twin.give(l.run(), 0)
	return twin
}
