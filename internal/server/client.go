package server

import (
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// clientInfo is what the subcommands of CLIENT have in common.
func clientInfo(name, since string, flags command.Flags, summary string) command.Info {
	return command.Info{Name: "client|" + name, Group: "connection", Since: since, Flags: connectionFlags | flags, ACL: "connection", Summary: summary}
}

func clientRows() []command.Command {
	const admin, whole = command.Admin, command.Admin | command.WholeStore
	return []command.Command{
		define(command.Info{Name: "client", Group: "connection", Since: "2.4.0", Summary: "The container of the commands about connections."},
			(*command.ContainerArgs).Walk, onlyContainer, &reply.OK),
		define(clientInfo("getname", "2.6.9", 0, "Returns the connection's name."), (*command.NoArgs).Walk, (*conn).clientName, &textOrNull),
		define(clientInfo("id", "5.0.0", 0, "Returns the connection's number."), (*command.NoArgs).Walk,
			func(c *conn, _ command.NoArgs) (int64, error) { return c.id, nil }, &reply.Int),
		define(clientInfo("info", "6.2.0", 0, "Describes the connection."), (*command.NoArgs).Walk,
			func(c *conn, _ command.NoArgs) (string, error) { return c.describe(), nil }, &verbatim),
		define(clientInfo("kill", "2.4.0", whole, "Cuts connections."), (*killArgs).walk, (*conn).killClients, &killReply),
		define(clientInfo("list", "2.4.0", admin, "Describes connections."), (*listArgs).walk, (*conn).listClients, &verbatim),
		define(clientInfo("no-evict", "7.0.0", admin, "Keeps the connection from being cut off to save memory."), (*switchArgs).walk,
			func(c *conn, a switchArgs) (r reply.None, err error) {
				c.update(func() { c.noEvict = a.on() })
				return r, nil
			}, &reply.OK),
		define(clientInfo("no-touch", "7.2.0", 0, "Keeps the connection's reads from marking keys as used."), (*switchArgs).walk,
			func(c *conn, a switchArgs) (r reply.None, err error) {
				c.update(func() { c.noTouch = a.on() })
				return r, nil
			}, &reply.OK),
		define(clientInfo("pause", "3.0.0", admin, "Holds the commands of all clients back for a time."), (*pauseArgs).walk, (*conn).pauseClients, &reply.OK),
		define(clientInfo("unpause", "6.2.0", admin, "Ends a pause."), (*command.NoArgs).Walk,
			func(c *conn, _ command.NoArgs) (r reply.None, err error) { c.srv.pause.end(); return r, nil }, &reply.OK),
		define(clientInfo("reply", "3.2.0", 0, "Says which replies the client wants."), (*replyArgs).walk, (*conn).setReply, &reply.OK),
		define(clientInfo("setname", "2.6.9", 0, "Names the connection."), (*nameArgs).walk, (*conn).setName, &reply.OK),
		define(clientInfo("setinfo", "7.2.0", 0, "Keeps what a client library tells of itself."), (*setInfoArgs).walk, (*conn).setInfo, &reply.OK),
		define(command.Info{Name: "client|help", Group: "connection", Since: "5.0.0", Flags: command.Loading | command.Stale, ACL: "connection",
			Summary: "Lists the subcommands."}, (*command.NoArgs).Walk, clientHelp, &reply.Lines),
		define(clientInfo("unblock", "5.0.0", whole, "Ends the wait of a blocked client."), (*unblockArgs).walk, (*conn).unblock, &reply.Flag),
	}
}

// onlyContainer stands for a container without a subcommand, which the arity
// never lets through.
func onlyContainer(*conn, command.ContainerArgs) (r reply.None, err error) { return r, arg.ErrSyntax }

var textOrNull = reply.Codec[string]{Put: func(w *wire.Writer, s string) {
	if s == "" {
		w.Null()
	} else {
		w.BulkString(s)
	}
}}

var verbatim = reply.Codec[string]{Put: func(w *wire.Writer, s string) { w.Verbatim("txt", s) }}

func (c *conn) clientName(command.NoArgs) (string, error) { return c.name, nil }

type nameArgs struct{ name []byte }

func (a *nameArgs) walk(w *arg.Walker) {
	w.Bytes("connection-name", &a.name)
	if w.Decoding() {
		w.Fail(checkName(a.name))
	}
}

// checkName refuses what would break the lines of CLIENT LIST.
func checkName(name []byte) error {
	if !printable(name) {
		return arg.Errf("Client names cannot contain spaces, newlines or special characters.")
	}
	return nil
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < '!' || c > '~' {
			return false
		}
	}
	return true
}

func (c *conn) setName(a nameArgs) (r reply.None, err error) {
	c.update(func() { c.name = string(a.name) })
	return r, nil
}

type setInfoArgs struct{ attr, value []byte }

func (a *setInfoArgs) walk(w *arg.Walker) {
	w.Bytes("attr", &a.attr)
	w.Bytes("value", &a.value)
}

func (c *conn) setInfo(a setInfoArgs) (r reply.None, err error) {
	var field *string
	attr := lower(a.attr)
	switch attr {
	case "lib-name":
		field = &c.libName
	case "lib-ver":
		field = &c.libVer
	default:
		return r, arg.Errf("Unrecognized option '%s'", a.attr)
	}
	if !printable(a.value) {
		return r, arg.Errf("%s cannot contain spaces, newlines or special characters.", attr)
	}
	c.update(func() { *field = string(a.value) })
	return r, nil
}

// switchArgs is ON or OFF.
type switchArgs struct{ mode uint8 }

func (a *switchArgs) walk(w *arg.Walker) { w.Word("enabled", &a.mode, "ON", "OFF") }
func (a *switchArgs) on() bool           { return a.mode == 1 }

type replyArgs struct{ mode uint8 }

func (a *replyArgs) walk(w *arg.Walker) { w.Word("action", &a.mode, "ON", "OFF", "SKIP") }

func (c *conn) setReply(a replyArgs) (r reply.None, err error) {
	switch a.mode {
	case 1:
		c.mute = loud
	case 2:
		c.mute = skipEvery
	case 3:
		if c.mute == loud {
			c.mute = skipNext
		}
	}
	return r, nil
}

type pauseArgs struct {
	millis int64
	has    bool
	mode   uint8
}

func (a *pauseArgs) walk(w *arg.Walker) {
	w.LateIntOr("timeout", &a.millis, arg.Errf("timeout is not an integer or out of range"))
	if w.Maybe(&a.has) {
		w.WordOr("mode", &a.mode, arg.Errf("CLIENT PAUSE mode must be WRITE or ALL"), "WRITE", "ALL")
	}
	if w.Decoding() && a.millis < 0 {
		w.Late(arg.Errf("timeout is negative"))
	}
}

func (c *conn) pauseClients(a pauseArgs) (r reply.None, err error) {
	const longest = int64(1<<63-1) / int64(time.Millisecond)
	c.srv.pause.begin(time.Duration(min(a.millis, longest))*time.Millisecond, a.mode != 1)
	return r, nil
}

type unblockArgs struct {
	id   int64
	has  bool
	mode uint8
}

func (a *unblockArgs) walk(w *arg.Walker) {
	w.LateInt("client-id", &a.id)
	if w.Maybe(&a.has) {
		w.WordOr("unblock-type", &a.mode, arg.Errf("CLIENT UNBLOCK reason should be TIMEOUT or ERROR"), "TIMEOUT", "ERROR")
	}
}

func (c *conn) unblock(a unblockArgs) (ended bool, err error) {
	target := c.srv.client(a.id)
	if target == nil {
		return false, nil
	}
	why := int32(wokenTimeout)
	if a.mode == 2 {
		why = wokenError
	}
	c.whole(func(tx *engine.Tx) {
		if p := target.parked.Load(); p != nil {
			ended = p.end(tx.Cancel, why)
		}
	})
	return ended, nil
}
