package engine

import (
	"encoding/binary"
	"math"

	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/ds/zset"
)

// assemble makes a collection that will have n elements of the first of them, and
// returns how many are to come. An element that stands there twice is ErrMalformed.
func assemble(kind Kind, parts [][]byte, n, form int64, lim *Limits) (obj Object, left int64, err error) {
	switch kind {
	case List:
		obj = list.New()
	case Set:
		obj = set.New(parts[0], lim.Set)
	case ZSet:
		if len(parts)%2 != 0 {
			return nil, 0, ErrMalformed
		}
		obj = newZSet(parts, form, lim)
	default:
		obj = new(hash.Hash)
	}
	expect(obj, parts, lim)
	left, err = add(obj, parts, n, lim)
	return obj, left, err
}

// Assemble makes a collection of all its elements, in the parts that Entry.Each has, for
// Replace. form is 1 for a large sorted set. An element that stands there twice is
// ErrMalformed. (RESTORE)
func (tx *Tx) Assemble(kind Kind, parts [][]byte, form int64) (Object, error) {
	if len(parts) == 0 || kind <= String || kind > Hash {
		return nil, ErrMalformed
	}
	obj, _, err := assemble(kind, parts, int64(len(parts)), form, tx.Limits())
	return obj, err
}

// expect makes room in an empty collection for its first elements, so that it need not
// grow by each of them, nor past what they take.
func expect(obj Object, parts [][]byte, lim *Limits) {
	bytes, longest := 0, 0
	for _, p := range parts {
		bytes, longest = bytes+len(p), max(longest, len(p))
	}
	switch o := obj.(type) {
	case *list.List:
		o.Expect(len(parts), bytes, longest)
	case *set.Set:
		o.Expect(len(parts), bytes, longest, lim.Set)
	case *zset.ZSet:
		o.Expect(len(parts)/2, lim.ZSet)
	case *hash.Hash:
		o.Expect(len(parts)/3, bytes, longest, lim.Hash)
	}
}

// add adds elements to a collection that is to get so many more, and returns how many
// are still to come.
func add(obj Object, parts [][]byte, left int64, lim *Limits) (int64, error) {
	each, had, ok := 1, obj.Len(), true
	switch o := obj.(type) {
	case *list.List:
		for _, v := range parts {
			o.Push(true, v)
		}
		o.Grown(lim.List)
	case *set.Set:
		for _, m := range parts {
			ok = o.Add(m, lim.Set) && ok
		}
	case *zset.ZSet:
		each = 2
		ok = addScores(o, parts, lim.ZSet)
	case *hash.Hash:
		each = 3
		ok = addFields(o, parts, lim.Hash)
	}
	n := len(parts) / each
	if !ok || obj.Len() != had+n || int64(n) > left {
		return 0, ErrMalformed
	}
	return left - int64(n), nil
}

func addScores(z *zset.ZSet, parts [][]byte, lim zset.Limits) (ok bool) {
	if len(parts)%2 != 0 {
		return false
	}
	for i := 0; i < len(parts); i += 2 {
		if len(parts[i+1]) != 8 {
			return false
		}
		score := math.Float64frombits(binary.BigEndian.Uint64(parts[i+1]))
		if math.IsNaN(score) || !z.Put(parts[i], score, lim) {
			return false
		}
	}
	return true
}

func addFields(h *hash.Hash, parts [][]byte, lim hash.Limits) (ok bool) {
	if len(parts)%3 != 0 {
		return false
	}
	for i := 0; i < len(parts); i += 3 {
		at, ok := dueOf(parts[i+2])
		if !ok || !h.Put(parts[i], parts[i+1], lim) {
			return false
		}
		h.SetDeadline(parts[i], at)
	}
	return true
}

// dueOf is the deadline of a field: 8 bytes, or nothing for 0.
func dueOf(b []byte) (at int64, ok bool) {
	if len(b) == 0 {
		return 0, true
	}
	if len(b) != 8 {
		return 0, false
	}
	at = int64(binary.BigEndian.Uint64(b))
	return at, at >= 0
}

// appendPieces appends to a string that is to get so many more bytes, and returns how
// many are still to come. What it says of its length is believed only as far as it has
// bytes: the memory grows twofold until that is reached.
func (b *box) appendPieces(pieces [][]byte, left int64) (int64, error) {
	str := b.str.bytes()
	for _, p := range pieces {
		total := int64(len(str)) + left
		if left -= int64(len(p)); left < 0 || total > MaxString || len(p) == 0 {
			return 0, ErrMalformed
		}
		if need := len(str) + len(p); need > cap(str) {
			str = append(make([]byte, 0, min(int(total), max(need, 2*cap(str)))), str...)
		}
		str = append(str, p...)
	}
	b.str = blobOf(str)
	return left, nil
}
