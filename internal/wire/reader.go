package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/residedb/reside/internal/invariants"
)

// Limits bound what a client may send. The zero value means Redis's defaults.
type Limits struct {
	Bulk  int64 // bytes of one argument (proto-max-bulk-len)
	Query int64 // bytes of one command (client-query-buffer-limit)
	Auth  bool  // the client has not authenticated: few and small arguments only
}

// Redis's limits.
const (
	DefaultBulk  = 512 << 20
	DefaultQuery = 1 << 30
	maxInline    = 64 << 10
	authArgs     = 10
	authBulk     = 16384
	firstBuffer  = 4 << 10
	keepBuffer   = 64 << 10 // a larger buffer is given back when it is empty
	keepArgs     = 1 << 10  // and so is the memory of more arguments
)

// ProtocolError is input that is not RESP. The client is told and cut off.
type ProtocolError struct{ Text string }

// Error gives the text that Redis sends.
func (e *ProtocolError) Error() string { return "Protocol error: " + e.Text }

func protocolError(format string, args ...any) error {
	return &ProtocolError{fmt.Sprintf(format, args...)}
}

// ErrQueryLimit means that a command is larger than Limits.Query. Redis closes the
// connection without a word.
var ErrQueryLimit = errors.New("wire: query buffer limit")

// Reader takes commands from a stream.
type Reader struct {
	Limits Limits

	src  io.Reader
	buf  []byte
	r, w int // unread bytes are buf[r:w]

	start int // of the command being read
	spans []span
	args  [][]byte
	words []byte // of an inline command, unquoted
	full  bool   // the last read left no room: more is waiting
}

// span is where an argument stands in buf, relative to the command's start.
type span struct{ at, n int }

// NewReader reads commands from src.
func NewReader(src io.Reader) *Reader { return &Reader{src: src} }

// Buffered is how many bytes were received and not read yet.
func (r *Reader) Buffered() int { return r.w - r.r }

// Taken is how many bytes the last command took, at least.
func (r *Reader) Taken() int { return r.r - r.start }

// Size is how much memory the buffer takes.
func (r *Reader) Size() int { return cap(r.buf) }

// Next reads one command: its words, borrowed until the next call. Empty commands
// are skipped. The error is io.EOF at the end of the stream, a
// *ProtocolError for input that is not RESP.
func (r *Reader) Next() ([][]byte, error) {
	for {
		r.release()
		r.start, r.spans, r.args = r.r, r.spans[:0], r.args[:0]
		if r.r == r.w {
			if err := r.fill(1); err != nil {
				return nil, err
			}
		}
		var err error
		if r.buf[r.r] == '*' {
			err = r.multibulk()
		} else {
			err = r.inline()
		}
		if err != nil {
			return nil, err
		}
		if len(r.args) > 0 {
			return r.args, nil
		}
	}
}

// More waits for bytes behind the command that Next returned last, whose words are
// lost by it, and keeps them for the next command. It is how a connection that
// waits for something else finds out that its client has left.
func (r *Reader) More() error {
	r.start = r.r
	return r.fill(r.Buffered() + 1)
}

// release forgets the last command; its borrowed bytes may be overwritten. What a
// big command took is given back.
func (r *Reader) release() {
	if invariants.Enabled {
		for i := range r.buf[:r.r] {
			r.buf[i] = 0xDD
		}
	}
	if cap(r.args) > keepArgs {
		r.args, r.spans = nil, nil
	}
	switch unread := r.buf[r.r:r.w]; {
	case cap(r.buf) > keepBuffer && len(unread) < keepBuffer/2:
		r.buf = append([]byte(nil), unread...)
		clear(r.args[:cap(r.args)]) // they hold on to the buffer
		r.r, r.w = 0, len(unread)
	case len(unread) == 0:
		r.r, r.w = 0, 0
	}
}

// fill reads until at least n bytes are unread. The buffer grows as bytes arrive,
// never by what a client claims will come.
func (r *Reader) fill(n int) error {
	for r.w-r.r < n {
		r.room()
		space := r.buf[r.w:cap(r.buf)]
		m, err := r.src.Read(space)
		r.w += m
		r.full = m == len(space)
		if int64(r.w-r.start) > r.queryLimit() {
			return ErrQueryLimit
		}
		if m == 0 && err != nil {
			if err == io.EOF && r.w > r.start {
				return io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}

// room makes space behind the unread bytes: the command moves to the front of the
// buffer, or into a larger one if it fills more than half of it. A client that
// sends more than the buffer takes at once gets a larger one too.
func (r *Reader) room() {
	used := r.w - r.start
	size := cap(r.buf)
	switch {
	case size == 0 || used > size/2:
		size = max(firstBuffer, 2*used)
	case r.full && size < keepBuffer:
		size *= 2
	case size-r.w >= firstBuffer/2:
		return
	}
	next := r.buf[:cap(r.buf)]
	if size > cap(r.buf) {
		next = make([]byte, size)
	}
	copy(next, r.buf[r.start:r.w])
	r.buf, r.r, r.w, r.start, r.full = next, r.r-r.start, used, 0, false
}

func (r *Reader) queryLimit() int64 {
	if r.Limits.Query == 0 {
		return DefaultQuery
	}
	return r.Limits.Query
}

func (r *Reader) bulkLimit() int64 {
	if r.Limits.Bulk == 0 {
		return DefaultBulk
	}
	return r.Limits.Bulk
}

// header reads the number in a line as "*3" or "$5". A line that is too long is
// the given protocol error, one without a number the other.
func (r *Reader) header(tooLong, bad string) (int64, error) {
	if n, ok := r.quickHeader(); ok {
		return n, nil
	}
	b, err := r.line(tooLong)
	if err != nil {
		return 0, err
	}
	n, ok := parseInt(b[min(1, len(b)):])
	if !ok {
		return 0, protocolError("%s", bad)
	}
	return n, nil
}

// quickHeader reads a header that is whole and has a few plain digits, which is
// every one in practice.
func (r *Reader) quickHeader() (n int64, ok bool) {
	b := r.buf[r.r:r.w]
	for i := 1; i < min(len(b)-1, 10); i++ {
		c := b[i] - '0'
		if b[i] == '\r' && i > 1 && (i == 2 || b[1] != '0') {
			r.r += i + 2
			return n, true
		}
		if c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	return 0, false
}

// line reads up to a CRLF. As in Redis a NUL byte hides what is behind it: the
// line is never complete, until it is too long.
func (r *Reader) line(tooLong string) ([]byte, error) {
	for {
		b := r.buf[r.r:r.w]
		i := bytes.IndexByte(b, '\r')
		if i >= 0 && i+1 < len(b) && bytes.IndexByte(b[:i], 0) < 0 {
			r.r += i + 2
			return b[:i], nil
		}
		if len(b) > maxInline {
			return nil, protocolError("%s", tooLong)
		}
		if err := r.fill(len(b) + 1); err != nil {
			return nil, err
		}
	}
}

func (r *Reader) multibulk() error {
	n, err := r.header("too big mbulk count string", "invalid multibulk length")
	switch {
	case err != nil:
		return err
	case n > math.MaxInt32:
		return protocolError("invalid multibulk length")
	case n > authArgs && r.Limits.Auth:
		return protocolError("unauthenticated multibulk length")
	}
	for ; n > 0; n-- {
		if err := r.bulk(); err != nil {
			return err
		}
	}
	for _, s := range r.spans {
		at := r.start + s.at
		r.args = append(r.args, r.buf[at:at+s.n:at+s.n])
	}
	return nil
}

func (r *Reader) bulk() error {
	if r.r == r.w || r.buf[r.r] != '$' {
		if err := r.dollar(); err != nil {
			return err
		}
	}
	n, err := r.header("too big bulk count string", "invalid bulk length")
	switch {
	case err != nil:
		return err
	case n < 0 || n > r.bulkLimit():
		return protocolError("invalid bulk length")
	case n > authBulk && r.Limits.Auth:
		return protocolError("unauthenticated bulk length")
	}
	if end := int(n) + 2; r.w-r.r < end {
		if err := r.fill(end); err != nil {
			return err
		}
	}
	r.spans = append(r.spans, span{r.r - r.start, int(n)})
	r.r += int(n) + 2
	return nil
}

// dollar looks for the mark of a bulk string where another byte is, or none yet.
// Redis complains only when the line has ended.
func (r *Reader) dollar() error {
	at := r.r - r.start
	b, err := r.line("too big bulk count string")
	switch {
	case err != nil:
		return err
	case len(b) == 0:
		return protocolError("expected '$', got '\r'")
	case b[0] != '$':
		return protocolError("expected '$', got '%s'", b[:1])
	}
	r.r = r.start + at
	return nil
}

// inline reads a command typed as one line of words. A NUL byte hides what is
// behind it.
func (r *Reader) inline() error {
	for searched := 0; ; {
		b := r.buf[r.r:r.w]
		i := bytes.IndexByte(b[searched:], '\n')
		if i >= 0 && bytes.IndexByte(b[:searched+i], 0) < 0 {
			r.r += searched + i + 1
			return r.split(bytes.TrimSuffix(b[:searched+i], []byte{'\r'}))
		}
		if i < 0 {
			searched = len(b)
		}
		if len(b) > maxInline {
			return protocolError("too big inline request")
		}
		if err := r.fill(len(b) + 1); err != nil {
			return err
		}
	}
}

func (r *Reader) split(line []byte) error {
	var ok bool
	r.words, r.spans, ok = splitWords(r.words[:0], r.spans[:0], line)
	if !ok {
		return protocolError("unbalanced quotes in request")
	}
	for _, s := range r.spans {
		r.args = append(r.args, r.words[s.at:s.at+s.n:s.at+s.n])
	}
	return nil
}

// parseInt reads a decimal number in the one form that Redis takes: no plus sign,
// no zero in front.
func parseInt(b []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return 0, false
	}
	digits := bytes.TrimPrefix(b, []byte{'-'})
	if b[0] == '+' || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	return n, true
}
