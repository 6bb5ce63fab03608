package engine

import (
	"slices"

	"github.com/residedb/reside/internal/effect"
)

// form is how Redis would keep a string, for OBJECT ENCODING.
type form uint8

const (
	formAuto form = iota // an integer where it is one
	formText             // text even where it is an integer
	formRaw              // edited in place
)

// PutString gives the key a string, whatever it held before. deadline is in unix
// milliseconds, 0 for none. The value is copied. (SET)
func (tx *Tx) PutString(k Key, value []byte, deadline int64) error {
	return tx.putString(k, value, deadline, formAuto)
}

// PutText is PutString for what is kept as text even if it is an integer.
// (INCRBYFLOAT)
func (tx *Tx) PutText(k Key, value []byte, deadline int64) error {
	return tx.putString(k, value, deadline, formText)
}

// CopyString is PutString of another key's string, kept in the form it has there.
// (COPY)
func (tx *Tx) CopyString(k Key, from *Entry) error {
	return tx.putString(k, from.Bytes(), from.Deadline(), from.form())
}

func (tx *Tx) putString(k Key, value []byte, deadline int64, as form) error {
	s, e, err := tx.edit(k, None)
	if err != nil {
		return err
	}
	if tx.keepUndo {
		tx.keepString(s, k, e)
	}
	p := plan{k.B, len(value), deadline, as, tx.stampOf(k, e)}
	if fits(k.B, len(value)) {
		e = s.pack(k, e, p, value)
	} else {
		e = tx.putLong(s, k, e, p, value)
	}
	tx.note(s, k, e, effect.StringPut, []int64{deadline, int64(as)}, value)
	return nil
}

// stampOf is the access of an entry that is there, or of a new one.
func (tx *Tx) stampOf(k Key, e *Entry) uint32 {
	if e == nil {
		return tx.newStamp(k)
	}
	return e.access
}

// pack makes the key's entry, if there is one, a packed string. The value may be its
// own.
func (s *stripe) pack(k Key, e *Entry, p plan, value []byte) *Entry {
	switch {
	case e == nil:
		return s.add(k, p, value)
	case !e.rewritable(p):
		return s.replace(k, p, value)
	}
	if sp := s.space(k.DB); sp.cut != nil {
		sp.ready(k, e)
	}
	e.valueLen = uint16(p.n)
	e.setForm(p.form)
	e.fill(value)
	if e.Deadline() != p.deadline {
		e.setPackedDeadline(p.deadline)
		s.space(k.DB).setDue(e, 0, p.deadline)
		s.eng.timer.arm(p.deadline)
	}
	return e
}

// putLong makes the key's entry, if there is one, a boxed string.
func (tx *Tx) putLong(s *stripe, k Key, e *Entry, p plan, value []byte) *Entry {
	if e != nil && (e.packed() || e.Kind() != String) {
		s.unlink(k, e)
		e = nil
	}
	if e == nil {
		b := longString(k, p, value)
		s.link(b, k.DB)
		return &b.Entry
	}
	b := e.box()
	b.setString(value, tx.keepUndo || b.shared || b.image != nil)
	b.shared = false
	b.setForm(p.form)
	if b.deadline != p.deadline {
		b.deadline = p.deadline
		s.schedule(b)
	}
	return e
}

// longString makes a box of a string.
func longString(k Key, p plan, value []byte) *box {
	b := new(box)
	b.name(k, String, p.access)
	b.setForm(p.form)
	b.setString(value, true)
	b.deadline = p.deadline
	return b
}

// keepString makes rollback give the key back what it has now, nil for nothing, if the
// change is one of a string.
func (tx *Tx) keepString(s *stripe, k Key, e *Entry) {
	if e == nil {
		k.B = slices.Clone(k.B)
		tx.onUndo(func() { s.unlink(k, s.lookup(k)) })
		return
	}
	was := e.detached()
	k.B = was.Key()
	var again func()
	if !e.packed() {
		again = e.box().keep()
	}
	tx.onUndo(func() {
		if now := s.lookup(k); now != was {
			s.unlink(k, now)
			if again != nil {
				again()
			}
			s.relink(k, was)
			return
		}
		again()
		s.account(was.box(), was.size())
		s.schedule(was.box())
	})
}

// keep returns what brings a boxed string back to what it is.
func (b *box) keep() func() {
	str, deadline, form, shared := b.str, b.deadline, b.form(), b.shared
	return func() {
		b.str, b.deadline, b.shared = str, deadline, shared
		b.setForm(form)
	}
}

// setString copies the value into the box's own buffer when it fits well, or into a new
// one. With fresh, the old buffer is left as it is.
func (b *box) setString(value []byte, fresh bool) {
	room := int(b.str.room)
	if !fresh && room >= len(value) && room <= 2*len(value) {
		b.str.len = uint32(copy(b.str.bytes()[:len(value)], value))
		return
	}
	b.str = blobOf(append(make([]byte, 0, len(value)), value...))
}

// MaxString is the longest string that commands make and Apply takes, and the
// longest value of a typed handle, in bytes.
const MaxString = 512 << 20

// WriteString writes bytes at an offset into the key's string, which grows and is
// filled with zeros as needed; a missing key is created. It returns the new
// length. (SETRANGE, APPEND)
func (tx *Tx) WriteString(k Key, offset int, b []byte) (int, error) {
	s, e, err := tx.edit(k, String)
	if err != nil {
		return 0, err
	}
	if tx.keepUndo {
		tx.keepString(s, k, e)
	}
	p := plan{k.B, offset + len(b), 0, formRaw, tx.stampOf(k, e)}
	var old []byte
	if e != nil {
		old = e.Bytes()
		p.n, p.deadline = max(p.n, len(old)), e.Deadline()
	}
	if fits(k.B, p.n) && (e == nil || e.packed()) {
		e = s.pack(k, e, p, old)
		copy(e.Bytes()[offset:], b)
	} else {
		e = tx.writeLong(s, k, e, p, offset, b)
	}
	tx.note(s, k, e, effect.StringWrite, []int64{int64(offset)}, b)
	return p.n, nil
}

// writeLong is WriteString for a string that is boxed, or will be.
func (tx *Tx) writeLong(s *stripe, k Key, e *Entry, p plan, offset int, b []byte) *Entry {
	if e == nil || e.packed() {
		var old []byte
		if e != nil {
			old = slices.Clone(e.Bytes())
		}
		e = tx.putLong(s, k, e, p, old)
	} else if tx.keepUndo && offset < int(e.box().str.len) {
		// What is written behind the end is not part of the string that was kept.
		e.box().str = blobOf(slices.Clone(e.box().str.bytes()))
	}
	x := e.box()
	if x.image != nil {
		x.image.value.(*stringReader).keep(x.str, offset, len(b))
	}
	x.str = blobOf(write(x.str.bytes(), offset, b))
	x.setForm(formRaw)
	return e
}

// write puts b at an offset into str, which grows as needed.
func write(str []byte, offset int, b []byte) []byte {
	end := offset + len(b)
	if end > cap(str) && end < 1<<20 {
		str = append(make([]byte, 0, 2*end), str...)
	}
	for len(str) < end {
		str = append(str, make([]byte, end-len(str))...)
	}
	copy(str[offset:], b)
	return str
}
