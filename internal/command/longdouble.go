package command

import (
	"bytes"
	"math/big"
	"strings"

	"github.com/residedb/reside/internal/command/arg"
)

// longDouble is the precision of C's long double on x86, in which Redis adds
// floating-point numbers: INCRBYFLOAT and HINCRBYFLOAT must round as it does.
const longDouble = 64

// addFloat adds two numbers given as text and renders the sum as Redis does:
// 17 digits behind the point, without trailing zeros.
func addFloat(a, b []byte) ([]byte, error) {
	x, inf, ok := parseLongDouble(a)
	y, inf2, ok2 := parseLongDouble(b)
	if !ok || !ok2 {
		return nil, arg.ErrNotFloat
	}
	if inf || inf2 {
		return nil, ErrInfiniteSum
	}
	return appendLongDouble(nil, x.Add(x, y)), nil
}

func parseLongDouble(b []byte) (f *big.Float, inf, ok bool) {
	if _, ok := arg.ParseFloat(b); !ok && !longer(b) {
		return nil, false, false
	}
	text := strings.TrimPrefix(strings.ToLower(string(b)), "+")
	if strings.HasPrefix(strings.TrimPrefix(text, "-"), "inf") {
		return nil, true, true
	}
	f, _, err := big.ParseFloat(text, 0, longDouble, big.ToNearestEven)
	if err != nil {
		f, _, err = big.ParseFloat(text, 10, longDouble, big.ToNearestEven)
	}
	return f, false, err == nil
}

// longer reports whether the text is a number that only a double is too small for.
func longer(b []byte) bool {
	if len(b) == 0 || bytes.ContainsAny(b, " _\t\r\n") {
		return false
	}
	base := 10
	if hex := bytes.TrimLeft(b, "+-"); len(hex) > 2 && hex[0] == '0' && hex[1]|0x20 == 'x' {
		base = 0
	}
	f, _, err := big.ParseFloat(string(b), base, longDouble, big.ToNearestEven)
	return err == nil && !f.IsInf() && f.MantExp(nil) <= 16384
}

func appendLongDouble(dst []byte, f *big.Float) []byte {
	text := f.Append(dst, 'f', 17)
	if bytes.IndexByte(text, '.') >= 0 {
		text = bytes.TrimRight(text, "0")
		text = bytes.TrimSuffix(text, []byte("."))
	}
	if string(text) == "-0" {
		return []byte("0")
	}
	return text
}
