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
	return tx.putString(k, from.str.bytes(), from.deadline, from.form)
}

func (tx *Tx) putString(k Key, value []byte, deadline int64, as form) error {
	s, e, err := tx.edit(k, None)
	if err != nil {
		return err
	}
	if e != nil && e.kind != String {
		tx.unlink(s, e)
		e = nil
	}
	fresh := e != nil && (tx.keepUndo || e.shared)
	if e == nil {
		e = tx.createString(s, k, len(value))
	} else if tx.keepUndo {
		tx.keepString(s, e)
	}
	e.setString(value, fresh)
	e.shared = false
	e.form = as
	if e.deadline != deadline {
		e.deadline = deadline
		s.schedule(e)
	}
	tx.note(s, e, effect.StringPut, []int64{deadline, int64(as)}, value)
	return nil
}

// keepString keeps the whole string for rollback.
func (tx *Tx) keepString(s *stripe, e *Entry) {
	str, deadline, form, shared := e.str, e.deadline, e.form, e.shared
	tx.undoing(s, e, func() { e.str, e.deadline, e.form, e.shared = str, deadline, form, shared })
}

// setString copies the value into the entry's own buffer when it fits well, or
// into a new one. With fresh, the old buffer is left as it is.
func (e *Entry) setString(value []byte, fresh bool) {
	room := int(e.str.room)
	if !fresh && room >= len(value) && room <= 2*len(value)+maxTail {
		e.str.len = uint32(copy(e.str.bytes()[:len(value)], value))
		return
	}
	b := make([]byte, len(value))
	copy(b, value)
	e.str = blobOf(b)
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
	if e == nil {
		e = tx.createString(s, k, offset+len(b))
	} else if tx.keepUndo {
		tx.keepString(s, e)
		if offset < int(e.str.len) { // what is written behind the end is not part of the string that was kept
			e.str = blobOf(slices.Clone(e.str.bytes()))
		}
	}
	e.str = blobOf(write(e.str.bytes(), offset, b))
	e.form = formRaw
	tx.note(s, e, effect.StringWrite, []int64{int64(offset)}, b)
	return int(e.str.len), nil
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
