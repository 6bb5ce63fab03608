package engine

// dueHeap is a binary heap of entries by the time at which there is work for them:
// their deadline or that of a field. Each entry knows its place, so that a changed
// time costs O(log n), and the slice serves uniform random picks of keys that have
// a deadline.
type dueHeap struct{ items []dueEntry }

type dueEntry struct {
	at int64 // unix ms
	e  *Entry
}

// min is the entry that is due first, and when; nil if there is none.
func (h *dueHeap) min() (*Entry, int64) {
	if len(h.items) == 0 {
		return nil, never
	}
	return h.items[0].e, h.items[0].at
}

// at is when the entry is due, 0 for never.
func (h *dueHeap) at(e *Entry) int64 {
	if e.heapPos == 0 {
		return 0
	}
	return h.items[e.heapPos-1].at
}

// set makes the entry due at a time, or never if that is 0.
func (h *dueHeap) set(e *Entry, at int64) {
	if at == 0 {
		h.remove(e)
		return
	}
	if e.heapPos == 0 {
		h.items = append(h.items, dueEntry{e: e})
		e.heapPos = int32(len(h.items))
	}
	i := int(e.heapPos) - 1
	h.items[i].at = at
	h.down(h.up(i))
}

func (h *dueHeap) remove(e *Entry) {
	if e.heapPos == 0 {
		return
	}
	i, last := int(e.heapPos)-1, len(h.items)-1
	h.swap(i, last)
	h.items[last] = dueEntry{}
	h.items = h.items[:last]
	e.heapPos = 0
	if i < last {
		h.down(h.up(i))
	}
}

func (h *dueHeap) up(i int) int {
	for i > 0 && h.items[i].at < h.items[(i-1)/2].at {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	return i
}

func (h *dueHeap) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.items); child++ {
			if h.items[child].at < h.items[least].at {
				least = child
			}
		}
		if least == i {
			return
		}
		h.swap(i, least)
		i = least
	}
}

func (h *dueHeap) swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.items[i].e.heapPos, h.items[j].e.heapPos = int32(i+1), int32(j+1)
}
