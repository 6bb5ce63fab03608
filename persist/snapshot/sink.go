package snapshot

import (
	"io"
	"sync"
	"sync/atomic"
)

const (
	sinkSize = 512 << 10 // bytes that are written at once, at least
	sinkBig  = 256 << 10 // payloads from here on are not copied first
)

// sink puts frames one behind the other and writes them in big pieces. Whoever fills the
// buffer writes it, while others go on with the second one:
//
//	     mu                       wr
//	┌──────────────┐   full    ┌──────────────┐   Write
//	│ buf ▒▒▒▒▒    │ ────────▸ │ buf ▒▒▒▒▒▒▒▒ │ ────────▸ io.Writer
//	└──────────────┘ ◂──────── └──────────────┘
//	                   spare
//
// wr is taken while mu is held, and given back after it. That keeps the order, and makes
// all wait who are faster than the disk.
type sink struct {
	mu  sync.Mutex
	buf []byte

	wr    sync.Mutex
	to    io.Writer
	spare []byte

	err atomic.Pointer[error] // the first one, for ever
}

func newSink(to io.Writer) *sink {
	const size = sinkSize + sinkBig + headSize // what one put can make of it
	return &sink{to: to, buf: make([]byte, 0, size), spare: make([]byte, 0, size)}
}

// put adds a head and its payload. Under the lock that gives frames their order it calls
// count. It returns the first error that any write had.
func (s *sink) put(head, payload []byte, count func()) error {
	s.mu.Lock()
	if err := s.failure(); err != nil {
		s.mu.Unlock()
		return err
	}
	count()
	s.buf = append(s.buf, head...)
	if len(payload) >= sinkBig {
		return s.drain(payload)
	}
	s.buf = append(s.buf, payload...)
	if len(s.buf) >= sinkSize {
		return s.drain(nil)
	}
	s.mu.Unlock()
	return nil
}

// flush writes what is there.
func (s *sink) flush() error {
	s.mu.Lock()
	return s.drain(nil)
}

// drain writes the buffer and what follows it. It gives mu back.
func (s *sink) drain(more []byte) error {
	s.wr.Lock()
	defer s.wr.Unlock()
	full := s.buf
	s.buf = s.spare[:0]
	s.mu.Unlock()
	s.write(full)
	s.write(more)
	s.spare = full
	return s.failure()
}

func (s *sink) write(b []byte) {
	if len(b) == 0 || s.failure() != nil {
		return
	}
	n, err := s.to.Write(b)
	if err == nil && n != len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		s.fail(err)
	}
}

// fail lets nothing be written any more.
func (s *sink) fail(err error) { s.err.CompareAndSwap(nil, &err) }

// stop is fail, and waits until no write is under way.
func (s *sink) stop(err error) {
	s.fail(err)
	s.wr.Lock()
	defer s.wr.Unlock()
}

func (s *sink) failure() error {
	if err := s.err.Load(); err != nil {
		return *err
	}
	return nil
}
