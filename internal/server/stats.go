package server

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// stats count what the server does.
type stats struct {
	commands []commandStats // by the command's ID

	connections atomic.Int64 // accepted
	rejected    atomic.Int64 // for being too many
	received    atomic.Int64 // bytes of commands
	sent        atomic.Int64 // bytes of replies

	mu     sync.Mutex
	errors map[string]int64 // replies by their code
}

// commandStats count the calls of one command.
type commandStats struct {
	calls, nanos, rejected, failed atomic.Int64
}

// maxErrorCodes bounds how many codes are told apart; a client makes none up, but
// what an error begins with may come from a caller.
const maxErrorCodes = 128

// fail counts an error by the code that the reply begins with.
func (s *stats) fail(text string) {
	code, _, _ := strings.Cut(text, " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.errors == nil {
		s.errors = map[string]int64{}
	}
	if _, known := s.errors[code]; known || len(s.errors) < maxErrorCodes {
		s.errors[code]++
	}
}

// total sums a count over all commands.
func (s *stats) total(of func(*commandStats) *atomic.Int64) int64 {
	var n int64
	for i := range s.commands {
		n += of(&s.commands[i]).Load()
	}
	return n
}

// errorReplies is how many errors were sent.
func (s *stats) errorReplies() (n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, count := range s.errors {
		n += count
	}
	return n
}

// reset sets the counters to 0 (Redis: CONFIG RESETSTAT).
func (s *stats) reset() {
	for i := range s.commands {
		c := &s.commands[i]
		for _, n := range []*atomic.Int64{&c.calls, &c.nanos, &c.rejected, &c.failed} {
			n.Store(0)
		}
	}
	for _, n := range []*atomic.Int64{&s.connections, &s.rejected, &s.received, &s.sent} {
		n.Store(0)
	}
	s.mu.Lock()
	s.errors = nil
	s.mu.Unlock()
}

// tally gathers a connection's calls of one command in a row, so that a pipeline
// of equal commands touches the shared counters, and the clock, once.
type tally struct {
	stats *stats
	cmd   int
	calls int64
	begun time.Time     // of the batch, zero between batches
	at    time.Duration // since begun: when the first of the calls began
}

// idle reports whether no batch is running.
func (t *tally) idle() bool { return t.begun.IsZero() }

func (t *tally) start() { t.begun, t.at = time.Now(), 0 }

// begin says which command runs from now on.
func (t *tally) begin(cmd int) {
	if cmd != t.cmd {
		t.hand()
		t.cmd = cmd
	}
}

// count adds one call that has ended.
func (t *tally) count(cmd int) {
	t.begin(cmd)
	t.calls++
}

// hand adds the calls that have ended to the shared counters.
func (t *tally) hand() {
	now := time.Since(t.begun)
	if t.calls > 0 {
		c := &t.stats.commands[t.cmd]
		c.calls.Add(t.calls)
		c.nanos.Add(int64(now - t.at))
	}
	t.calls, t.at = 0, now
}

// publish ends the batch.
func (t *tally) publish() {
	if !t.idle() {
		t.hand()
		t.begun = time.Time{}
	}
}
