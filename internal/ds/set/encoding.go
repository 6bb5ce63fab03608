package set

import (
	"strconv"

	"github.com/residedb/reside/internal/ds/dict"
	"github.com/residedb/reside/internal/ds/packed"
)

// form is how the members are kept.
type form uint8

const (
	intset form = iota
	listpack
	hashtable
)

var forms = [...]string{"intset", "listpack", "hashtable"}

// Encoding is the name that OBJECT ENCODING shows.
func (s *Set) Encoding() string { return forms[s.form] }

// Restore takes the set back to an encoding it had, when changes are undone.
func (s *Set) Restore(encoding string) {
	if s.Encoding() == encoding {
		return
	}
	for f, name := range forms {
		if name == encoding {
			s.reform(form(f))
		}
	}
}

// widen turns an intset into a packed sequence if that has room for its members
// and b, which is no integer, or else into a table.
func (s *Set) widen(b []byte, lim Limits) {
	longest := len(b)
	for _, n := range s.ints {
		longest = max(longest, len(strconv.AppendInt(nil, n, 10)))
	}
	if len(s.ints) >= lim.Packed || longest > lim.MaxSize {
		s.reform(hashtable)
	} else {
		s.reform(listpack)
	}
}

// reform keeps the members in another form, which suits them.
func (s *Set) reform(f form) {
	old := *s
	*s = Set{form: f}
	if f == hashtable {
		s.big = new(dict.Dict)
	}
	old.Each(func(b []byte) bool {
		s.append(b)
		return true
	})
}

// append adds a member that is new.
func (s *Set) append(b []byte) {
	switch s.form {
	case intset:
		if n, ok := packed.Integer(b); ok {
			s.insert(n)
		}
	case listpack:
		s.small.PushBack(b)
	default:
		s.big.Put(b, dict.Hash(b), nil)
	}
}
