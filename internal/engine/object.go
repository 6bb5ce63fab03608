package engine

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/ds/zset"
)

// Encoding is the name that OBJECT ENCODING shows.
func (e *Entry) Encoding() string {
	if obj := e.Object(); obj != nil {
		return obj.Encoding()
	}
	switch b := e.Bytes(); {
	case e.form() == formRaw:
		return "raw"
	case e.form() == formAuto && len(b) <= 20 && isInt(b):
		return "int"
	case len(b) <= embedded:
		return "embstr"
	}
	return "raw"
}

// embedded is the longest string that Redis keeps in one piece with its header.
const embedded = 44

func isInt(b []byte) bool {
	n, err := strconv.ParseInt(string(b), 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == string(b)
}

// CloneObject copies the entry's collection.
func (e *Entry) CloneObject() Object {
	switch o := e.Object().(type) {
	case *list.List:
		return o.Clone()
	case *set.Set:
		return o.Clone()
	case *zset.ZSet:
		return o.Clone()
	case *hash.Hash:
		return o.Clone()
	}
	return nil
}

// build makes a collection from the elements of a Replace effect.
func (tx *Tx) build(kind Kind, parts [][]byte, form int64) (Object, error) {
	switch lim := tx.Limits(); {
	case kind == List:
		return buildList(parts, lim), nil
	case kind == Set && len(parts) > 0:
		return buildSet(parts, lim), nil
	case kind == ZSet && len(parts)%2 == 0:
		return buildZSet(parts, form, lim)
	case kind == Hash && len(parts)%3 == 0:
		return buildHash(parts, lim)
	}
	return nil, ErrMalformed
}

func buildList(parts [][]byte, lim *Limits) Object {
	l := list.New()
	for _, v := range parts {
		l.Push(true, v)
	}
	l.Grown(lim.List)
	return l
}

func buildSet(parts [][]byte, lim *Limits) Object {
	s := set.New(parts[0], lim.Set)
	for _, m := range parts {
		s.Add(m, lim.Set)
	}
	return s
}

func buildZSet(parts [][]byte, form int64, lim *Limits) (Object, error) {
	z := newZSet(parts, form, lim)
	for i := 0; i < len(parts); i += 2 {
		if len(parts[i+1]) != 8 {
			return nil, ErrMalformed
		}
		score := math.Float64frombits(binary.BigEndian.Uint64(parts[i+1]))
		if math.IsNaN(score) {
			return nil, ErrMalformed
		}
		z.Put(parts[i], score, lim.ZSet)
	}
	return z, nil
}

// largeZSet is 1 for a large sorted set, or else 0: an effect says so, for a packed one
// keeps no score of -0, not one that it gets later either.
func largeZSet(obj Object) int64 {
	if z, ok := obj.(*zset.ZSet); ok && z.Large() {
		return 1
	}
	return 0
}

// newZSet makes the sorted set that is to have the members, with their scores.
func newZSet(parts [][]byte, form int64, lim *Limits) *zset.ZSet {
	n, longest := len(parts)/2, 0
	if form != 0 {
		n = math.MaxInt
	}
	for i := 0; i < len(parts); i += 2 {
		longest = max(longest, len(parts[i]))
	}
	return zset.New(n, longest, lim.ZSet)
}

func buildHash(parts [][]byte, lim *Limits) (Object, error) {
	h := new(hash.Hash)
	for i := 0; i < len(parts); i += 3 {
		if len(parts[i+2]) != 8 {
			return nil, ErrMalformed
		}
		at := int64(binary.BigEndian.Uint64(parts[i+2]))
		if at < 0 {
			return nil, ErrMalformed
		}
		h.Put(parts[i], parts[i+1], lim.Hash)
		h.SetDeadline(parts[i], at)
	}
	return h, nil
}
