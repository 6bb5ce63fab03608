package arg

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"
	"unsafe"
)

// ParseInt reads a decimal int64 in the one form that Redis takes: no plus sign,
// no leading zeros, no spaces, no "-0".
func ParseInt(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	digits, neg := b, b[0] == '-'
	if neg {
		digits = b[1:]
	}
	if len(digits) == 0 || digits[0] == '0' && (neg || len(digits) > 1) {
		return 0, false
	}
	var n uint64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		d := uint64(c - '0')
		if n > (math.MaxUint64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	switch {
	case neg && n <= 1<<63:
		return -int64(n), true
	case !neg && n <= math.MaxInt64:
		return int64(n), true
	}
	return 0, false
}

// ParseFloat reads a double as C's strtod does for Redis: decimal, hexadecimal
// and infinities, the whole word, no NaN, no value out of range.
func ParseFloat(b []byte) (float64, bool) {
	s := unsafe.String(unsafe.SliceData(b), len(b))
	if s == "" || strings.ContainsRune(s, '_') {
		return 0, false
	}
	f, err := parseHex(s)
	if err != nil || math.IsNaN(f) {
		return 0, false
	}
	if f == 0 && strings.ContainsAny(s[:mantissa(s)], "123456789") {
		return 0, false // underflow, which strtod reports as out of range
	}
	return f, true
}

// mantissa is where the exponent of a decimal number begins.
func mantissa(s string) int {
	if i := strings.IndexAny(s, "eE"); i >= 0 && !strings.ContainsAny(s, "xX") {
		return i
	}
	return len(s)
}

// ParseLoose reads a double where Redis takes all that C's strtod does: spaces
// before it, nothing at all (0), numbers out of range (infinite or 0), anything
// behind a zero byte. NaN is refused.
func ParseLoose(b []byte) (float64, bool) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	if len(b) == 0 {
		return 0, true
	}
	f, err := parseHex(string(bytes.TrimLeft(b, " \t\n\v\f\r")))
	if errors.Is(err, strconv.ErrRange) {
		err = nil
	}
	return f, err == nil && !math.IsNaN(f) && bytes.IndexByte(b, '_') < 0
}

// parseHex is strconv's parser, which wants an exponent in hexadecimal numbers.
func parseHex(s string) (float64, error) {
	if hex := strings.TrimLeft(s, "+-"); len(hex) > 2 && (hex[:2] == "0x" || hex[:2] == "0X") && !strings.ContainsAny(hex, "pP") {
		s += "p0"
	}
	return strconv.ParseFloat(s, 64)
}
