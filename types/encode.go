package types

import (
	"math"
	"sync"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// keepScratch is the most memory that is kept for the next call.
const keepScratch = 64 << 10

// scratch is memory to encode into.
type scratch struct {
	buf    []byte
	parts  [][]byte
	scored []command.Scored
}

var scratchPool = sync.Pool{New: func() any { return new(scratch) }}

// newScratch takes an empty scratch out of the pool; free gives it back.
func newScratch() *scratch { return scratchPool.Get().(*scratch) }

func (s *scratch) free() {
	if s.buf = s.buf[:0]; cap(s.buf) > keepScratch {
		s.buf = nil
	}
	clear(s.parts)
	if s.parts = s.parts[:0]; cap(s.parts) > keepScratch/24 {
		s.parts = nil
	}
	clear(s.scored)
	if s.scored = s.scored[:0]; cap(s.scored) > keepScratch/32 {
		s.scored = nil
	}
	scratchPool.Put(s)
}

// add encodes one value behind those before it. Earlier values stay valid when
// the buffer grows: they keep the old one.
func add[T any](s *scratch, c *codec[T], v T) error {
	if c.bare() {
		b, err := c.append(nil, v)
		s.parts = append(s.parts, b)
		return tooLong(b, err)
	}
	at := len(s.buf)
	b, err := c.append(s.buf, v)
	if err != nil {
		return err
	}
	s.buf = b
	s.parts = append(s.parts, b[at:len(b):len(b)])
	return tooLong(b[at:], nil)
}

func tooLong(b []byte, err error) error {
	if err == nil && len(b) > engine.MaxString {
		return store.ErrTooLong
	}
	return err
}

// encode lends v's bytes to fn for the time of the call.
func (c *codec[T]) encode(v T, fn func(b []byte) error) error {
	if c.bare() {
		b, _ := c.append(nil, v)
		if len(b) > engine.MaxString {
			return store.ErrTooLong
		}
		return fn(b)
	}
	s := newScratch()
	err := add(s, c, v)
	if err == nil {
		err = fn(s.parts[0])
	}
	s.free()
	return err
}

// encodeAll lends the values' bytes to fn for the time of the call.
func (c *codec[T]) encodeAll(vs []T, fn func(parts [][]byte) error) error {
	s := newScratch()
	var err error
	for _, v := range vs {
		if err = add(s, c, v); err != nil {
			break
		}
	}
	if err == nil {
		err = fn(s.parts)
	}
	s.free()
	return err
}

// encodePair lends the bytes of two values to fn for the time of the call.
func encodePair[A, B any](ca *codec[A], a A, cb *codec[B], b B, fn func(parts [][]byte) error) error {
	s := newScratch()
	err := add(s, ca, a)
	if err == nil {
		err = add(s, cb, b)
	}
	if err == nil {
		err = fn(s.parts)
	}
	s.free()
	return err
}

// encodePairs lends the bytes of pairs, key, value, key, value, to fn for the time
// of the call.
func encodePairs[K, V any](ck *codec[K], cv *codec[V], ps []Pair[K, V], fn func(parts [][]byte) error) error {
	s := newScratch()
	var err error
	for i := 0; err == nil && i < len(ps); i++ {
		if err = add(s, ck, ps[i].Key); err == nil {
			err = add(s, cv, ps[i].Value)
		}
	}
	if err == nil {
		err = fn(s.parts)
	}
	s.free()
	return err
}

// encodeScored lends members with their scores to fn for the time of the call.
func (c *codec[T]) encodeScored(ms []Scored[T], fn func([]command.Scored) error) error {
	s := newScratch()
	var err error
	for i := 0; err == nil && i < len(ms); i++ {
		if math.IsNaN(ms[i].Score) {
			err = store.ErrNaN
		} else if err = add(s, c, ms[i].Member); err == nil {
			s.scored = append(s.scored, command.Scored{Score: ms[i].Score, Member: s.parts[i]})
		}
	}
	if err == nil {
		err = fn(s.scored)
	}
	s.free()
	return err
}
