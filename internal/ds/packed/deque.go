package packed

// Deque is a slice that grows at both ends in amortised O(1). Its zero value is
// empty and ready.
type Deque[T any] struct {
	items []T // the live ones are items[head:]
	head  int
}

// Len is how many items there are.
func (d *Deque[T]) Len() int { return len(d.items) - d.head }

// At is item i. It may be changed in place.
func (d *Deque[T]) At(i int) *T { return &d.items[d.head+i] }

// PushBack adds an item at the end.
func (d *Deque[T]) PushBack(v T) {
	if len(d.items) == cap(d.items) && d.head > len(d.items)/2 {
		d.shift(0)
	}
	d.items = append(d.items, v)
}

// PushFront adds an item at the front.
func (d *Deque[T]) PushFront(v T) {
	if d.Len() == 0 {
		d.PushBack(v)
		return
	}
	if d.head == 0 {
		d.shift(d.Len()/2 + 1)
	}
	d.head--
	d.items[d.head] = v
}

// shift moves the items so that there is room for the given number before them.
func (d *Deque[T]) shift(room int) {
	n, old := d.Len(), d.items
	next := old[:cap(old)]
	if room+n > len(next) || room == 0 && n == len(next) {
		next = make([]T, room+n, room+n+n/2+1)
	} else {
		next = next[:room+n]
	}
	copy(next[room:], old[d.head:])
	clear(next[:room])
	clear(old[min(room+n, len(old)):])
	d.items, d.head = next, room
}

// Insert puts an item at i, those from i on move up. O(n).
func (d *Deque[T]) Insert(i int, v T) {
	if i == 0 {
		d.PushFront(v)
		return
	}
	d.PushBack(v)
	live := d.items[d.head:]
	copy(live[i+1:], live[i:])
	live[i] = v
}

// Delete removes n items from i on, and gives memory back when little is used.
// O(Len), or amortised O(n) at either end.
func (d *Deque[T]) Delete(i, n int) {
	live := d.items[d.head:]
	if i == 0 {
		clear(live[:n])
		d.head += n
	} else {
		copy(live[i:], live[i+n:])
		clear(live[len(live)-n:])
		d.items = d.items[:len(d.items)-n]
	}
	switch n := d.Len(); {
	case n == 0:
		d.items, d.head = d.items[:0], 0
	case cap(d.items) > minShrink && n < cap(d.items)/4:
		d.items, d.head = append(make([]T, 0, 2*n), d.items[d.head:]...), 0
	}
}

// minShrink is the capacity that is kept even if little of it is used.
const minShrink = 64

// Cap is how many items the memory has room for.
func (d *Deque[T]) Cap() int { return cap(d.items) }

// Clone copies the items.
func (d *Deque[T]) Clone() Deque[T] {
	return Deque[T]{items: append([]T(nil), d.items[d.head:]...)}
}
