package engine

import (
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
