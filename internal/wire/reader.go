package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

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
	total int    // bytes of the command's arguments so far
}

// span is where an argument stands in buf, relative to the command's start.
type span struct{ at, n int }

// NewReader reads commands from src.
func NewReader(src io.Reader) *Reader { return &Reader{src: src} }

// Buffered is how many bytes were received and not read yet.
func (r *Reader) Buffered() int { return r.w - r.r }

// Size is how much memory the buffer takes.
func (r *Reader) Size() int { return cap(r.buf) }

// Next reads one command: its words, borrowed until the next call. Empty commands
// are skipped. The error is io.EOF at the end of the stream, a
// *ProtocolError for input that is not RESP.
func (r *Reader) Next() ([][]byte, error) {
	r.release()
	for {
		r.start, r.spans, r.args, r.total = r.r, r.spans[:0], r.args[:0], 0
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

// release forgets the last command; its borrowed bytes may be overwritten.
func (r *Reader) release() {
	if invariants.Enabled {
		for i := range r.buf[:r.r] {
			r.buf[i] = 0xDD
		}
	}
	if r.r == r.w {
		r.r, r.w = 0, 0
		if cap(r.buf) > keepBuffer {
			r.buf = nil
		}
	}
}

// fill reads until at least n bytes are unread. The buffer grows as bytes arrive,
// never by what a client claims will come.
func (r *Reader) fill(n int) error {
	for r.w-r.r < n {
		r.room()
		m, err := r.src.Read(r.buf[r.w:cap(r.buf)])
		r.w += m
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
// buffer, or the buffer doubles.
func (r *Reader) room() {
	if cap(r.buf)-r.w >= firstBuffer/2 {
		return
	}
	used := r.w - r.start
	next := r.buf[:cap(r.buf)]
	if used > cap(r.buf)/2 || cap(r.buf) == 0 {
		next = make([]byte, max(firstBuffer, 2*used))
	}
	copy(next, r.buf[r.start:r.w])
	r.buf, r.r, r.w, r.start = next, r.r-r.start, used, 0
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

// line reads up to a CRLF; one that is too long is the given protocol error.
func (r *Reader) line(tooLong string) ([]byte, error) {
	for searched := 0; ; {
		if i := bytes.IndexByte(r.buf[r.r+searched:r.w], '\r'); i >= 0 {
			end := r.r + searched + i
			if end+1 < r.w {
				b := r.buf[r.r:end]
				r.r = end + 2
				return b, nil
			}
			searched += i
		} else {
			searched = r.w - r.r
		}
		if r.w-r.r > maxInline {
			return nil, protocolError("%s", tooLong)
		}
		if err := r.fill(r.w - r.r + 1); err != nil {
			return nil, err
		}
	}
}

func (r *Reader) multibulk() error {
	b, err := r.line("too big mbulk count string")
	if err != nil {
		return err
	}
	n, ok := parseInt(b[1:])
	switch {
	case !ok || n > math.MaxInt32:
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
	b, err := r.line("too big bulk count string")
	if err != nil {
		return err
	}
	if len(b) == 0 || b[0] != '$' {
		c := byte('\r')
		if len(b) > 0 {
			c = b[0]
		}
		return protocolError("expected '$', got '%c'", c)
	}
	n, ok := parseInt(b[1:])
	if !ok || n < 0 || n > r.bulkLimit() {
		return protocolError("invalid bulk length")
	}
	if n > authBulk && r.Limits.Auth {
		return protocolError("unauthenticated bulk length")
	}
	if err := r.fill(int(n) + 2); err != nil {
		return err
	}
	r.spans = append(r.spans, span{r.r - r.start, int(n)})
	r.r += int(n) + 2
	return nil
}

// inline reads a command typed as one line of words.
func (r *Reader) inline() error {
	for searched := 0; ; {
		i := bytes.IndexByte(r.buf[r.r+searched:r.w], '\n')
		if i >= 0 {
			line := r.buf[r.r : r.r+searched+i]
			r.r += searched + i + 1
			return r.split(bytes.TrimSuffix(line, []byte{'\r'}))
		}
		searched = r.w - r.r
		if searched > maxInline {
			return protocolError("too big inline request")
		}
		if err := r.fill(searched + 1); err != nil {
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

// parseInt reads the decimal number of a header.
func parseInt(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 19 {
		return 0, false
	}
	neg := b[0] == '-'
	digits := b
	if neg {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 || len(digits) > 1 && digits[0] == '0' || neg && digits[0] == '0' {
		return 0, false
	}
	var n int64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}
