package wire

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// Writer appends replies to Buf in the client's protocol.
type Writer struct {
	Buf   []byte
	Proto int // 2 or 3
}

// Reset drops what was written and keeps the memory.
func (w *Writer) Reset() { w.Buf = w.Buf[:0] }

// Len is how many bytes were written.
func (w *Writer) Len() int { return len(w.Buf) }

func (w *Writer) crlf() { w.Buf = append(w.Buf, '\r', '\n') }

func (w *Writer) header(mark byte, n int64) {
	if 0 <= n && n < 10 {
		w.Buf = append(w.Buf, mark, byte('0'+n), '\r', '\n')
		return
	}
	w.Buf = append(w.Buf, mark)
	w.Buf = strconv.AppendInt(w.Buf, n, 10)
	w.crlf()
}

// SimpleString writes a status reply.
func (w *Writer) SimpleString(s string) {
	w.Buf = append(w.Buf, '+')
	w.Buf = append(w.Buf, s...)
	w.crlf()
}

var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

// Error writes an error with its code, on one line.
func (w *Writer) Error(text string) {
	if strings.ContainsAny(text, "\r\n") {
		text = oneLine.Replace(text)
	}
	w.Buf = append(w.Buf, '-')
	w.Buf = append(w.Buf, text...)
	w.crlf()
}

// Int writes an integer.
func (w *Writer) Int(n int64) { w.header(':', n) }

// Bulk writes a string of any bytes.
func (w *Writer) Bulk(b []byte) {
	w.header('$', int64(len(b)))
	w.Buf = append(w.Buf, b...)
	w.crlf()
}

// BulkString writes a string of any bytes.
func (w *Writer) BulkString(s string) {
	w.header('$', int64(len(s)))
	w.Buf = append(w.Buf, s...)
	w.crlf()
}

// BulkInt writes an integer as a string.
func (w *Writer) BulkInt(n int64) {
	var digits [20]byte
	w.Bulk(strconv.AppendInt(digits[:0], n, 10))
}

// Null writes that there is no value: a null bulk string in RESP2.
func (w *Writer) Null() { w.null("$-1\r\n") }

// NullArray writes that there is no value: a null array in RESP2.
func (w *Writer) NullArray() { w.null("*-1\r\n") }

func (w *Writer) null(resp2 string) {
	if w.Proto >= 3 {
		resp2 = "_\r\n"
	}
	w.Buf = append(w.Buf, resp2...)
}

// Array begins an array of n values.
func (w *Writer) Array(n int) { w.header('*', int64(n)) }

// Map begins a map of n pairs; in RESP2 an array of 2n values.
func (w *Writer) Map(n int) {
	if w.Proto >= 3 {
		w.header('%', int64(n))
		return
	}
	w.header('*', int64(2*n))
}

// Attribute begins n pairs that describe the reply behind them; RESP3 only.
func (w *Writer) Attribute(n int) { w.header('|', int64(n)) }

// Set begins a set of n values; in RESP2 an array.
func (w *Writer) Set(n int) { w.aggregate('~', n) }

// Push begins a push message of n values; in RESP2 an array.
func (w *Writer) Push(n int) { w.aggregate('>', n) }

func (w *Writer) aggregate(mark byte, n int) {
	if w.Proto < 3 {
		mark = '*'
	}
	w.header(mark, int64(n))
}

// Double writes a floating-point number; in RESP2 as a string.
func (w *Writer) Double(f float64) {
	var text [32]byte
	b := AppendDouble(text[:0], f)
	if w.Proto < 3 {
		w.Bulk(b)
		return
	}
	w.Buf = append(w.Buf, ',')
	w.Buf = append(w.Buf, b...)
	w.crlf()
}

// Bool writes a truth value; in RESP2 as 1 or 0.
func (w *Writer) Bool(v bool) {
	s := "#f\r\n"
	if v {
		s = "#t\r\n"
	}
	if w.Proto < 3 {
		s = ":0\r\n"
		if v {
			s = ":1\r\n"
		}
	}
	w.Buf = append(w.Buf, s...)
}

// BigNumber writes an integer of any size; in RESP2 as a string.
func (w *Writer) BigNumber(digits string) {
	if w.Proto < 3 {
		w.BulkString(digits)
		return
	}
	w.Buf = append(w.Buf, '(')
	w.Buf = append(w.Buf, digits...)
	w.crlf()
}

// Verbatim writes text with a three-letter format; in RESP2 as a string.
func (w *Writer) Verbatim(format, text string) {
	if w.Proto < 3 {
		w.BulkString(text)
		return
	}
	w.header('=', int64(len(text)+4))
	w.Buf = append(w.Buf, format...)
	w.Buf = append(w.Buf, ':')
	w.Buf = append(w.Buf, text...)
	w.crlf()
}

// Raw appends what is a whole reply already.
func (w *Writer) Raw(b []byte) { w.Buf = append(w.Buf, b...) }

// AppendDouble appends a number as Redis 7.2 writes doubles: the shortest text
// that reads back the same, integers without a point, "inf", "-inf", "nan".
func AppendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	case f == 0:
		if math.Signbit(f) {
			return append(dst, "-0"...)
		}
		return append(dst, '0')
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<52 {
		return strconv.AppendInt(dst, int64(f), 10)
	}
	return appendShortest(dst, f)
}

// appendShortest writes the shortest digits in the form that Redis's fpconv gives
// them: plain where few zeros are to be filled in, else d.ddde+x.
func appendShortest(dst []byte, f float64) []byte {
	var buf [32]byte
	sci := strconv.AppendFloat(buf[:0], f, 'e', -1, 64)
	at := bytes.IndexByte(sci, 'e')
	exp, _ := strconv.Atoi(string(sci[at+1:]))
	digits := at - bytes.Count(sci[:at], []byte{'-'}) - bytes.Count(sci[:at], []byte{'.'})
	last := exp - digits + 1 // the power of ten of the last digit
	magnitude := max(exp, -exp)
	if last >= 0 && magnitude < digits+7 || last < 0 && (last > -7 || magnitude < 4) {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = append(dst, sci[:at+1]...)
	if exp >= 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, int64(exp), 10)
}
