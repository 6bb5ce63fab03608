package effect

import (
	"encoding/binary"
	"math/bits"
)

// ChunkTarget is how many bytes a chunk has unless an element needs more.
const ChunkTarget = 64 << 10

// MaxReuse is the largest memory of a chunk that is kept for later ones: one that a long
// element has made larger is left to the garbage collector.
const MaxReuse = 4 * ChunkTarget

// Made is a key as a snapshot makes it.
type Made struct {
	DB       int
	Key      []byte
	Kind     int64
	Deadline int64 // unix ms, 0 for none
	Form     int64 // the flags of StringPut or Replace
	Len      int64 // elements that it has, bytes of a string, or Open
}

// Chunks lays out keys as effects that make them, in chunks of about 64 KiB:
//
//	chunk   | StringPut a | StringPut b | Build c ... | Build d, first elements |
//	chunk   | Extend d, more elements                                            |
//	chunk   | Extend d, the last elements | StringPut e | ...
//
// A chunk names every key that it is about, so it can be read by itself; applied it is
// after those before it. Build says what the key is and how many elements it will have.
// A string that comes in more than one element is built of pieces. One element that is
// longer makes a chunk of its own.
type Chunks struct {
	// Emit takes a chunk and how many keys begin in it. The bytes are borrowed for the
	// call, unless it calls Forget.
	Emit func(keys int, effects []byte) error

	buf  []byte
	keys int // that begin in buf

	made  Made
	key   []byte
	begun bool // its first effect is written
	spans bool // and a further one
	done  int64

	open  bool // an effect of the key is at the end of buf, and takes more elements
	blobs int  // that it has
	at    int  // where their number stands
	width int  // in so many bytes
}

// Key begins a key, which is not there before it has an element.
func (c *Chunks) Key(m Made) {
	c.end()
	c.key = append(c.key[:0], m.Key...)
	c.made, c.made.Key, c.begun, c.spans, c.done = m, c.key, false, false, 0
}

// Element adds one to the key, in the parts that Replace has.
func (c *Chunks) Element(parts ...[]byte) error {
	if c.made.Kind == Hash && isZero(parts[2]) {
		parts[2] = nil // eight bytes less of most fields
	}
	n := len(c.key)
	for _, p := range parts {
		n += len(p)
	}
	if len(c.buf) > 0 && len(c.buf)+n > ChunkTarget {
		if err := c.Flush(); err != nil {
			return err
		}
	}
	if c.made.Kind == String && c.made.Len == int64(len(parts[0])) {
		c.keys++
		c.buf = Append(c.buf, false, StringPut, c.made.DB, c.key, []int64{c.made.Deadline, c.made.Form}, parts)
		return nil
	}
	if !c.open {
		c.begin(len(parts))
	}
	for _, p := range parts {
		c.buf = binary.AppendUvarint(c.buf, uint64(len(p)))
		c.buf = append(c.buf, p...)
	}
	c.blobs += len(parts)
	c.done++
	return nil
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// begin writes an effect of the key up to the blobs. Each element has so many.
func (c *Chunks) begin(each int) {
	c.open, c.blobs = true, 0
	c.width = maxWidth
	if c.made.Len != Open {
		c.width = min(width(uint64(each)*uint64(c.made.Len-c.done)), maxWidth)
	}
	if c.begun {
		c.spans = true
		c.buf = Append(c.buf, false, Extend, c.made.DB, c.key, nil, nil)
	} else {
		c.begun = true
		c.keys++
		c.buf = Append(c.buf, false, Build, c.made.DB, c.key, []int64{c.made.Kind, c.made.Deadline, c.made.Form, c.made.Len}, nil)
	}
	c.at = len(c.buf) - 1 // it has said that there are no blobs
	for range c.width - 1 {
		c.buf = append(c.buf, 0)
	}
}

// maxWidth holds the number of any blobs: each but the last ones takes a byte of the
// chunk.
const maxWidth = 3

// width is how many bytes a number takes as a varint.
func width(n uint64) int { return max(bits.Len64(n)+6, 7) / 7 }

// end writes how many blobs the effect has got. The room for that was made before they
// were known: what is not needed of it is written as zeros, which a varint may have.
func (c *Chunks) end() {
	if !c.open {
		return
	}
	c.open = false
	for i, n := 0, c.blobs; i < c.width; i, n = i+1, n>>7 {
		c.buf[c.at+i] = byte(n&0x7f) | 0x80
	}
	c.buf[c.at+c.width-1] &^= 0x80
}

// Begun reports whether the key has an element.
func (c *Chunks) Begun() bool { return c.begun }

// Spans reports whether the key has more than one effect: it began in an earlier chunk.
func (c *Chunks) Spans() bool { return c.spans }

// Close ends a key of which it was not known how many elements it has, and which has one.
func (c *Chunks) Close() {
	c.end()
	c.buf = Append(c.buf, false, Extend, c.made.DB, c.key, nil, nil)
}

// Flush hands the chunk on.
func (c *Chunks) Flush() error {
	if len(c.buf) == 0 {
		return nil
	}
	c.end()
	keys, buf := c.keys, c.buf
	c.keys, c.buf = 0, c.buf[:0]
	if cap(c.buf) > MaxReuse {
		c.buf = nil
	}
	return c.Emit(keys, buf)
}

// Forget leaves the bytes of the chunk that Emit was given last to whoever calls it, and
// goes on in other memory.
func (c *Chunks) Forget(room []byte) { c.buf = room }
