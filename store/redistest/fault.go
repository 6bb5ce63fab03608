package redistest

import (
	"fmt"
	"time"

	"github.com/residedb/reside/store/resp"
)

// Fault is something that goes wrong by a rule: which commands it meets, which of
// those it strikes, and what happens to them. What is left out of the first two
// restricts nothing.
//
//	fake.Fault(redistest.Fault{Error: redistest.Loading, First: 2})
//	fake.Fault(redistest.Fault{Command: "GET", Key: "user:*", Delay: time.Second})
//	fake.Fault(redistest.Fault{Command: "EXEC", Nth: 3, Cut: redistest.CutAfter})
//	fake.Fault(redistest.Fault{Client: "worker", Probability: 0.1, Seed: 1, Cut: redistest.CutBefore})
//	fake.Fault(redistest.Fault{Refuse: true, First: 1})
//
// Every fault works by itself. Where several strike the same command, their delays
// add up, the error of the earliest fault and the earliest cut hold. A command
// that the server refuses anyway, for a wrong number of arguments or a missing
// password, is met by none.
type Fault struct {
	// Command is a name in any case: "GET", "CONFIG" with all its subcommands,
	// "CONFIG|SET" or "CONFIG SET". Without it an Error that Redis has for a state of
	// the server strikes the commands that Redis refuses in that state: Loading all
	// but a few as AUTH and INFO, ReadOnly those that write, Moved those with keys.
	// Everything else strikes any command, also what clients send on their own when
	// they connect, as HELLO.
	Command string
	// Key is a pattern, as of KEYS, which one of the command's keys has to match.
	Key string
	// Client is a pattern which the connection's name (CLIENT SETNAME) has to match.
	Client string

	// Nth strikes a single one of the commands that it meets, counted from 1.
	Nth int
	// First strikes the first of them.
	First int
	// Every strikes each nth of them.
	Every int
	// Probability, from 0 to 1, strikes by chance; 0 is 1. Nth, First and Every count
	// before chance does.
	Probability float64
	// Seed begins the numbers of chance: with the same one, and the same commands in
	// the same order, the same are struck.
	Seed uint64

	// Delay holds the command back on the store's clock, which is virtual inside a
	// bubble of testing/synctest. As on a slow server the command runs even if its
	// client has given up by then.
	Delay time.Duration
	// Error is the reply instead of running the command, a code and a text. There are
	// constants for those of Redis. In MULTI it is an error of queueing, and EXEC will
	// fail with EXECABORT.
	Error string
	// Cut ends the connection.
	Cut Cut
	// Refuse meets new connections in place of commands, so it goes without Command,
	// Key and Client and with no other effect. Dial fails with syscall.ECONNREFUSED; a
	// client of the real port is let in by the system and reset at once.
	Refuse bool
}

// Cut is where a connection ends. Replies to earlier commands arrive.
type Cut = resp.Cut

// The places of a Cut.
const (
	CutBefore = resp.CutBefore // the command is not run
	CutAfter  = resp.CutAfter  // it is run, and its reply lost
	CutWithin = resp.CutWithin // it is run, and only the first half of its reply arrives
)

// Fault makes a fault happen until its rule is removed. A fault that makes no sense
// ends the test. With Fault{Refuse: true} new connections are refused and the old
// ones stay.
func (s *Server) Fault(f Fault) *Rule {
	s.t.Helper()
	err := f.check()
	if err == nil && f.Command != "" {
		err = s.knows(words(f.Command))
	}
	if err != nil {
		s.t.Fatalf("redistest: Fault: %v", err)
	}
	return s.faults.add(f)
}

// check says what is wrong with a fault.
func (f *Fault) check() error {
	selects := f.Command != "" || f.Key != "" || f.Client != ""
	acts := f.Delay != 0 || f.Error != "" || f.Cut != resp.CutNever
	switch {
	case f.Nth < 0 || f.First < 0 || f.Every < 0 || f.Delay < 0:
		return fmt.Errorf("a negative number in %+v", *f)
	case f.Probability < 0 || f.Probability > 1:
		return fmt.Errorf("the probability %v is not between 0 and 1", f.Probability)
	case f.Cut > resp.CutWithin:
		return fmt.Errorf("there is no cut %d", f.Cut)
	case f.Refuse && (selects || acts):
		return fmt.Errorf("Refuse is about new connections, the rest of %+v about commands", *f)
	case !f.Refuse && !acts:
		return fmt.Errorf("nothing happens in %+v", *f)
	}
	return checkError(f.Error)
}
