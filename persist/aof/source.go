package aof

import (
	"bufio"
	"errors"
	"io"
	"slices"
)

// Limits of what is read. Redis has no greater ones.
const (
	maxWord  = 512 << 20 // bytes, as many as a string has
	maxWords = 1<<31 - 1
	maxLine  = 4096 // bytes of a line that is no word
	pageSize = 64 << 10
)

// errTorn: the file ends in the middle of something.
var errTorn = errors.New("aof: it ends in the middle")

// malformed is why bytes are none of a command.
type malformed string

// Error is the reason.
func (m malformed) Error() string { return string(m) }

// source reads lines and words, and knows where it is. It returns io.EOF where nothing
// follows, errTorn where something is not whole, malformed where it cannot be, and else
// the error of the stream.
type source struct {
	in     *bufio.Reader
	offset int64 // of the next byte
	mark   int64 // of what was read last
}

func newSource(r io.Reader, offset int64) source {
	return source{in: bufio.NewReaderSize(r, pageSize), offset: offset}
}

// line reads a line, and returns it without its end; it is borrowed until the next call.
func (s *source) line() ([]byte, error) {
	s.mark = s.offset
	b, err := s.in.ReadSlice('\n')
	s.offset += int64(len(b))
	switch {
	case err == io.EOF && len(b) == 0:
		return nil, io.EOF
	case err == io.EOF:
		return b, errTorn
	case err == bufio.ErrBufferFull || err == nil && len(b) > maxLine:
		return nil, malformed("a line that is too long")
	case err != nil:
		return nil, err
	case len(b) < 2 || b[len(b)-2] != '\r':
		return nil, malformed("a line that does not end with CR and LF")
	}
	return b[:len(b)-2], nil
}

// number reads the number of a line that begins with a mark.
func (s *source) number(mark byte, most int64) (int64, error) {
	b, err := s.line()
	if err == io.EOF {
		return 0, errTorn
	}
	if err != nil && err != errTorn {
		return 0, err
	}
	return numberIn(b, mark, most, err)
}

// numberIn is the number of a line. Of one that is torn it only says whether it could be
// the beginning of one.
func numberIn(b []byte, mark byte, most int64, torn error) (n int64, err error) {
	if len(b) == 0 || b[0] != mark {
		return 0, malformed("no line that begins with " + string(mark))
	}
	digits := b[1:]
	if torn != nil && len(digits) > 0 && digits[len(digits)-1] == '\r' {
		digits = digits[:len(digits)-1]
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, malformed("a length that is no number")
		}
		if n = 10*n + int64(c-'0'); n > most {
			return 0, malformed("a length that cannot be")
		}
	}
	if torn == nil && len(digits) == 0 {
		return 0, malformed("a length that is no number")
	}
	return n, torn
}

// word reads a word behind others. The memory grows as the bytes come.
func (s *source) word(to []byte) ([]byte, error) {
	n, err := s.number('$', maxWord)
	for err == nil && n > 0 {
		step := int(min(n, pageSize))
		to = slices.Grow(to, step)
		var got int
		got, err = io.ReadFull(s.in, to[len(to):len(to)+step])
		to = to[:len(to)+got]
		s.offset += int64(got)
		n -= int64(got)
	}
	if err == nil {
		err = s.lineEnd()
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = errTorn
	}
	return to, err
}

// lineEnd reads the end of a line.
func (s *source) lineEnd() error {
	s.mark = s.offset
	for _, want := range "\r\n" {
		c, err := s.in.ReadByte()
		if err != nil {
			return err
		}
		if rune(c) != want {
			return malformed("a word that is longer than it says")
		}
		s.offset++
	}
	return nil
}
