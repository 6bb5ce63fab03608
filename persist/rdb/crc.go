package rdb

import (
	"encoding/binary"
	"math/bits"
)

// The checksum is the CRC-64 of Jones, least significant bits first, which begins at 0
// and is not inverted. hash/crc64 inverts, and is fast for two polynomials alone, of
// which this is none.

// crcPoly is the polynomial, least significant bits first.
const crcPoly = 0x95ac9329ac4bc9b5

// crcTables are for sixteen bytes at once: table i is for a byte with i bytes behind it.
var crcTables = makeCRCTables()

func makeCRCTables() (t [16][256]uint64) {
	for i := range t[0] {
		c := uint64(i)
		for range 8 {
			c = c>>1 ^ crcPoly&-(c&1)
		}
		t[0][i] = c
	}
	for i := range t[0] {
		for j := 1; j < len(t); j++ {
			c := t[j-1][i]
			t[j][i] = c>>8 ^ t[0][byte(c)]
		}
	}
	return t
}

// crcOf goes on with a checksum.
func crcOf(crc uint64, b []byte) uint64 {
	t := &crcTables
	for len(b) >= 16 {
		x := crc ^ binary.LittleEndian.Uint64(b)
		y := binary.LittleEndian.Uint64(b[8:])
		crc = t[15][byte(x)] ^ t[14][byte(x>>8)] ^ t[13][byte(x>>16)] ^ t[12][byte(x>>24)] ^
			t[11][byte(x>>32)] ^ t[10][byte(x>>40)] ^ t[9][byte(x>>48)] ^ t[8][byte(x>>56)] ^
			t[7][byte(y)] ^ t[6][byte(y>>8)] ^ t[5][byte(y>>16)] ^ t[4][byte(y>>24)] ^
			t[3][byte(y>>32)] ^ t[2][byte(y>>40)] ^ t[1][byte(y>>48)] ^ t[0][byte(y>>56)]
		b = b[16:]
	}
	for _, c := range b {
		crc = crc>>8 ^ t[0][byte(crc)^c]
	}
	return crc
}

// crcShifts are x to the power of 8, 16, 32 ...: what so many zero bytes make of a
// checksum is the product with it.
var crcShifts = makeCRCShifts()

func makeCRCShifts() (s [63]uint64) {
	s[0] = 1 << (63 - 8)
	for i := 1; i < len(s); i++ {
		s[i] = crcProduct(s[i-1], s[i-1])
	}
	return s
}

// crcProduct multiplies two polynomials, whose highest bit is that of x to the power of 0.
func crcProduct(a, b uint64) (p uint64) {
	for ; a != 0; a <<= 1 {
		p ^= b & -(a >> 63)
		b = b>>1 ^ crcPoly&-(b&1)
	}
	return p
}

// crcJoin is the checksum of two pieces, of which the second has n bytes. So pieces can be
// summed up side by side. O(log n).
func crcJoin(first, second uint64, n int64) uint64 {
	for left := uint64(n); left != 0; left &= left - 1 {
		first = crcProduct(crcShifts[bits.TrailingZeros64(left)], first)
	}
	return first ^ second
}
