package packed

import "math"

// ListpackHeader is what an empty listpack of Redis takes: six bytes of header
// and one at the end.
const ListpackHeader = 7

// ListpackSize is how many bytes Redis's listpack needs for an element: small
// integers are packed, and each entry carries its length backwards. Redis
// decides its encodings by it.
func ListpackSize(b []byte) int {
	n := encodedSize(b)
	switch {
	case n <= 127:
		return n + 1
	case n < 16383:
		return n + 2
	case n < 2097151:
		return n + 3
	case n < 268435455:
		return n + 4
	}
	return n + 5
}

func encodedSize(b []byte) int {
	if v, ok := Integer(b); ok {
		return integerSize(v)
	}
	switch n := len(b); {
	case n < 64:
		return 1 + n
	case n < 4096:
		return 2 + n
	default:
		return 5 + n
	}
}

func integerSize(v int64) int {
	switch {
	case 0 <= v && v <= 127:
		return 1
	case -4096 <= v && v <= 4095:
		return 2
	case -1<<15 <= v && v < 1<<15:
		return 3
	case -1<<23 <= v && v < 1<<23:
		return 4
	case -1<<31 <= v && v < 1<<31:
		return 5
	}
	return 9
}

// Integer reads the canonical text of an int64: no plus sign, no zeros in front.
func Integer(b []byte) (v int64, ok bool) {
	if len(b) == 0 {
		return 0, false
	}
	digits := b
	if b[0] == '-' {
		digits = b[1:]
	}
	if n := len(digits); n == 0 || n > maxDigits || digits[0] == '0' {
		return 0, string(b) == "0"
	}
	u := uint64(0)
	for _, c := range digits {
		if c -= '0'; c > 9 {
			return 0, false
		}
		u = u*10 + uint64(c)
	}
	if len(digits) < len(b) {
		return -int64(u), u <= -math.MinInt64
	}
	return int64(u), u <= math.MaxInt64
}

// maxDigits of a decimal number fit an int64, and all numbers of so many fit a uint64.
const maxDigits = 19
