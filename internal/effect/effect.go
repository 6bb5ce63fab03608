// Package effect defines the state changes of a store and their one byte
// layout.
//
// An effect is a small, deterministic record of what a transaction did to one
// key: "put this string", "delete that field". It carries absolute times,
// chosen members and final values, never a random choice or a relative
// time, so that applying the same effects to the same state always gives the
// same result. The append log, replication and replay all carry these bytes.
//
// One effect is laid out as
//
//	+----+-------+--------+----------+------+--------+-------+---------+
//	| op | flags | db     | key      | #int | ints   | #blob | blobs   |
//	| 1B | 1B    | uvar   | uvar len | uvar | varint | uvar  | uvar len|
//	|    |       |        | + bytes  |      | each   |       | + bytes |
//	+----+-------+--------+----------+------+--------+-------+---------+
//
// With the flag SameKey the database and the key are left out: they are those
// of the effect before it. A transaction is its effects, one after another.
package effect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// Effect is one decoded state change. Its slices borrow from the bytes it was
// decoded from.
type Effect struct {
	Op    Op
	DB    int
	Key   []byte
	Ints  []int64
	Blobs [][]byte
}

// flagSameKey marks an effect on the key of the effect before it.
const flagSameKey = 1

// ErrMalformed is returned by Next for bytes that are not an effect.
var ErrMalformed = errors.New("effect: malformed record")

// Append adds the layout of one effect to dst. sameKey says that the effect before
// it, in the same transaction, is on the same key of the same database, so that
// db and key need not be laid out again.
func Append(dst []byte, sameKey bool, op Op, db int, key []byte, ints []int64, blobs [][]byte) []byte {
	if sameKey {
		dst = append(dst, byte(op), flagSameKey)
	} else {
		dst = append(dst, byte(op), 0)
		dst = binary.AppendUvarint(dst, uint64(db))
		dst = appendBlob(dst, key)
	}
	dst = binary.AppendUvarint(dst, uint64(len(ints)))
	for _, n := range ints {
		dst = binary.AppendVarint(dst, n)
	}
	dst = binary.AppendUvarint(dst, uint64(len(blobs)))
	for _, b := range blobs {
		dst = appendBlob(dst, b)
	}
	return dst
}

func appendBlob(dst, b []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(b)))
	return append(dst, b...)
}

// Reader walks the effects of one transaction.
type Reader struct {
	rest  []byte
	cur   Effect
	begun bool // an effect was read: the next may be on its key
	err   error
}

// NewReader starts reading the effects laid out in b. The effects borrow from b.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Reset starts reading other effects, in the memory that the reader has.
func (r *Reader) Reset(b []byte) { r.rest, r.begun, r.err = b, false, nil }

// Next decodes the next effect; it reports false at the end or at malformed
// bytes, which Err tells apart. The effect is valid until the next call.
func (r *Reader) Next() (*Effect, bool) {
	if r.err != nil || len(r.rest) == 0 {
		return nil, false
	}
	if len(r.rest) < 2 {
		return r.fail()
	}
	r.cur.Op = Op(r.rest[0])
	flags := r.rest[1]
	r.rest = r.rest[2:]
	switch {
	case flags == 0:
		r.cur.DB = r.db()
		r.cur.Key = r.blob()
	case flags != flagSameKey || !r.begun:
		return r.fail()
	}
	r.begun = true
	r.cur.Ints = r.ints()
	r.cur.Blobs = r.blobs()
	if r.err != nil {
		return nil, false
	}
	return &r.cur, true
}

// Err tells why Next stopped: nil at the end of the bytes.
func (r *Reader) Err() error { return r.err }

func (r *Reader) fail() (*Effect, bool) {
	r.err = ErrMalformed
	return nil, false
}

func (r *Reader) ints() []int64 {
	n := r.count()
	out := r.cur.Ints[:0]
	for range n {
		v, size := binary.Varint(r.rest)
		if size <= 0 {
			r.fail()
			return nil
		}
		r.rest = r.rest[size:]
		out = append(out, v)
	}
	return out
}

func (r *Reader) blobs() [][]byte {
	n := r.count()
	out := r.cur.Blobs[:0]
	for range n {
		out = append(out, r.blob())
		if r.err != nil {
			return nil
		}
	}
	return out
}

// count reads how many items follow. Each takes at least a byte, so a larger
// count than the rest of the bytes cannot be true.
func (r *Reader) count() uint64 {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return n
}

// db reads the number of a database.
func (r *Reader) db() int {
	n := r.uvarint()
	if n > math.MaxInt32 {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *Reader) uvarint() uint64 {
	v, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return v
}

func (r *Reader) blob() []byte {
	n := r.count()
	if r.err != nil {
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// String shows the effect for people: the operation, key, numbers and blobs.
func (e *Effect) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s db%d %q", e.Op, e.DB, e.Key)
	for _, n := range e.Ints {
		fmt.Fprintf(&s, " %d", n)
	}
	for _, b := range e.Blobs {
		fmt.Fprintf(&s, " %q", b)
	}
	return s.String()
}
