package rdb

import (
	"errors"
	"fmt"
	"io"

	"github.com/residedb/reside/persist"
)

// inputSize is how much is read at once. Room for more is made when so many bytes have
// come.
const inputSize = 256 << 10

// input is what is read: a window over a stream, with a checksum of what has left it.
//
//	      ┌───────────┬────────────────┬───────────┐
//	buf   │ read      │ to be read     │ free      │
//	      └───────────┴────────────────┴───────────┘
//	      base        pos              end
//
// The first error stays. After it every number is 0 and every slice empty, so callers may
// look for it once in a while.
type input struct {
	src  io.Reader // nil if buf is all there is
	name string    // for errors
	buf  []byte
	pos  int
	end  int
	base int64 // the offset of buf[0]

	sum    uint64
	summed int // buf up to here is in sum
	err    error

	about    func() string // what is being read, for errors
	number   [20]byte      // an integer as text
	unpacked []byte        // a string that was packed
}

// bytesIn is an input of bytes that are all there. Slices of it stay what they are.
func bytesIn(b []byte, name string) input { return input{buf: b, end: len(b), name: name} }

// offset is where the next byte is.
func (in *input) offset() int64 { return in.base + int64(in.pos) }

// have makes sure that n more bytes are in the window.
func (in *input) have(n int) bool {
	for in.end-in.pos < n {
		if in.err != nil {
			return false
		}
		in.fill(n)
	}
	return in.err == nil
}

// fill reads some more, for whoever needs n bytes.
func (in *input) fill(n int) {
	if in.src == nil {
		in.damaged("it ends in the middle")
		return
	}
	in.digest()
	if in.pos > 0 {
		copy(in.buf, in.buf[in.pos:in.end])
		in.base += int64(in.pos)
		in.end -= in.pos
		in.pos, in.summed = 0, 0
	}
	if in.end == len(in.buf) {
		in.buf = append(make([]byte, 0, min(max(2*in.end, inputSize), max(n, inputSize))), in.buf...)
		in.buf = in.buf[:cap(in.buf)]
	}
	for range 100 {
		m, err := in.src.Read(in.buf[in.end:])
		in.end += m
		switch {
		case m > 0:
			return // an error comes again
		case errors.Is(err, io.EOF):
			in.damaged("it ends in the middle")
			return
		case err != nil:
			in.fail(fmt.Errorf("rdb: %s cannot be read at offset %d: %w", in.name, in.offset(), err))
			return
		}
	}
	in.fail(io.ErrNoProgress)
}

// digest adds to the checksum what was read.
func (in *input) digest() {
	in.sum = crcOf(in.sum, in.buf[in.summed:in.pos])
	in.summed = in.pos
}

// atEnd reports whether nothing follows.
func (in *input) atEnd() bool {
	if in.err != nil || in.pos < in.end {
		return false
	}
	if in.src == nil {
		return true
	}
	at := in.offset()
	in.fill(1)
	var d *persist.DamageError
	if errors.As(in.err, &d) && d.Offset == at {
		in.err = nil
		return true
	}
	return false
}

// transferMark reports whether only the 40 hexadecimal digits follow by which a server
// that sends a file without its length marks the end: some keep them with the file.
func (in *input) transferMark() bool {
	const digits = 40
	if !in.have(digits) {
		return false
	}
	for _, c := range in.buf[in.pos : in.pos+digits] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	in.pos += digits
	return in.atEnd()
}

// take returns the next n bytes, which are borrowed until the next call.
func (in *input) take(n uint64) []byte {
	if n > maxString {
		in.damaged(fmt.Sprintf("a string of %d bytes, and the most are %d", n, maxString))
	}
	if !in.have(int(min(n, maxString))) {
		return nil
	}
	b := in.buf[in.pos : in.pos+int(n)]
	in.pos += int(n)
	return b
}

// maxString is the longest string that a store has.
const maxString = 512 << 20

// pass leaves n bytes out.
func (in *input) pass(n uint64) {
	for n > 0 && in.have(1) {
		m := min(n, uint64(in.end-in.pos))
		in.pos += int(m)
		n -= m
	}
}

func (in *input) byte() byte {
	if !in.have(1) {
		return 0
	}
	c := in.buf[in.pos]
	in.pos++
	return c
}

// fail keeps the first error.
func (in *input) fail(err error) {
	if in.err == nil {
		in.err = err
	}
}

// damaged fails at the next byte.
func (in *input) damaged(reason string) { in.damagedAt(in.offset(), reason) }

func (in *input) damagedAt(offset int64, reason string) {
	if in.about != nil {
		reason += in.about()
	}
	in.fail(&persist.DamageError{File: in.name, Offset: offset, Reason: reason})
}
