package server

import (
	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/wire"
)

// sessionRows are the commands about connections and the server.
func sessionRows() []command.Command {
	return []command.Command{ping, echo, selectDB, quit}
}

// define makes a session row of this server.
func define[A, R any](i command.Info, walk func(*A, *arg.Walker), op func(*conn, A) (R, error), c *reply.Codec[R]) command.Command {
	return command.DefineSession(i, walk, op, c)
}

type pingArgs struct {
	has  bool
	text []byte
}

func (a *pingArgs) walk(w *arg.Walker) {
	if w.Maybe(&a.has) {
		w.Bytes("message", &a.text)
	}
}

var ping = define(command.Info{Name: "ping", Group: "connection", Since: "1.0.0", Flags: command.Fast, Summary: "Answers, to show that the server is there."},
	(*pingArgs).walk, func(_ *conn, a pingArgs) (pingArgs, error) { return a, nil }, &pong)

var pong = reply.Codec[pingArgs]{Put: func(w *wire.Writer, a pingArgs) {
	if a.has {
		w.Bulk(a.text)
	} else {
		w.SimpleString("PONG")
	}
}}

type echoArgs struct{ text []byte }

func (a *echoArgs) walk(w *arg.Walker) { w.Bytes("message", &a.text) }

var echo = define(command.Info{Name: "echo", Group: "connection", Since: "1.0.0", Flags: command.Loading | command.Stale | command.Fast, Summary: "Returns its argument."},
	(*echoArgs).walk, func(_ *conn, a echoArgs) ([]byte, error) { return a.text, nil }, &reply.Bulk)

type selectArgs struct{ db int64 }

func (a *selectArgs) walk(w *arg.Walker) { w.Int("index", &a.db) }

var selectDB = define(command.Info{Name: "select", Group: "connection", Since: "1.0.0", Flags: command.Loading | command.Stale | command.Fast, Summary: "Changes the connection's database."},
	(*selectArgs).walk, (*conn).selectDB, &reply.OK)

func (c *conn) selectDB(a selectArgs) (r reply.None, err error) {
	if a.db < 0 || a.db >= int64(c.srv.eng.Databases()) {
		return r, arg.Errf("DB index is out of range")
	}
	c.db = int(a.db)
	return r, nil
}

var quit = define(command.Info{Name: "quit", Group: "connection", Since: "1.0.0", Flags: command.AllowBusy | command.NoScript | command.Loading | command.Stale | command.Fast | command.NoAuth, Summary: "Closes the connection."},
	(*command.NoArgs).Walk, func(c *conn, _ command.NoArgs) (r reply.None, err error) {
		c.quit = true
		return r, nil
	}, &reply.OK)
