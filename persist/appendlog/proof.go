package appendlog

import (
	"fmt"

	"github.com/residedb/reside/persist"
)

// torn decides what it means that the last segment has something that is no record, where
// reading has stopped: nil if it is a tail that may be cut off, as nothing says that it
// was durable.
func (r *reader) torn() (*persist.DamageError, error) {
	if r.last < r.head.durable {
		return r.damage(fmt.Sprintf("its header says that it was durable up to %d", r.head.durable)), nil
	}
	if r.why == "" {
		return nil, nil
	}
	at, why, err := r.proof()
	if err != nil || why == "" {
		return nil, err
	}
	return r.damage(fmt.Sprintf("%s, at offset %d", why, at)), nil
}

// search looks for records at any place of a file.
type search struct {
	*reader
	window []byte
	from   int64 // where the window is in the file
	memory []byte
	budget int64 // how many bytes may be summed up
}

// proof searches what is behind the end of the whole records for one that was written
// when the one that is missing was durable; why is "" if there is none. It looks at each
// byte once, and sums up no more than 16 times as many. Only what is made to look like
// records on purpose needs more: it is taken for damage.
func (r *reader) proof() (at int64, why string, err error) {
	left := r.size - r.offset
	memory := make([]byte, 2*min(blockSize, left))
	half := len(memory) / 2
	s := search{reader: r, window: memory[:0:half], memory: memory[half:], budget: 16 * left}
	for at = r.offset + 1; at+headSize+minBody <= r.size; {
		n, err := s.candidate(at)
		if err != nil {
			return 0, "", err
		}
		if n == 0 {
			at++
			continue
		}
		if s.budget -= n; s.budget < 0 {
			return at, "too much behind it looks like records", nil
		}
		m, err := s.marksAt(at, n)
		switch {
		case err != nil:
			return 0, "", err
		case m.position <= r.last: // not whole, or bytes of an effect
			at++
		case m.durable > r.last:
			return at, "what was written behind it says that it was durable", nil
		default:
			at += n
		}
	}
	return 0, "", nil
}

// candidate returns how many bytes a record takes that may begin at some place, 0 if none
// does. Places come in order.
func (s *search) candidate(at int64) (n int64, err error) {
	if at+headSize > s.from+int64(len(s.window)) {
		s.from = at
		s.window = s.window[:min(int64(cap(s.window)), s.size-at)]
		if err := readFull(s.file, s.window, at); err != nil {
			return 0, err
		}
	}
	n, ok := lengthIn(s.window[at-s.from:], s.salt, s.size-at)
	if !ok {
		return 0, nil
	}
	return n, nil
}

// marksAt returns the numbers of the record at some place, none if it is not whole.
func (s *search) marksAt(at, size int64) (m marks, err error) {
	whole, err := s.sumAt(at, size, s.memory)
	if err != nil || !whole {
		return marks{}, err
	}
	b := s.memory[:min(size, maxHead, int64(len(s.memory)))]
	if err := readFull(s.file, b, at); err != nil {
		return marks{}, err
	}
	m, _ = s.marksIn(b[headSize:])
	return m, nil
}
