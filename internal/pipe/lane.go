package pipe

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// lane is one way of a pipe: bytes that one side writes and the other reads.
type lane struct {
	window int // bytes that may wait, 0 for any number

	mu     sync.Mutex
	change sync.Cond // of anything below
	buf    []byte    // written and not read, from head on
	head   int
	busy   bool // a Write is under way: others wait for their turn
	writer side
	reader side
}

// side is the writer's or the reader's end of a lane.
type side struct {
	closed   bool
	late     bool // its deadline has passed
	deadline *time.Timer
	set      int // how often: a timer that was replaced is known by it
}

// keep is how much memory an empty lane keeps for what comes next.
const keep = 64 << 10

func newLane(window int) *lane {
	l := &lane{window: window}
	l.change.L = &l.mu
	return l
}

// err is why the side cannot go on, if it cannot.
func (s *side) err() error {
	switch {
	case s.closed:
		return net.ErrClosed
	case s.late:
		return os.ErrDeadlineExceeded
	}
	return nil
}

func (l *lane) read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		switch err := l.reader.err(); {
		case err != nil:
			return 0, err
		case len(p) == 0:
			return 0, nil
		case l.waiting() > 0:
			return l.take(p), nil
		case l.writer.closed:
			return 0, io.EOF
		}
		l.change.Wait()
	}
}

func (l *lane) write(p []byte) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.busy && l.writable() == nil {
		l.change.Wait()
	}
	if err := l.writable(); err != nil {
		return 0, err
	}
	l.busy = true
	defer l.leaveTurn()
	for n = l.put(p); n < len(p); n += l.put(p[n:]) {
		l.change.Wait()
		if err := l.writable(); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (l *lane) leaveTurn() {
	l.busy = false
	l.change.Broadcast()
}

// try is write without waiting.
func (l *lane) try(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.writable(); err != nil || l.busy {
		return 0, err
	}
	return l.put(p), nil
}

// writable is why nothing can be written, if so. mu is held, as for all below.
func (l *lane) writable() error {
	if err := l.writer.err(); err != nil {
		return err
	}
	if l.reader.closed {
		return io.ErrClosedPipe
	}
	return nil
}

func (l *lane) waiting() int { return len(l.buf) - l.head }

// put keeps what the window has room for.
func (l *lane) put(p []byte) int {
	if l.window > 0 {
		p = p[:min(len(p), max(l.window-l.waiting(), 0))]
	}
	if len(p) == 0 {
		return 0
	}
	if len(l.buf)+len(p) > cap(l.buf) && l.head >= len(l.buf)/2 {
		l.buf = l.buf[:copy(l.buf, l.buf[l.head:])]
		l.head = 0
	}
	l.buf = append(l.buf, p...)
	l.change.Broadcast()
	return len(p)
}

// take moves bytes to the reader.
func (l *lane) take(p []byte) int {
	n := copy(p, l.buf[l.head:])
	l.head += n
	if l.waiting() == 0 {
		l.forget(keep)
	}
	l.change.Broadcast()
	return n
}

// forget empties the lane and gives more memory than most back.
func (l *lane) forget(most int) {
	l.buf, l.head = l.buf[:0], 0
	if cap(l.buf) > most {
		l.buf = nil
	}
}

// end closes the writer's side.
func (l *lane) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.close(&l.writer)
}

// leave closes the reader's side: what was written is lost.
func (l *lane) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.close(&l.reader)
	l.forget(0)
}

func (l *lane) close(s *side) {
	s.closed = true
	s.arm(nil)
	l.change.Broadcast()
}

// setDeadline sets when a side of the lane is late, for ever if t is zero.
func (l *lane) setDeadline(s *side, t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.closed {
		return
	}
	s.arm(nil)
	d := time.Until(t)
	s.late = !t.IsZero() && d <= 0
	if d > 0 {
		set := s.set
		s.arm(time.AfterFunc(d, func() { l.ring(s, set) }))
	}
	l.change.Broadcast()
}

// arm puts a timer in the place of the one that runs.
func (s *side) arm(timer *time.Timer) {
	if s.deadline != nil {
		s.deadline.Stop()
		s.set++
	}
	s.deadline = timer
}

// ring makes a side late, unless its deadline was set anew.
func (l *lane) ring(s *side, set int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.set == set && !s.closed {
		s.late = true
		l.change.Broadcast()
	}
}
