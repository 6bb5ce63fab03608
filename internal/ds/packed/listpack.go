package packed

import "strconv"

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
	if v, ok := integer(b); ok {
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

// integer reads an element that is the canonical text of an int64.
func integer(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	if c := b[0]; c != '-' && (c < '0' || c > '9') {
		return 0, false
	}
	v, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return 0, false
	}
	var text [20]byte
	return v, string(strconv.AppendInt(text[:0], v, 10)) == string(b)
}
