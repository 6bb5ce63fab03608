package appendlog

import (
	"encoding/binary"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/residedb/reside/persist"
)

// MaxRecord is how many bytes of effects a record can have.
const MaxRecord = math.MaxInt32 - 64

const (
	headSize = 14                                 // checksum, length, check
	minBody  = 3                                  // position, behind, clock
	maxHead  = headSize + 3*binary.MaxVarintLen64 // all but the effects
)

// coder knows what the next record of a segment is counted from: to write it, and to
// read it.
type coder struct {
	salt    uint64
	begin   int64 // the position that the segment begins behind
	last    int64 // the position of the last record
	clock   int64 // of the last record
	durable int64 // the last position that is known to be durable
}

func newCoder(h header) coder {
	return coder{salt: h.salt(), begin: h.position, last: h.position, durable: h.position}
}

// append adds the layout of the next record to dst.
func (c *coder) append(dst []byte, r *persist.Record) []byte {
	return c.layout(dst, r, c.durable)
}

// appendMark adds the layout of a mark to dst: it says that all is durable.
func (c *coder) appendMark(dst []byte) []byte {
	return c.layout(dst, &persist.Record{Position: c.last, Clock: c.clock}, c.last)
}

func (c *coder) layout(dst []byte, r *persist.Record, durable int64) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, headSize)...)
	dst = binary.AppendUvarint(dst, uint64(r.Position-c.begin))
	dst = binary.AppendUvarint(dst, uint64(r.Position-durable))
	dst = binary.AppendVarint(dst, r.Clock-c.clock)
	dst = append(dst, r.Effects...)
	b := dst[start:]
	length := uint32(len(b) - headSize)
	binary.LittleEndian.PutUint32(b[8:], length)
	binary.LittleEndian.PutUint16(b[12:], check(length, c.salt))
	binary.LittleEndian.PutUint64(b, xxhash.Sum64(b[8:])^c.salt)
	c.last, c.clock = r.Position, r.Clock
	return dst
}

// check is a checksum of a length: 1 in 65,536 numbers at random has it.
func check(length uint32, salt uint64) uint16 {
	return uint16((uint64(length) + salt) * 0x9E3779B97F4A7C15 >> 48)
}

// lengthIn is how many bytes a record takes, by its head, which is headSize bytes; ok is
// false if it is not one, or if that is more than are left in the file.
func lengthIn(b []byte, salt uint64, left int64) (n int64, ok bool) {
	length := binary.LittleEndian.Uint32(b[8:])
	n = headSize + int64(length)
	return n, length >= minBody && n <= left && binary.LittleEndian.Uint16(b[12:]) == check(length, salt)
}

// whole reports whether the checksum of a record is right.
func (c *coder) whole(b []byte) bool {
	return binary.LittleEndian.Uint64(b) == xxhash.Sum64(b[8:])^c.salt
}

// marks are the numbers of a record.
type marks struct {
	position int64
	durable  int64 // up to where the log was durable when it was written
	clock    int64 // counted from that of the record before
}

// marksIn reads the numbers that a body begins with, and how many bytes they take; that
// is 0 if they cannot be.
func (c *coder) marksIn(body []byte) (m marks, n int) {
	position, a := binary.Uvarint(body)
	behind, b := binary.Uvarint(body[max(a, 0):])
	clock, d := binary.Varint(body[max(a, 0)+max(b, 0):])
	if a <= 0 || b <= 0 || d <= 0 || position > math.MaxInt64-uint64(c.begin) {
		return m, 0
	}
	m.position = c.begin + int64(position)
	if behind > uint64(m.position) {
		return m, 0
	}
	return marks{m.position, m.position - int64(behind), clock}, a + b + d
}

// next reads a record that is whole, of which r.Effects borrow. why is "" if it belongs
// here. A mark is not a record: r stays as it is.
func (c *coder) next(b []byte, r *persist.Record) (why string) {
	m, n := c.marksIn(b[headSize:])
	mark := n > 0 && m.durable == m.position
	switch {
	case n == 0:
		return "a record has numbers that cannot be"
	case mark && (m.position != c.last || m.clock != 0 || headSize+n != len(b)):
		return "a mark is not the one that belongs here"
	case !mark && m.position != c.last+1:
		return "a record is not the one that belongs here"
	}
	c.last, c.clock, c.durable = m.position, c.clock+m.clock, max(c.durable, m.durable)
	if !mark {
		*r = persist.Record{Position: c.last, Clock: c.clock, Effects: b[headSize+n:]}
	}
	return ""
}
