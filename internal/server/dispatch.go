package server

import (
	"errors"
	"strings"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// Errors about connections, with Redis's texts.
var (
	errNoAuth  = arg.Error{Code: "NOAUTH", Text: "Authentication required."}
	errLeft    = errors.New("the client has left")
	errNoMulti = arg.Errf("Command not allowed inside a transaction")
)

// dispatch runs one command and writes its reply.
func (c *conn) dispatch(argv [][]byte) {
	c.takePushes()
	c.mark = c.out.Len()
	if c.srv.pause.on.Load() {
		argv = cloneArgs(argv)
	}
	cmd, rest, err := c.find(argv)
	if err == nil {
		if id := int32(cmd.ID) + 1; c.cmd.Load() != id {
			c.cmd.Store(id)
		}
		err = c.admit(cmd)
	}
	var cut Cut
	if c.srv.opt.Hook != nil {
		cut, err = c.ask(cmd, argv, err)
	}
	switch {
	case cut == CutBefore || err == errLeft:
		c.quit = true
	case cmd == nil && fromBrowser(argv[0]):
		c.cutOff()
	case err != nil:
		c.reject(cmd, err)
	case c.multi != nil && !cmd.Meta().Flags.Has(command.Immediate):
		c.enqueue(cmd, rest)
	default:
		c.tally.begin(cmd.ID)
		if err := c.run(cmd, rest); err != nil {
			c.fail(cmd, err)
		}
		c.tally.count(cmd.ID)
	}
	c.mute.apply(&c.out, c.mark)
	if cut > CutBefore {
		c.shorten(cut)
	}
	c.endCaching(cmd)
}

// fromBrowser reports whether the word begins a line of HTTP: a web page that sends
// commands in the body of a request must not get that far.
func fromBrowser(word []byte) bool {
	w := lower(word[:min(len(word), 6)])
	return w == "post" || w == "host:"
}

// admit makes the checks that come before a command is run or queued, in Redis's
// order.
func (c *conn) admit(cmd *command.Named) error {
	flags := cmd.Meta().Flags
	switch {
	case flags.Has(command.Protected) && !c.srv.opt.Debug:
		return errDebugOff
	case !c.user && !flags.Has(command.NoAuth):
		return errNoAuth
	case c.multi != nil && flags.Has(command.NoMulti):
		return errNoMulti
	}
	if err := c.srv.eng.MakeRoom(); err != nil && c.needsMemory(flags) {
		return err
	}
	if c.srv.pause.on.Load() && !c.srv.pause.wait(c, flags) {
		return errLeft
	}
	return c.admitWrite(cmd)
}

// needsMemory reports whether the command must be refused when the memory is
// used up. What is queued takes memory too.
func (c *conn) needsMemory(flags command.Flags) bool {
	if c.multi == nil {
		return flags.Has(command.DenyOOM)
	}
	return !flags.Has(command.Immediate) || c.multi.flags.Has(command.DenyOOM) && flags.Has(command.RunsQueue)
}

// reject answers a command that is not run. It spoils a transaction.
func (c *conn) reject(cmd *command.Named, err error) {
	if cmd != nil {
		c.srv.stats.commands[cmd.ID].rejected.Add(1)
	}
	switch {
	case cmd != nil && cmd.Meta().Flags.Has(command.RunsQueue):
		c.endMulti()
		err = abortedBy(err)
	case c.multi != nil:
		c.update(func() { c.aborted = true })
	}
	c.writeError(err)
}

// abortedBy is what EXEC answers when it is not run. A client is sent to another node
// of a cluster as by any command.
func abortedBy(err error) error {
	text := command.ErrorText(err)
	if code, _, _ := strings.Cut(text, " "); ofCluster(code) {
		return err
	}
	return arg.Error{Code: "EXECABORT", Text: "Transaction discarded because of: " + strings.TrimPrefix(text, "ERR ")}
}

// fail answers a command that was run and failed.
func (c *conn) fail(cmd *command.Named, err error) {
	c.srv.stats.commands[cmd.ID].failed.Add(1)
	c.writeError(err)
}

func (c *conn) writeError(err error) {
	text := command.ErrorText(err)
	c.srv.stats.fail(text)
	c.out.Error(text)
}

// call is the connection's place for the arguments of a command.
func (c *conn) call(cmd *command.Named) command.Call {
	if c.calls[cmd.ID] == nil {
		c.calls[cmd.ID] = cmd.NewCall()
	}
	return c.calls[cmd.ID]
}

// run runs a command outside a transaction.
func (c *conn) run(cmd *command.Named, argv [][]byte) error {
	call := c.call(cmd)
	if err := call.Decode(&c.walker, argv, c.db); err != nil {
		return err
	}
	if s, ok := call.(command.SessionCall[*conn]); ok {
		return s.Serve(c, &c.out)
	}
	flags := cmd.Meta().Flags
	tx := c.srv.eng.Begin(c.walker.Keys, flags.Has(command.WholeStore), false)
	if flags.Has(command.DenyOOM) && tx.Crowded() {
		var err error
		if tx, err = tx.MakeRoom(); err != nil {
			c.owe(tx.Commit())
			return err
		}
	}
	c.stamp(tx, flags)
	keyed := call.(command.Keyed)
	err := keyed.Run(tx, &c.out)
	for err == engine.ErrRestart {
		tx = tx.Restart()
		c.stamp(tx, flags)
		err = keyed.Run(tx, &c.out)
	}
	c.remember(tx, flags)
	if err == engine.ErrEmpty {
		return c.block(tx, cmd, argv)
	}
	c.owe(tx.Commit())
	c.trim()
	return err
}

// stamp says who works, and when the keys that the transaction finds were used:
// the batch's time, or not at all for a client that is not to leave traces.
func (c *conn) stamp(tx *engine.Tx, flags command.Flags) {
	tx.By(c.tracker)
	if c.noTouch && !flags.Has(command.Touches) {
		tx.Stamp(0)
		return
	}
	tx.Stamp(uint32(c.seen.Load() / 1000))
}

// whole runs f in a transaction that holds the whole store: the client's own
// while EXEC runs.
func (c *conn) whole(f func(tx *engine.Tx)) {
	if c.tx != nil {
		f(c.tx)
		return
	}
	tx := c.srv.eng.Begin(nil, true, false)
	f(tx)
	c.owe(tx.Commit())
}

// muting is what CLIENT REPLY asked for.
type muting uint8

const (
	loud      muting = iota
	skipNext         // the reply of CLIENT REPLY SKIP itself is left out
	skipThis         // and that of the command after it
	skipEvery        // CLIENT REPLY OFF
)

// apply drops what was written since mark if the client does not want it.
func (m *muting) apply(out *wire.Writer, mark int) {
	if *m == loud {
		return
	}
	out.Buf = out.Buf[:mark]
	switch *m {
	case skipNext:
		*m = skipThis
	case skipThis:
		*m = loud
	}
}
