package rdb

import "math"

// Strings may be packed by LZF, which is literals and references back:
//
//	000LLLLL  L+1 bytes              literals
//	LLLooooo oooooooo                L+2 bytes from 1+o bytes before, L from 1 to 6
//	111ooooo LLLLLLLL oooooooo       L+9 bytes from there

// lzfMost is how many bytes may come of one at most: 264 of 3.
const lzfMost = 88

// unpack appends the n bytes that src is packed of. It reports false if it is not.
func unpack(dst, src []byte, n int) ([]byte, bool) {
	end := len(dst) + n
	start := len(dst)
	for len(src) > 0 {
		c := int(src[0])
		src = src[1:]
		if c < 32 {
			if c++; c > len(src) || len(dst)+c > end {
				return dst, false
			}
			dst = append(dst, src[:c]...)
			src = src[c:]
			continue
		}
		length := c >> 5
		if length == 7 {
			if len(src) == 0 {
				return dst, false
			}
			length += int(src[0])
			src = src[1:]
		}
		if length += 2; len(src) == 0 || len(dst)+length > end {
			return dst, false
		}
		from := len(dst) - (c&31)<<8 - int(src[0]) - 1
		src = src[1:]
		if from < start {
			return dst, false
		}
		dst = copyBack(dst, from, length)
	}
	return dst, len(dst) == end
}

// copyBack appends n bytes that begin at from, and may go on into those that it appends.
func copyBack(dst []byte, from, n int) []byte {
	if from+n <= len(dst) {
		return append(dst, dst[from:from+n]...)
	}
	for i := range n {
		dst = append(dst, dst[from+i])
	}
	return dst
}

const (
	lzfHashBits = 14
	lzfWindow   = 1 << 13
	lzfLongest  = 264
)

// lzfTable remembers where three bytes were seen last: at a place past base, which goes
// past the places of each string, so that the table need not be cleared for the next one.
type lzfTable struct {
	seen [1 << lzfHashBits]int32
	base int32
}

// begin makes room for the places of a string of n bytes and returns where they begin.
func (t *lzfTable) begin(n int) (base int) {
	if int64(t.base)+int64(n) >= math.MaxInt32 {
		*t = lzfTable{}
	}
	base = int(t.base)
	t.base += int32(n)
	return base
}

// pack appends b in packed form, and reports whether that is shorter. What it appends is
// what unpack takes.
func pack(dst, b []byte, t *lzfTable) ([]byte, bool) {
	first := t.begin(len(b)) + 1
	start, limit := len(dst), len(dst)+len(b)-4
	literals := 0 // of b before i that are to be written
	i := 0
	for i+2 < len(b) && len(dst) < limit {
		v := uint32(b[i])<<16 | uint32(b[i+1])<<8 | uint32(b[i+2])
		h := v * 2654435761 >> (32 - lzfHashBits)
		at := int(t.seen[h]) - first
		t.seen[h] = int32(first + i)
		if at < 0 || i-at > lzfWindow || b[at] != b[i] || b[at+1] != b[i+1] || b[at+2] != b[i+2] {
			literals++
			i++
			continue
		}
		n := 3
		for n < lzfLongest && i+n < len(b) && b[at+n] == b[i+n] {
			n++
		}
		dst = appendLiterals(dst, b[i-literals:i])
		dst = appendReference(dst, i-at-1, n)
		i, literals = i+n, 0
	}
	dst = appendLiterals(dst, b[i-literals:])
	return dst, len(dst) < limit && len(dst) > start
}

func appendLiterals(dst, b []byte) []byte {
	for len(b) > 0 {
		n := min(len(b), 32)
		dst = append(dst, byte(n-1))
		dst = append(dst, b[:n]...)
		b = b[n:]
	}
	return dst
}

func appendReference(dst []byte, back, n int) []byte {
	if n -= 2; n < 7 {
		return append(dst, byte(n<<5|back>>8), byte(back))
	}
	return append(dst, byte(7<<5|back>>8), byte(n-7), byte(back))
}
