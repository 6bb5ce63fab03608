package engine

// dueHeap is a binary heap of entries by due time. Each entry knows its place,
// so that a changed deadline costs O(log n), and the slice serves uniform
// random picks of keys that have a deadline.
type dueHeap struct{ items []*Entry }

func (h *dueHeap) min() *Entry {
	if len(h.items) == 0 {
		return nil
	}
	return h.items[0]
}

// fix puts the entry where its due time belongs, or out of the heap if that is 0.
func (h *dueHeap) fix(e *Entry) {
	if e.due == 0 {
		h.remove(e)
		return
	}
	if e.heapPos == 0 {
		h.items = append(h.items, e)
		e.heapPos = int32(len(h.items))
	}
	h.down(h.up(int(e.heapPos) - 1))
}

func (h *dueHeap) remove(e *Entry) {
	if e.heapPos == 0 {
		return
	}
	i, last := int(e.heapPos)-1, len(h.items)-1
	h.swap(i, last)
	h.items[last] = nil
	h.items = h.items[:last]
	e.heapPos = 0
	if i < last {
		h.down(h.up(i))
	}
}

func (h *dueHeap) up(i int) int {
	for i > 0 && h.items[i].due < h.items[(i-1)/2].due {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	return i
}

func (h *dueHeap) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.items); child++ {
			if h.items[child].due < h.items[least].due {
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
	h.items[i].heapPos, h.items[j].heapPos = int32(i+1), int32(j+1)
}
