package server

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/residedb/reside/internal/command/arg"
)

type listArgs struct {
	typed bool
	kind  []byte
	byID  bool
	ids   []int64
}

func (a *listArgs) walk(w *arg.Walker) {
	for w.Options() {
		if w.OptionOf("TYPE", 1, &a.typed) {
			w.Bytes("client-type", &a.kind)
			if w.Decoding() && clientTypes[lower(a.kind)] == "" {
				w.Fail(arg.Errf("Unknown client type '%s'", a.kind))
			}
			if w.Decoding() && w.Rest() > 0 {
				w.Fail(arg.ErrSyntax)
			}
		}
		if w.OptionOf("ID", 1, &a.byID) {
			w.Ints("client-id", &a.ids, arg.Errf("Invalid client ID"))
		}
	}
}

// clientTypes are the words for the classes of clients. There are no replicas
// and no primary yet, so those classes are empty.
var clientTypes = map[string]string{"normal": "normal", "master": "master", "replica": "replica", "slave": "replica", "pubsub": "pubsub"}

func (c *conn) listClients(a listArgs) (string, error) {
	var b strings.Builder
	if a.byID {
		for _, id := range a.ids {
			if target := c.srv.client(id); target != nil {
				b.WriteString(target.describe())
			}
		}
		return b.String(), nil
	}
	for _, target := range c.srv.clients() {
		if !a.typed || target.class() == clientTypes[lower(a.kind)] {
			b.WriteString(target.describe())
		}
	}
	return b.String(), nil
}

// class is the client's class, as CLIENT LIST TYPE has it.
func (c *conn) class() string { return "normal" }

// describe is the client's line in CLIENT LIST.
func (c *conn) describe() string {
	now := c.srv.eng.Now()
	query, space, waiting := c.query.Load(), c.space.Load(), c.box.waiting.Load()
	cmd := "NULL"
	if n := c.cmd.Load(); n > 0 {
		cmd = c.srv.table.All()[n-1].Meta().Name
	}
	flags := c.flagLetters()
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("id=%d addr=%s laddr=%s fd=%d name=%s age=%d idle=%d flags=%s db=%d sub=0 psub=0 ssub=0 multi=%d "+
		"qbuf=%d qbuf-free=%d argv-mem=0 multi-mem=%d rbs=%d rbp=%d obl=%d oll=0 omem=0 tot-mem=%d events=r cmd=%s user=%s redir=%d resp=%d lib-name=%s lib-ver=%s\n",
		c.id, c.addr(), c.localAddr(), c.id, c.name, max(now-c.created, 0)/1000, max(now-c.seen.Load(), 0)/1000,
		flags, c.db, c.queued, query, max(space-query, 0), c.queuedBytes, maxPending, waiting, waiting,
		space+waiting+c.queuedBytes, cmd, defaultUser, c.redirect(), c.proto, c.libName, c.libVer)
}

// flagLetters says in letters what the client is doing.
func (c *conn) flagLetters() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b []byte
	add := func(on bool, letter byte) {
		if on {
			b = append(b, letter)
		}
	}
	add(c.queued >= 0, 'x')
	add(c.parked.Load() != nil, 'b')
	add(c.tracking.on, 't')
	add(c.broken.Load(), 'R')
	add(c.tracking.bcast, 'B')
	add(c.watching && c.dirty(), 'd')
	add(c.killed.Load(), 'A')
	add(c.noEvict, 'e')
	add(c.noTouch, 'T')
	add(c.local, 'U')
	if len(b) == 0 {
		return "N"
	}
	return string(b)
}

// dirty reports whether a watched key has changed.
func (c *conn) dirty() bool { return c.watch.Dirty() }

// lower is a word of a client in lower case.
func lower(b []byte) string { return string(bytes.ToLower(b)) }
