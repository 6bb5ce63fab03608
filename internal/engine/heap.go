package engine

import "github.com/residedb/reside/internal/ds/slab"

// dueHeap is a heap of entries by the time at which there is work for them: their
// deadline or that of a field. Each entry knows its place, so that a changed time
// costs O(log n), and the list serves uniform random picks of keys that have a
// deadline. Four children stand below each item: half as many levels as with two,
// and what is moved costs a miss of the cache, for its place stands with it.
type dueHeap struct {
	times []int64 // unix ms
	refs  []slab.Ref
}

// min is the entry that is due first, and when; nil if there is none.
func (sp *space) min() (*Entry, int64) {
	if len(sp.due.refs) == 0 {
		return nil, never
	}
	return sp.keys.entry(sp.due.refs[0]), sp.due.times[0]
}

// heapPos is where an entry keeps its place in the heap, nil for a packed string
// without a deadline.
func (e *Entry) heapPos() *int32 {
	switch {
	case !e.packed():
		return &e.box().heapPos
	case e.marks&dueBit != 0:
		return &e.due().heapPos
	}
	return nil
}

// dueAt is when the entry is due, 0 for never.
func (sp *space) dueAt(e *Entry) int64 {
	pos := e.heapPos()
	if pos == nil || *pos == 0 {
		return 0
	}
	return sp.due.times[*pos-1]
}

// setDue makes the entry, which the reference names, due at a time, or never if that
// is 0.
func (sp *space) setDue(e *Entry, r slab.Ref, at int64) {
	h, pos := &sp.due, e.heapPos()
	if at == 0 {
		sp.removeDue(e)
		return
	}
	if *pos == 0 {
		h.times, h.refs = append(h.times, 0), append(h.refs, r)
		*pos = int32(len(h.refs))
	}
	i := int(*pos) - 1
	h.times[i] = at
	sp.down(sp.up(i))
}

func (sp *space) removeDue(e *Entry) {
	pos := e.heapPos()
	if pos == nil || *pos == 0 {
		return
	}
	h := &sp.due
	i, last := int(*pos)-1, len(h.refs)-1
	sp.swapDue(i, last)
	h.times, h.refs = h.times[:last], h.refs[:last]
	*pos = 0
	if i < last {
		sp.down(sp.up(i))
	}
	if last < cap(h.refs)/4 {
		h.times, h.refs = append([]int64(nil), h.times...), append([]slab.Ref(nil), h.refs...)
	}
}

// moved tells the heap of an entry's new reference.
func (h *dueHeap) moved(e *Entry, r slab.Ref) {
	if pos := e.heapPos(); pos != nil && *pos != 0 {
		h.refs[*pos-1] = r
	}
}

const children = 4

func (sp *space) up(i int) int {
	for times := sp.due.times; i > 0 && times[i] < times[(i-1)/children]; i = (i - 1) / children {
		sp.swapDue(i, (i-1)/children)
	}
	return i
}

func (sp *space) down(i int) {
	for times := sp.due.times; ; {
		least := i
		for child := children*i + 1; child <= children*(i+1) && child < len(times); child++ {
			if times[child] < times[least] {
				least = child
			}
		}
		if least == i {
			return
		}
		sp.swapDue(i, least)
		i = least
	}
}

func (sp *space) swapDue(i, j int) {
	if i == j {
		return
	}
	h := &sp.due
	h.times[i], h.times[j] = h.times[j], h.times[i]
	h.refs[i], h.refs[j] = h.refs[j], h.refs[i]
	*sp.keys.entry(h.refs[i]).heapPos(), *sp.keys.entry(h.refs[j]).heapPos() = int32(i+1), int32(j+1)
}
