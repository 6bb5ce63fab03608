package hash

import (
	"strings"

	"github.com/google/btree"
)

// deadlines are the times at which fields expire: by field, and in order of time.
// A hash without any has nil.
type deadlines struct {
	byField map[string]int64
	order   *btree.BTreeG[deadline]
	size    int64
	visit   *Visit // that has to know of changes, nil for none
}

type deadline struct {
	at    int64 // unix ms
	field string
}

func sooner(a, b deadline) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	return strings.Compare(a.field, b.field) < 0
}

// What deadlines cost beside the bytes of their fields: a map and a tree, and an
// item in each.
const (
	deadlinesOverhead = 320
	deadlineOverhead  = 80
)

func (d *deadlines) set(field []byte, at int64) {
	if d == nil {
		return
	}
	old, ok := d.byField[string(field)]
	if d.visit != nil && old != at {
		d.visit.keep(field, old)
	}
	if ok {
		d.order.Delete(deadline{old, string(field)})
		delete(d.byField, string(field))
		d.size -= int64(len(field)) + deadlineOverhead
	}
	if at != 0 {
		f := string(field)
		d.byField[f] = at
		d.order.ReplaceOrInsert(deadline{at, f})
		d.size += int64(len(field)) + deadlineOverhead
	}
}

func (d *deadlines) bytes() int64 {
	if d == nil {
		return 0
	}
	return deadlinesOverhead + d.size
}

func (d *deadlines) clone() *deadlines {
	if d == nil {
		return nil
	}
	c := newDeadlines()
	for f, at := range d.byField {
		c.set([]byte(f), at)
	}
	return c
}

func newDeadlines() *deadlines {
	free := btree.NewFreeListG[deadline](0)
	return &deadlines{byField: map[string]int64{}, order: btree.NewWithFreeListG(16, sooner, free)}
}

// Deadline is when a field expires, in unix milliseconds; 0 for never.
func (h *Hash) Deadline(field []byte) int64 {
	if h.due == nil {
		return 0
	}
	return h.due.byField[string(field)]
}

// SetDeadline makes a field that is there expire, or never if at is 0.
func (h *Hash) SetDeadline(field []byte, at int64) {
	if h.due == nil {
		if at == 0 {
			return
		}
		h.due = newDeadlines()
	}
	h.due.set(field, at)
}

// NextDeadline is when the next field expires, 0 if none does.
func (h *Hash) NextDeadline() int64 {
	if h.due == nil {
		return 0
	}
	first, ok := h.due.order.Min()
	if !ok {
		return 0
	}
	return first.at
}

// HasDeadlines reports whether any field expires.
func (h *Hash) HasDeadlines() bool { return h.due != nil && len(h.due.byField) > 0 }

// Expired calls fn with each field whose deadline is before now, until it returns
// false. fn must not change the hash.
func (h *Hash) Expired(now int64, fn func(field string) bool) {
	if h.due == nil {
		return
	}
	h.due.order.Ascend(func(d deadline) bool { return d.at < now && fn(d.field) })
}
