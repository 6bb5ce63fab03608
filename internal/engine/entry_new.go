package engine

import "unsafe"

// maxTail is how many bytes of key and value are kept in one piece with their
// entry: one allocation instead of three, and fewer cache misses for a read.
const maxTail = 64

// newEntry makes an entry with a copy of the key and, if that is small, room for a
// string of valueLen bytes.
func newEntry(key []byte, valueLen int) *Entry {
	if len(key)+valueLen > maxTail {
		valueLen = 0
	}
	e, tail := allocate(len(key) + valueLen)
	if tail == nil {
		e.key = string(key)
		return e
	}
	n := copy(tail, key)
	e.key = unsafe.String(unsafe.SliceData(tail), n)
	if valueLen > 0 {
		e.str = blobOf(tail[n:n])
	}
	return e
}

// allocate makes an entry with n bytes or a few more behind it, nil if they are
// too many.
func allocate(n int) (*Entry, []byte) {
	switch {
	case n <= 16:
		return entryWith[[16]byte]()
	case n <= 32:
		return entryWith[[32]byte]()
	case n <= 48:
		return entryWith[[48]byte]()
	case n <= maxTail:
		return entryWith[[maxTail]byte]()
	}
	return new(Entry), nil
}

func entryWith[Tail any]() (*Entry, []byte) {
	x := new(struct {
		Entry
		tail Tail
	})
	return &x.Entry, unsafe.Slice((*byte)(unsafe.Pointer(&x.tail)), unsafe.Sizeof(x.tail))
}
