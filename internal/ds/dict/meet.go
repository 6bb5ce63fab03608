package dict

// Meet calls fn with the keys that another dict has too, or with those that it has not,
// until fn returns false. Both hash alike; neither must change meanwhile.
//
// As the words of both are in the order of their tags, it reads them one behind another,
// and looks at the blocks of those only whose tags both have, many at a time, so that
// the processor waits for their memory at the same time. O(d.Len()).
func (d *Dict) Meet(o *Dict, shared bool, fn func(key []byte) bool) {
	if d.Len() == 0 {
		return
	}
	m := meeting{d: d, o: o, shared: shared, fn: fn}
	d.each(func(s *segment) bool { return m.visit(s.words) && m.visit(s.over) })
	m.flush()
}

// meeting is a Meet under way.
type meeting struct {
	d, o   *Dict
	shared bool
	fn     func(key []byte) bool
	pairs  [32]pairOfWords
	n      int
	over   bool // fn has returned false
}

// pairOfWords is a word and the first one of the other dict that has the same tag, 0 if
// none has.
type pairOfWords struct{ mine, other word }

func (m *meeting) visit(words []word) bool {
	for _, w := range words {
		if w == 0 {
			continue
		}
		other, is := m.o.first(w.tag())
		if !is && m.shared {
			continue
		}
		m.pairs[m.n] = pairOfWords{w, other}
		if m.n++; m.n == len(m.pairs) && !m.flush() {
			return false
		}
	}
	return true
}

// flush looks at the blocks of the pairs.
func (m *meeting) flush() bool {
	n := m.n
	m.n = 0
	for _, p := range m.pairs[:n] {
		key := m.d.parse(m.d.heap.Block(p.mine.ref())).key()
		if m.has(key, p) == m.shared && !m.over {
			m.over = !m.fn(key)
		}
	}
	return !m.over
}

// has reports whether the other dict has a key.
func (m *meeting) has(key []byte, p pairOfWords) bool {
	switch {
	case m.o.Len() == 0:
		return false
	case p.other != 0 && m.o.holds(m.o.heap.Block(p.other.ref()), key):
		return true
	}
	_, b := m.o.find(key, p.mine.tag())
	return b != nil
}

// first is the first word of a tag; is also reports whether there may be any. It looks
// at no block.
func (d *Dict) first(tag uint32) (w word, is bool) {
	if d.Len() == 0 {
		return 0, false
	}
	s := d.of(tag)
	if i := s.lower(tag); i < len(s.words) && s.words[i].tag() == tag {
		w = s.words[i]
	}
	return w, w != 0 || len(s.over) > 0
}
