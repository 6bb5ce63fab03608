package server

import (
	"net"
	"strings"
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
)

// Hook sees clients and their commands before the server serves them, and may
// interfere. Its methods are called from the connections' goroutines, many at a
// time, with nothing locked; a client's next command waits until they return.
type Hook interface {
	// Connect is asked whether the connection of a new client is to be served. One
	// that is not is closed at once, on TCP with a reset.
	Connect(remote net.Addr) bool
	// Command is asked what to do with a command, in MULTI when it is to be queued and
	// again for EXEC as a whole.
	Command(c Call) Verdict
}

// Call is a command that a client has sent, before it is run.
type Call struct {
	ClientID   int64    // CLIENT ID
	Remote     net.Addr // where the client is
	ClientName string   // as CLIENT SETNAME or HELLO SETNAME named the connection, "" if none did
	DB         int
	Name       string   // in lower case, a subcommand as "config|get"
	Args       [][]byte // every word that was sent, borrowed until Command returns
	Refused    string   // the error that the client gets whatever the hook says, "" if none

	conn *conn
	cmd  *command.Named // nil if there is none of that name
}

// Verdict is what to do with a command. The zero value lets it run. The parts add up:
// an error may come late and be cut off.
type Verdict struct {
	// Delay holds the command back, on the store's clock. Like a slow server it does not
	// care whether the client is still there when it is over.
	Delay time.Duration
	// Error is the reply instead of running the command, "CODE text" without line ends.
	// As an error at this point does in Redis, it spoils a transaction.
	Error string
	// Cut ends the connection.
	Cut Cut
}

// Cut is where a connection ends.
type Cut uint8

// The places of a Cut. Replies to earlier commands are sent first.
const (
	CutNever  Cut = iota
	CutBefore     // the command is not run
	CutAfter      // it is run, and nothing of its reply sent
	CutWithin     // it is run, and the first half of its reply sent
)

// Keys are the words of the command that are keys, those of all queued commands for
// EXEC. The bytes are borrowed as the arguments are.
func (c Call) Keys() (keys [][]byte) {
	for cmd, argv := range c.each() {
		for _, k := range c.conn.keysIn(cmd, argv) {
			keys = append(keys, argv[k.at])
		}
	}
	return keys
}

// each yields the command or, for EXEC, itself and the commands that it would run.
func (c Call) each() func(yield func(*command.Named, [][]byte) bool) {
	return func(yield func(*command.Named, [][]byte) bool) {
		if c.cmd == nil || !c.cmd.Spec.Fits(len(c.Args)) || !yield(c.cmd, c.Args) {
			return
		}
		if m := c.conn.multi; m != nil && c.cmd.Meta().Flags.Has(command.RunsQueue) {
			for _, q := range m.queue {
				name := strings.Split(q.cmd.Meta().Name, "|")
				argv := make([][]byte, 0, len(name)+len(q.argv))
				for _, word := range name {
					argv = append(argv, []byte(word))
				}
				if !yield(q.cmd, append(argv, q.argv...)) {
					return
				}
			}
		}
	}
}

// Refusable reports whether a Redis that is in the state which the error tells of
// ("LOADING ...") would refuse the command with it: while loading all but a few,
// on a replica those that write. An error of another code may meet any command.
func (c Call) Refusable(err string) bool {
	code, _, _ := strings.Cut(err, " ")
	if code == "OOM" {
		return c.cmd != nil && c.conn.needsMemory(c.cmd.Meta().Flags)
	}
	for cmd := range c.each() {
		if refuses(code, cmd) {
			return true
		}
	}
	return false
}

// refuses is Refusable for a single command.
func refuses(code string, cmd *command.Named) bool {
	flags := cmd.Meta().Flags
	switch code {
	case "LOADING":
		return !flags.Has(command.Loading)
	case "MASTERDOWN":
		return !flags.Has(command.Stale)
	case "BUSY":
		return !flags.Has(command.AllowBusy)
	case "NOAUTH":
		return !flags.Has(command.NoAuth)
	case "READONLY", "NOREPLICAS":
		return flags.Has(command.Write)
	case "MISCONF":
		return flags.Has(command.Write) || cmd.Meta().Name == "ping"
	}
	return !ofCluster(code) || len(cmd.Spec.Keys) > 0
}

// ofCluster reports whether the error is about where keys are.
func ofCluster(code string) bool {
	switch code {
	case "MOVED", "ASK", "TRYAGAIN", "CROSSSLOT", "CLUSTERDOWN":
		return true
	}
	return false
}

// ask asks the hook about a command, waits if it wants that, and returns where the
// connection is to end and what to answer instead of running the command.
func (c *conn) ask(cmd *command.Named, argv [][]byte, refused error) (Cut, error) {
	if refused == errLeft {
		return CutNever, refused
	}
	call := Call{ClientID: c.id, Remote: c.net.RemoteAddr(), ClientName: c.name, DB: c.db, Args: argv, conn: c, cmd: cmd}
	if cmd != nil {
		call.Name = cmd.Meta().Name
	} else {
		call.Name = lower(argv[0])
	}
	if refused != nil {
		call.Refused = command.ErrorText(refused)
	}
	v := c.srv.opt.Hook.Command(call)
	if v.Delay > 0 && !c.delay(v.Delay) {
		return CutBefore, errLeft
	}
	if refused == nil && v.Error != "" {
		code, text, _ := strings.Cut(v.Error, " ")
		refused = arg.Error{Code: code, Text: text}
	}
	return v.Cut, refused
}

// delay waits, after what was answered so far is sent. It reports false when the
// connection ends there, or was cut off meanwhile.
func (c *conn) delay(d time.Duration) bool {
	if !c.flush() {
		return false
	}
	c.shift.handOver()
	over := make(chan struct{})
	timer := c.srv.eng.Clock().AfterFunc(d, func() { close(over) })
	defer timer.Stop()
	select {
	case <-over:
		c.arrive()
		return true
	case <-c.severed:
		return false
	}
}

// shorten ends the connection and leaves of the running command's reply what the
// client is to see.
func (c *conn) shorten(cut Cut) {
	keep := 0
	if n := c.out.Len() - c.mark; cut == CutWithin {
		keep = n / 2
	}
	c.out.Buf = c.out.Buf[:c.mark+keep]
	c.pushes.accept(false)
	c.quit = true
}

// refuse closes a connection that is not to be served.
func refuse(nc net.Conn) {
	if tcp, ok := nc.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = nc.Close()
}
