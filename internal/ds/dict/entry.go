package dict

import (
	"encoding/binary"

	"github.com/residedb/reside/internal/ds/slab"
)

// entry is a block taken apart. A length is one byte, or a mark and 4 bytes; the
// first byte of a block is never slab.Free.
type entry struct {
	b       []byte // from the block's begin, perhaps longer than it
	m, k, v int    // lengths of meta, key and value
	begin   int    // of meta
}

const longMark = 0xfe

// headerLen is how many bytes a length takes.
func headerLen(n int) int {
	if n < longMark {
		return 1
	}
	return 5
}

func putLen(b []byte, n int) []byte {
	if n < longMark {
		b[0] = byte(n)
		return b[1:]
	}
	b[0] = longMark
	binary.LittleEndian.PutUint32(b[1:], uint32(n))
	return b[5:]
}

func getLen(b []byte, at int) (n, next int) {
	if b[at] < longMark {
		return int(b[at]), at + 1
	}
	return int(binary.LittleEndian.Uint32(b[at+1:])), at + 5
}

// length is how many bytes an entry takes.
func (l Layout) length(k, v int) int {
	n := headerLen(k) + l.Meta + k
	if l.Values {
		n += headerLen(v) + v
	}
	return n
}

func (l Layout) parse(b []byte) (e entry) {
	e.b, e.m = b, l.Meta
	e.k, e.begin = getLen(b, 0)
	if l.Values {
		e.v, e.begin = getLen(b, e.begin)
	}
	return e
}

func (e entry) meta() []byte  { return e.b[e.begin : e.begin+e.m : e.begin+e.m] }
func (e entry) key() []byte   { at := e.begin + e.m; return e.b[at : at+e.k : at+e.k] }
func (e entry) value() []byte { at := e.begin + e.m + e.k; return e.b[at : at+e.v : at+e.v] }
func (e entry) length() int   { return e.begin + e.m + e.k + e.v }

// holds reports whether the block's key is the given one.
func (l Layout) holds(b, key []byte) bool {
	e := l.parse(b)
	return string(e.key()) == string(key)
}

// alloc makes a block with a key and a value; its meta is anything.
func (d *Dict) alloc(key, value []byte) (slab.Ref, entry) {
	ref, b := d.heap.Alloc(d.length(len(key), len(value)))
	rest := putLen(b, len(key))
	if d.Values {
		rest = putLen(rest, len(value))
	}
	rest = rest[d.Meta:]
	if n := copy(rest, key); d.Values {
		copy(rest[n:], value)
	}
	return ref, d.parse(b)
}

// overwrite puts a value of about the same length into the block.
func (d *Dict) overwrite(e entry, value []byte) (meta []byte) {
	if d.Values {
		putLen(e.b[headerLen(e.k):], len(value))
		at := e.begin + e.m + e.k
		copy(e.b[at:at+len(value)], value)
	}
	return e.meta()
}
