package rdb

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// How a string is laid out that is not just its bytes.
const (
	codedInt8  = 0
	codedInt16 = 1
	codedInt32 = 2
	codedLZF   = 3
)

// length reads a length, or, with coded, how a string is laid out.
func (in *input) length() (n uint64, coded bool) {
	c := in.byte()
	switch {
	case c < 0x40:
		return uint64(c), false
	case c < 0x80:
		return uint64(c&0x3f)<<8 | uint64(in.byte()), false
	case c >= 0xc0:
		return uint64(c & 0x3f), true
	case c == 0x80:
		if b := in.take(4); b != nil {
			return uint64(binary.BigEndian.Uint32(b)), false
		}
	case c == 0x81:
		if b := in.take(8); b != nil {
			return binary.BigEndian.Uint64(b), false
		}
	default:
		in.damagedAt(in.offset()-1, fmt.Sprintf("a length that begins with %#x", c))
	}
	return 0, false
}

// count reads a length that is one.
func (in *input) count() uint64 {
	at := in.offset()
	n, coded := in.length()
	if coded {
		in.damagedAt(at, "a string where a length should be")
		return 0
	}
	return n
}

// size is count for a number of elements, of which each has a byte.
func (in *input) size() int64 {
	at := in.offset()
	n := in.count()
	if n > math.MaxInt64/16 {
		in.damagedAt(at, fmt.Sprintf("a collection of %d elements", n))
		return 0
	}
	return int64(n)
}

// str reads a string, which is borrowed until the next call.
func (in *input) str() []byte {
	at := in.offset()
	n, coded := in.length()
	if !coded {
		return in.take(n)
	}
	return in.codedString(n, at)
}

// codedString reads a string that begins at an offset, of which length has said how it is
// laid out.
func (in *input) codedString(how uint64, at int64) []byte {
	switch how {
	case codedInt8:
		return in.text(int64(int8(in.byte())))
	case codedInt16:
		if b := in.take(2); b != nil {
			return in.text(int64(int16(binary.LittleEndian.Uint16(b))))
		}
	case codedInt32:
		if b := in.take(4); b != nil {
			return in.text(int64(int32(binary.LittleEndian.Uint32(b))))
		}
	case codedLZF:
		return in.lzf(at)
	default:
		in.damagedAt(at, fmt.Sprintf("a string of an unknown encoding, %d", how))
	}
	return nil
}

// text is an integer as text.
func (in *input) text(n int64) []byte { return strconv.AppendInt(in.number[:0], n, 10) }

// lzf reads a packed string that begins at an offset.
func (in *input) lzf(at int64) []byte {
	packed, n := in.count(), in.count()
	if n > maxString || n > packed*lzfMost {
		in.damagedAt(at, fmt.Sprintf("%d bytes packed in %d", n, packed))
		return nil
	}
	b := in.take(packed)
	if in.err != nil {
		return nil
	}
	if cap(in.unpacked) > keepUnpacked && int(n) <= keepUnpacked {
		in.unpacked = nil
	}
	out, ok := unpack(slices.Grow(in.unpacked[:0], int(n)), b, int(n))
	in.unpacked = out
	if !ok {
		in.damagedAt(at, "a packed string that cannot be unpacked")
		return nil
	}
	return out
}

// keepUnpacked is the most memory that is kept for the next packed string.
const keepUnpacked = 1 << 20
