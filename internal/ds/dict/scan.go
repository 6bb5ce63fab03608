package dict

import "slices"

// Scan calls emit with the entries of one home and returns the cursor of the next, 0
// after the last. emit must not change the dict.
func (d *Dict) Scan(cursor uint64, emit func(key, value, meta []byte)) (next uint64) {
	return d.scan(cursor, func(w word) {
		e := d.parse(d.heap.Block(w.ref()))
		emit(e.key(), e.value(), e.meta())
	})
}

func (x *segments) scan(cursor uint64, visit func(word)) (next uint64) {
	if x.count == 0 || cursor >= 1<<32 {
		return 0
	}
	from := uint32(cursor)
	s := x.of(from)
	home := s.home(from)
	for i := s.lower(from); i < len(s.words) && s.words[i] != 0 && s.home(s.words[i].tag()) == home; i++ {
		visit(s.words[i])
	}
	for _, w := range s.over {
		if s.home(w.tag()) == home {
			visit(w)
		}
	}
	return s.after(home)
}

// after is the first tag whose home is behind the given one, 0 if there is none.
func (s *segment) after(home int) uint64 {
	scaled := (uint64(home+1)<<32 + s.homes - 1) / s.homes
	step := uint64(1)<<s.depth - 1
	next := uint64(s.prefix) + (scaled+step)>>s.depth
	return next & (1<<32 - 1)
}

// Span is how many places for entries there are, some of them empty: at most some ten
// times as many as entries. A uniform place that is not empty is a uniform pick.
func (d *Dict) Span() int { return d.span() }

// Has reports whether there is an entry at a place in [0, Span).
func (d *Dict) Has(i int) bool { return d.wordAt(i) != 0 }

// At is the entry at a place that has one, until the next change. O(1).
func (d *Dict) At(i int) (key, value, meta []byte) {
	e := d.parse(d.heap.Block(d.wordAt(i).ref()))
	return e.key(), e.value(), e.meta()
}

// Each calls fn with every entry, in the order of their hashes, until it returns
// false. fn must not change the dict.
func (d *Dict) Each(fn func(key, value, meta []byte) bool) {
	if d.Len() == 0 {
		return
	}
	d.each(func(s *segment) bool { return d.eachOf(s.words, fn) && d.eachOf(s.over, fn) })
}

// eachOf reads the lengths of many entries before it hands them on: the processor
// fetches blocks that do not depend on each other at the same time.
func (d *Dict) eachOf(words []word, fn func(key, value, meta []byte) bool) bool {
	var batch [32]entry
	for len(words) > 0 {
		n, at := 0, 0
		for ; at < len(words) && n < len(batch); at++ {
			if w := words[at]; w != 0 {
				batch[n] = d.parse(d.heap.Block(w.ref()))
				n++
			}
		}
		words = words[at:]
		for i := range batch[:n] {
			if e := &batch[i]; !fn(e.key(), e.value(), e.meta()) {
				return false
			}
		}
	}
	return true
}

// Clone copies the dict. O(n), at the speed of copying memory.
func (d *Dict) Clone() *Dict {
	if d == nil {
		return nil
	}
	return &Dict{Layout: d.Layout, heap: d.heap.Clone(), segments: d.clone()}
}

func (x *segments) clone() segments {
	c := segments{bits: x.bits, count: x.count}
	c.dir = make([]*segment, len(x.dir))
	x.each(func(s *segment) bool {
		twin := *s
		twin.words, twin.over = slices.Clone(s.words), slices.Clone(s.over)
		c.add(&twin)
		return true
	})
	c.over = x.over
	return c
}
