package resp

import "github.com/residedb/reside/internal/server"

// Hook sees clients and their commands before a server serves them, and may
// interfere: a log of commands, faults in a test. Its methods are called from many
// goroutines at a time. A client waits until they return; nobody else does.
type Hook = server.Hook

// Call is a command that a client has sent, before it is run. It is valid until
// Hook.Command returns.
type Call = server.Call

// Verdict is what a Hook wants done with a command. The zero value lets it run.
type Verdict = server.Verdict

// Cut is where a Verdict ends a connection.
type Cut = server.Cut

// The places of a Cut. Replies to earlier commands are sent first.
const (
	CutNever  = server.CutNever  // the connection goes on
	CutBefore = server.CutBefore // the command is not run
	CutAfter  = server.CutAfter  // it is run, and nothing of its reply sent
	CutWithin = server.CutWithin // it is run, and the first half of its reply sent
)
