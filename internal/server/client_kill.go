package server

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// killArgs choose connections: all that fit every filter.
type killArgs struct {
	old    bool // a lone address: the command's first form
	addr   []byte
	has    struct{ id, kind, user, addr, laddr, skip bool }
	id     int64
	kind   []byte
	user   []byte
	laddr  []byte
	skipMe uint8
}

func (a *killArgs) walk(w *arg.Walker) {
	if w.Decoding() && w.Rest() == 1 || a.old {
		a.old = true
		w.Bytes("ip:port", &a.addr)
		return
	}
	if w.Describing() {
		w.Bytes("filter", &a.addr)
		w.Variadic()
		return
	}
	for w.Options() {
		a.filter(w)
	}
}

func (a *killArgs) filter(w *arg.Walker) {
	if w.OptionOf("ID", 1, &a.has.id) {
		w.IntOr("client-id", &a.id, errClientID)
		if w.Decoding() && a.id < 1 {
			w.Fail(errClientID)
		}
	}
	if w.OptionOf("TYPE", 1, &a.has.kind) {
		w.Bytes("client-type", &a.kind)
		if w.Decoding() && clientTypes[lower(a.kind)] == "" {
			w.Fail(arg.Errf("Unknown client type '%s'", a.kind))
		}
	}
	if w.OptionOf("ADDR", 1, &a.has.addr) {
		w.Bytes("ip:port", &a.addr)
	}
	if w.OptionOf("LADDR", 1, &a.has.laddr) {
		w.Bytes("ip:port", &a.laddr)
	}
	if w.OptionOf("USER", 1, &a.has.user) {
		w.Bytes("username", &a.user)
		if w.Decoding() && string(a.user) != defaultUser {
			w.Fail(arg.Errf("No such user '%s'", a.user))
		}
	}
	if w.OptionOf("SKIPME", 1, &a.has.skip) {
		w.Word("skipme", &a.skipMe, "YES", "NO")
	}
}

var errClientID = arg.Errf("client-id should be greater than 0")

// killed is how many connections were cut.
type killed struct {
	old bool
	n   int64
}

var killReply = reply.Codec[killed]{Put: func(w *wire.Writer, k killed) {
	if k.old {
		w.SimpleString("OK")
	} else {
		w.Int(k.n)
	}
}}

func (c *conn) killClients(a killArgs) (killed, error) {
	var n int64
	c.whole(func(tx *engine.Tx) {
		for _, target := range c.srv.clients() {
			switch {
			case !a.fits(c, target):
			case target == c:
				c.quit = true
				n++
			default:
				target.kill(tx.Cancel)
				n++
			}
		}
	})
	if a.old && n == 0 {
		return killed{}, arg.Errf("No such client")
	}
	return killed{a.old, n}, nil
}

func (a *killArgs) fits(c, target *conn) bool {
	switch {
	case a.old:
		return target.addr() == string(a.addr)
	case a.has.id && target.id != a.id,
		a.has.kind && target.class() != clientTypes[lower(a.kind)],
		a.has.addr && target.addr() != string(a.addr),
		a.has.laddr && target.localAddr() != string(a.laddr),
		target == c && a.skipMe != 2:
		return false
	}
	return true
}
