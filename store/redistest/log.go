package redistest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// Bounds of what a fake remembers of its clients' commands.
const (
	defaultCommands = 10_000
	maxCommandBytes = 64 << 20
	shownCommands   = 20 // by a failing test
)

// log is what a fake remembers of its clients' commands.
type log struct {
	limit     int
	mu        sync.Mutex
	all       Commands
	bytes     int
	forgotten int // for want of room
}

func (l *log) add(c Command) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, c)
	l.bytes += c.size()
	n := 0
	for len(l.all)-n > l.limit || l.bytes > maxCommandBytes && len(l.all)-n > 1 {
		l.bytes -= l.all[n].size()
		n++
	}
	if n > 0 {
		clear(l.all[:n])
		l.all = l.all[n:]
		l.forgotten += n
	}
}

// size is about how much memory a command takes.
func (c *Command) size() int {
	n := 160
	for _, w := range c.Words {
		n += len(w) + 16
	}
	return n
}

// Commands are the last commands that clients have sent: at most Options.Commands of
// them, and at most 64 MiB. Those of Load are not among them.
func (s *Server) Commands() Commands {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.all)
}

// ForgetCommands begins anew: Commands is empty after it.
func (s *Server) ForgetCommands() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.all, s.log.bytes, s.log.forgotten = nil, 0, 0
}

// Count is how many of Commands begin with the words: Count("SET", "user:1").
func (s *Server) Count(words ...string) int { return len(s.Commands().Of(words...)) }

// Saw fails the test, which goes on, unless a client has sent a command that begins
// with the words: Saw(t, "SET", "user:1"). It reports whether one has.
func (s *Server) Saw(t testing.TB, words ...string) bool {
	t.Helper()
	if s.Count(words...) > 0 {
		return true
	}
	t.Errorf("redistest: no client sent %s\n%s", line(words), s.recent())
	return false
}

// DidNotSee fails the test, which goes on, if a client has sent a command that begins
// with the words. It reports whether none has.
func (s *Server) DidNotSee(t testing.TB, words ...string) bool {
	t.Helper()
	seen := s.Commands().Of(words...)
	if len(seen) == 0 {
		return true
	}
	t.Errorf("redistest: a client sent %s\n%v", line(words), seen[:min(len(seen), shownCommands)])
	return false
}

// recent tells of the last commands.
func (s *Server) recent() string {
	all := s.Commands()
	s.log.mu.Lock()
	earlier := s.log.forgotten
	s.log.mu.Unlock()
	last := all[max(len(all)-shownCommands, 0):]
	if len(last) == 0 {
		return "clients have sent no commands"
	}
	text := fmt.Sprintf("the last %d of %d commands:\n%v", len(last), len(all)+earlier, last)
	if earlier > 0 {
		text += fmt.Sprintf("  (%d are not remembered, see Options.Commands)\n", earlier)
	}
	return text
}

// tell makes a failed test show the last commands.
func (s *Server) tell() {
	if s.t.Failed() && len(s.Commands()) > 0 {
		s.t.Helper()
		s.t.Logf("redistest: %s", s.recent())
	}
}
