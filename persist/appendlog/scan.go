package appendlog

import (
	"errors"
	"io"

	"github.com/residedb/reside/persist"
)

// readAtOnce is how many bytes of a segment are read at once.
const readAtOnce = 1 << 20

// scanner reads the records of a segment, from the first on.
type scanner struct {
	from   io.Reader // at buf's end
	size   int64     // of the segment
	seed   uint64
	last   int64 // the position of the record before
	offset int64 // in the file, of what comes next
	buf    []byte
	at     int // what comes next in buf
}

// errBad: what comes next is not a record.
var errBad = errors.New("not a record")

// next returns the next record, borrowed until the one after it; io.EOF behind the last
// one; errBad if there is something else, at offset.
func (s *scanner) next() (r persist.Record, err error) {
	left := s.size - s.offset
	if left == 0 {
		return r, io.EOF
	}
	if left < headSize {
		return r, errBad
	}
	if err := s.fill(headSize); err != nil {
		return r, err
	}
	h := parseHead(s.buf[s.at:])
	if h.length > left-headSize || h.position != s.last+1 {
		return r, errBad
	}
	n := headSize + int(h.length)
	if err := s.fill(n); err != nil {
		return r, err
	}
	b := s.buf[s.at : s.at+n : s.at+n]
	if !h.is(b, s.seed) {
		return r, errBad
	}
	s.at += n
	s.offset += int64(n)
	s.last++
	return h.record(b), nil
}

// fill makes sure that the next n bytes, which the file has, are in buf.
func (s *scanner) fill(n int) error {
	if len(s.buf)-s.at >= n {
		return nil
	}
	rest := copy(s.buf, s.buf[s.at:])
	if cap(s.buf) < n {
		bigger := make([]byte, rest, max(n, readAtOnce))
		copy(bigger, s.buf[:rest])
		s.buf = bigger
	}
	s.at, s.buf = 0, s.buf[:rest]
	for len(s.buf) < n {
		m, err := s.from.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+m]
		if err != nil && len(s.buf) < n {
			if err == io.EOF {
				return io.ErrUnexpectedEOF // the file was longer before
			}
			return err
		}
	}
	return nil
}

// wholeAfter reports whether there is a whole record somewhere behind an offset, whose
// position comes behind last. At most one is likely to be tried for its checksum: other
// bytes hardly ever look like a position that can be there.
func wholeAfter(f io.ReaderAt, offset, size, last int64, seed uint64) (bool, error) {
	block := make([]byte, readAtOnce+headSize)
	for ; offset+headSize <= size; offset += readAtOnce {
		n, err := f.ReadAt(block[:min(int64(len(block)), size-offset)], offset)
		if err != nil && err != io.EOF {
			return false, err
		}
		for i := 0; i < readAtOnce && i+headSize <= n; i++ {
			h := parseHead(block[i:])
			from := offset + int64(i)
			if h.position <= last || h.position-last > 1+(size-offset)/headSize+int64(i) || h.length > size-from-headSize {
				continue
			}
			b := make([]byte, headSize+h.length)
			if _, err := f.ReadAt(b, from); err != nil && err != io.EOF {
				return false, err
			}
			if h.is(b, seed) {
				return true, nil
			}
		}
	}
	return false, nil
}
