package server

import (
	"errors"
	"net"
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// conn is one client.
type conn struct {
	srv    *Server
	net    net.Conn
	id     int64
	in     *wire.Reader
	out    wire.Writer
	walker arg.Walker
	calls  []command.Call // by the command's ID, made at its first use

	db     int
	authed bool
	quit   bool
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{srv: s, net: nc, id: s.lastID.Add(1), in: wire.NewReader(nc), calls: make([]command.Call, s.table.Len())}
	c.out.Proto = 2
	c.authed = s.opt.Password == ""
	c.in.Limits.Auth = !c.authed
	return c
}

// finish makes the connection end once it has answered what it received.
func (c *conn) finish() { _ = c.net.SetReadDeadline(time.Unix(1, 0)) }

// serve answers commands until the client leaves.
func (c *conn) serve() {
	defer func() { _ = c.net.Close() }()
	for !c.quit {
		argv, err := c.in.Next()
		if err != nil {
			c.farewell(err)
			return
		}
		c.dispatch(argv)
		if c.in.Buffered() == 0 || c.quit {
			if !c.flush() {
				return
			}
		}
	}
}

// farewell tells a client that broke the protocol, after the replies it has
// still to get.
func (c *conn) farewell(err error) {
	var bad *wire.ProtocolError
	if errors.As(err, &bad) {
		c.out.Error("ERR " + bad.Error())
	}
	c.flush()
}

func (c *conn) flush() bool {
	if c.out.Len() == 0 {
		return true
	}
	_, err := c.net.Write(c.out.Buf)
	c.out.Reset()
	if cap(c.out.Buf) > 64<<10 {
		c.out.Buf = nil
	}
	return err == nil
}

// dispatch runs one command and writes its reply.
func (c *conn) dispatch(argv [][]byte) {
	cmd, rest, err := c.find(argv)
	if err == nil {
		err = c.run(cmd, rest)
	}
	if err != nil {
		c.out.Error(command.ErrorText(err))
	}
}

// call is the connection's place for the arguments of a command.
func (c *conn) call(cmd *command.Named) command.Call {
	if c.calls[cmd.ID] == nil {
		c.calls[cmd.ID] = cmd.NewCall()
	}
	return c.calls[cmd.ID]
}

func (c *conn) run(cmd *command.Named, argv [][]byte) error {
	if !c.authed && !cmd.Meta().Flags.Has(command.NoAuth) {
		return errNoAuth
	}
	call := c.call(cmd)
	if err := call.Decode(&c.walker, argv, c.db); err != nil {
		return err
	}
	if s, ok := call.(command.SessionCall[*conn]); ok {
		return s.Serve(c, &c.out)
	}
	return c.runKeyed(cmd, call.(command.Keyed))
}

func (c *conn) runKeyed(cmd *command.Named, call command.Keyed) error {
	e, flags := c.srv.eng, cmd.Meta().Flags
	if err := e.MakeRoom(); err != nil && flags.Has(command.DenyOOM) {
		return err
	}
	tx := e.Begin(c.walker.Keys, flags.Has(command.WholeStore), false)
	err := call.Run(tx, &c.out)
	for err == engine.ErrRestart {
		tx = tx.Restart()
		err = call.Run(tx, &c.out)
	}
	if err == engine.ErrEmpty {
		return c.block(tx, call)
	}
	tx.Commit()
	return err
}
