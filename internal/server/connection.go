package server

import (
	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/wire"
)

// sessionRows are the commands about connections and the server.
func sessionRows() []command.Command {
	var all []command.Command
	for _, family := range [][]command.Command{connectionRows(), authRows(), multiRows(), clientRows(), trackingRows(), infoRows(), configRows(), commandRows(),
		memoryRows(), timeRows(), debugRows(), saveRows()} {
		all = append(all, family...)
	}
	return all
}

// define makes a session row of this server.
func define[A, R any](i command.Info, walk func(*A, *arg.Walker), op func(*conn, A) (R, error), c *reply.Codec[R]) command.Command {
	return command.DefineSession(i, walk, op, c)
}

const connectionFlags = command.NoScript | command.Loading | command.Stale

func connectionRows() []command.Command {
	return []command.Command{
		define(command.Info{Name: "ping", Group: "connection", Since: "1.0.0", Flags: command.Fast, ACL: "connection",
			Summary: "Answers, to show that the server is there."}, (*pingArgs).walk, func(_ *conn, a pingArgs) (pingArgs, error) { return a, nil }, &pong),
		define(command.Info{Name: "echo", Group: "connection", Since: "1.0.0", Flags: command.Loading | command.Stale | command.Fast, ACL: "connection",
			Summary: "Returns its argument."}, (*echoArgs).walk, func(_ *conn, a echoArgs) ([]byte, error) { return a.text, nil }, &reply.Bulk),
		define(command.Info{Name: "select", Group: "connection", Since: "1.0.0", Flags: command.Loading | command.Stale | command.Fast, ACL: "connection",
			Summary: "Changes the connection's database."}, (*selectArgs).walk, (*conn).selectDB, &reply.OK),
		define(command.Info{Name: "quit", Group: "connection", Since: "1.0.0", ACL: "connection",
			Flags:   connectionFlags | command.Fast | command.NoAuth | command.AllowBusy | command.Immediate,
			Summary: "Closes the connection."}, (*command.RestArgs).Walk, (*conn).leaveAfter, &reply.OK),
		define(command.Info{Name: "reset", Group: "connection", Since: "6.2.0", ACL: "connection",
			Flags:   connectionFlags | command.Fast | command.NoAuth | command.AllowBusy | command.Immediate,
			Summary: "Brings the connection back to how it began."}, (*command.NoArgs).Walk, (*conn).reset, &reply.Simple),
	}
}

type pingArgs struct {
	has  bool
	text []byte
}

func (a *pingArgs) walk(w *arg.Walker) {
	if w.Maybe(&a.has) {
		w.Bytes("message", &a.text)
	}
	if w.Decoding() && w.Rest() > 0 {
		w.Fail(arg.ErrArity("ping"))
	}
}

var pong = reply.Codec[pingArgs]{Put: func(w *wire.Writer, a pingArgs) {
	if a.has {
		w.Bulk(a.text)
	} else {
		w.SimpleString("PONG")
	}
}}

type echoArgs struct{ text []byte }

func (a *echoArgs) walk(w *arg.Walker) { w.Bytes("message", &a.text) }

type selectArgs struct{ db int64 }

func (a *selectArgs) walk(w *arg.Walker) { w.Int32("index", &a.db, arg.ErrNotInt, arg.ErrNot32) }

func (c *conn) selectDB(a selectArgs) (r reply.None, err error) {
	if !c.isDB(a.db) {
		return r, arg.Errf("DB index is out of range")
	}
	c.update(func() { c.db = int(a.db) })
	return r, nil
}

func (c *conn) isDB(n int64) bool { return 0 <= n && n < int64(c.srv.eng.Databases()) }

// selects returns the database that a queued SELECT will change to.
func (c *conn) selects(q queued) (db int, ok bool) {
	if q.cmd.ID != c.srv.selectID {
		return 0, false
	}
	n, ok := arg.ParseInt(q.argv[0])
	return int(n), ok && c.isDB(n)
}

func (c *conn) leaveAfter(command.RestArgs) (r reply.None, err error) {
	c.quit = true
	return r, nil
}

func (c *conn) reset(command.NoArgs) (string, error) {
	c.endMulti()
	c.mute = loud
	c.out.Proto = 2
	c.setTracking(tracking{})
	c.pushes.accept(false)
	c.setUser(c.srv.settings.Load().password == "")
	c.update(func() {
		c.db, c.proto, c.name = 0, 2, ""
		c.noEvict, c.noTouch = false, false
	})
	return "RESET", nil
}
