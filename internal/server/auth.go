package server

import (
	"crypto/sha256"
	"crypto/subtle"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/wire"
)

// Errors of logging in, with Redis's texts.
var (
	errWrongPass  = arg.Error{Code: "WRONGPASS", Text: "invalid username-password pair or user is disabled."}
	errNoPassword = arg.Errf("AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
	errNoProto    = arg.Error{Code: "NOPROTO", Text: "unsupported protocol version"}
	errHelloAuth  = arg.Error{Code: "NOAUTH", Text: "HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> " +
		"option can be used to authenticate the client and select the RESP protocol version at the same time"}
)

// defaultUser is the only one there is.
const defaultUser = "default"

func authRows() []command.Command {
	const flags = connectionFlags | command.Fast | command.NoAuth | command.AllowBusy
	return []command.Command{
		define(command.Info{Name: "auth", Group: "connection", Since: "1.0.0", Flags: flags, ACL: "connection",
			Summary: "Logs the client in."}, (*authArgs).walk, (*conn).auth, &reply.OK),
		define(command.Info{Name: "hello", Group: "connection", Since: "6.0.0", Flags: flags, ACL: "connection",
			Summary: "Chooses the protocol, and logs in on the way."}, (*helloArgs).walk, (*conn).hello, &greeting),
	}
}

type authArgs struct {
	user, pass []byte
	named      bool
}

func (a *authArgs) walk(w *arg.Walker) {
	switch {
	case w.Describing():
		if w.Maybe(&a.named) {
			w.Bytes("username", &a.user)
			w.EndMaybe()
		}
	case w.Decoding() && w.Rest() > 1 || a.named:
		a.named = true
		w.Bytes("username", &a.user)
	}
	w.Bytes("password", &a.pass)
}

func (c *conn) auth(a authArgs) (r reply.None, err error) {
	if !a.named {
		if c.srv.settings.Load().password == "" {
			return r, errNoPassword
		}
		a.user = []byte(defaultUser)
	}
	return r, c.login(a.user, a.pass)
}

// login checks a password; without one configured every password will do.
func (c *conn) login(user, pass []byte) error {
	want := c.srv.settings.Load().password
	if string(user) != defaultUser || want != "" && !samePassword(pass, want) {
		return errWrongPass
	}
	c.setUser(true)
	return nil
}

// setUser says whether the client may do everything, from its next command on.
func (c *conn) setUser(known bool) {
	c.update(func() { c.user = known })
	c.in.Limits.Auth = !known
}

// samePassword takes the same time whatever is wrong.
func samePassword(got []byte, want string) bool {
	a, b := sha256.Sum256(got), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

type helloArgs struct {
	proto      int64
	has        bool
	auth       bool
	user, pass []byte
	named      bool
	name       []byte
}

func (a *helloArgs) walk(w *arg.Walker) {
	if !w.Maybe(&a.has) {
		return
	}
	w.Begin("arguments", "block")
	defer w.End()
	w.IntOr("protover", &a.proto, arg.Errf("Protocol version is not an integer or out of range"))
	if w.Decoding() && (a.proto < 2 || a.proto > 3) {
		w.Fail(errNoProto)
	}
	for w.OptionsOr(badHelloOption) {
		if w.OptionOf("AUTH", 2, &a.auth) {
			w.Begin("auth", "block")
			w.Bytes("username", &a.user)
			w.Bytes("password", &a.pass)
			w.End()
		}
		if w.OptionOf("SETNAME", 1, &a.named) {
			w.Bytes("clientname", &a.name)
			if w.Decoding() {
				w.Fail(checkName(a.name))
			}
		}
	}
}

func badHelloOption(word []byte) error {
	return arg.Errf("Syntax error in HELLO option '%s'", arg.Printed(word, len(word)))
}

// hello does all of what was asked for or nothing.
func (c *conn) hello(a helloArgs) (int64, error) {
	if a.auth {
		if err := c.login(a.user, a.pass); err != nil {
			return 0, err
		}
	}
	if !c.user {
		return 0, errHelloAuth
	}
	c.update(func() {
		if a.named {
			c.name = string(a.name)
		}
		if a.has {
			c.proto, c.out.Proto = int(a.proto), int(a.proto)
			c.pushes.accept(a.proto == 3)
		}
	})
	return c.id, nil
}

// greeting is the reply to HELLO, given the connection's id.
var greeting = reply.Codec[int64]{Put: func(w *wire.Writer, id int64) {
	w.Map(7)
	w.BulkString("server")
	w.BulkString("redis")
	w.BulkString("version")
	w.BulkString(RedisVersion)
	w.BulkString("proto")
	w.Int(int64(w.Proto))
	w.BulkString("id")
	w.Int(id)
	w.BulkString("mode")
	w.BulkString("standalone")
	w.BulkString("role")
	w.BulkString("master")
	w.BulkString("modules")
	w.Array(0)
}}
