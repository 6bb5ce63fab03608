package server

import (
	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// multi is what a client queued since MULTI.
type multi struct {
	queue []queued
	flags command.Flags // of all of them
}

// queued is a command with its own copy of its arguments.
type queued struct {
	cmd  *command.Named
	argv [][]byte
}

const transactionFlags = command.NoScript | command.Loading | command.Stale | command.Fast | command.AllowBusy

func multiRows() []command.Command {
	return []command.Command{
		define(command.Info{Name: "multi", Group: "transactions", Since: "1.2.0", Flags: transactionFlags | command.Immediate, ACL: "transaction",
			Summary: "Begins a transaction: the commands that follow are queued."}, (*command.NoArgs).Walk, (*conn).begin, &reply.OK),
		define(command.Info{Name: "exec", Group: "transactions", Since: "1.2.0", ACL: "transaction",
			Flags:   command.NoScript | command.Loading | command.Stale | command.SkipSlowlog | command.Immediate | command.RunsQueue,
			Summary: "Runs the queued commands as one."}, (*command.NoArgs).Walk, (*conn).exec, &nothing),
		define(command.Info{Name: "discard", Group: "transactions", Since: "2.0.0", Flags: transactionFlags | command.Immediate, ACL: "transaction",
			Summary: "Forgets the queued commands."}, (*command.NoArgs).Walk, (*conn).discard, &reply.OK),
		define(command.Info{Name: "watch", Group: "transactions", Since: "2.2.0", Flags: transactionFlags | command.Immediate, ACL: "transaction",
			Summary: "Makes the next EXEC do nothing if one of the keys changes before it."}, (*watchArgs).walk, (*conn).watchKeys, &reply.OK),
		define(command.Info{Name: "unwatch", Group: "transactions", Since: "2.2.0", Flags: transactionFlags, ACL: "transaction",
			Summary: "Forgets the watched keys."}, (*command.NoArgs).Walk, (*conn).unwatchAll, &reply.OK),
	}
}

// nothing is the codec of ops that write their reply themselves.
var nothing = reply.Codec[reply.None]{Put: func(*wire.Writer, reply.None) {}}

func (c *conn) begin(command.NoArgs) (r reply.None, err error) {
	if c.multi != nil {
		return r, arg.Errf("MULTI calls can not be nested")
	}
	c.multi = new(multi)
	c.update(func() { c.queued = 0 })
	return r, nil
}

// enqueue keeps a command for EXEC.
func (c *conn) enqueue(cmd *command.Named, argv [][]byte) {
	m := c.multi
	m.queue = append(m.queue, queued{cmd, cloneArgs(argv)})
	m.flags |= cmd.Meta().Flags
	c.update(func() {
		c.queued = len(m.queue)
		for _, a := range argv {
			c.queuedBytes += int64(len(a))
		}
	})
	c.out.SimpleString("QUEUED")
}

// cloneArgs copies arguments out of the network buffer, all into one piece of
// memory.
func cloneArgs(argv [][]byte) [][]byte {
	n := 0
	for _, a := range argv {
		n += len(a)
	}
	all := make([]byte, 0, n)
	own := make([][]byte, len(argv))
	for i, a := range argv {
		at := len(all)
		all = append(all, a...)
		own[i] = all[at:len(all):len(all)]
	}
	return own
}

// endMulti forgets the queue and the watched keys.
func (c *conn) endMulti() {
	c.multi = nil
	c.srv.eng.Unwatch(&c.watch)
	c.update(func() { c.queued, c.queuedBytes, c.aborted, c.watching = -1, 0, false, false })
}

func (c *conn) discard(command.NoArgs) (r reply.None, err error) {
	if c.multi == nil {
		return r, arg.Errf("DISCARD without MULTI")
	}
	c.endMulti()
	return r, nil
}

type watchArgs struct{ keys []engine.Key }

func (a *watchArgs) walk(w *arg.Walker) { w.KeyList(&a.keys, arg.RO, 0) }

func (c *conn) watchKeys(a watchArgs) (r reply.None, err error) {
	if c.multi != nil {
		return r, arg.Errf("WATCH inside MULTI is not allowed")
	}
	c.srv.eng.Watch(&c.watch, a.keys...)
	c.update(func() { c.watching = true })
	return r, nil
}

// unwatchAll is UNWATCH. Inside EXEC nothing is watched any more.
func (c *conn) unwatchAll(command.NoArgs) (r reply.None, err error) {
	if c.tx == nil {
		c.srv.eng.Unwatch(&c.watch)
		c.update(func() { c.watching = false })
	}
	return r, nil
}

// exec runs what was queued in one transaction of the engine. It writes its reply
// itself, as it may have to start over.
func (c *conn) exec(command.NoArgs) (r reply.None, err error) {
	m := c.multi
	if m == nil {
		return r, arg.Errf("EXEC without MULTI")
	}
	defer c.endMulti()
	if c.aborted {
		return r, arg.Error{Code: "EXECABORT", Text: "Transaction discarded because of previous errors."}
	}
	keys, all := c.keysOf(m)
	tx := c.srv.eng.Begin(append(keys, c.watch.Keys()...), all, true)
	if m.flags.Has(command.DenyOOM) && tx.Crowded() {
		if tx, err = tx.MakeRoom(); err != nil {
			c.owe(tx.Commit())
			return r, abortedBy(err)
		}
	}
	mark, db := c.out.Len(), c.db
	for !c.tryExec(tx, m) {
		tx = tx.Restart()
		c.out.Buf = c.out.Buf[:mark]
		c.update(func() { c.db = db })
	}
	c.trim()
	return r, nil
}

// keysOf collects the keys of all queued commands and whether one needs the whole
// store. Commands that do not decode fail when they are run.
func (c *conn) keysOf(m *multi) (keys []engine.Key, all bool) {
	db := c.db
	for _, q := range m.queue {
		call := c.call(q.cmd)
		if call.Decode(&c.walker, q.argv, db) == nil {
			keys = append(keys, c.walker.Keys...)
			if n, ok := c.selects(q); ok {
				db = n
			}
		}
	}
	return keys, m.flags.Has(command.WholeStore)
}

// tryExec runs the queue once and commits. It reports false if a key was touched
// that could not be locked: then everything has to run again.
func (c *conn) tryExec(tx *engine.Tx, m *multi) bool {
	c.tx = tx
	defer func() { c.tx = nil }()
	stale, err := tx.Stale(&c.watch)
	if err == engine.ErrRestart {
		return false
	}
	if stale {
		c.out.NullArray()
		c.owe(tx.Commit())
		return true
	}
	c.out.Array(len(m.queue))
	for _, q := range m.queue {
		c.tally.begin(q.cmd.ID)
		err := c.runQueued(tx, q)
		if err == engine.ErrRestart {
			return false
		}
		if err != nil {
			c.fail(q.cmd, err)
		}
		c.tally.count(q.cmd.ID)
	}
	c.owe(tx.Commit())
	return true
}

func (c *conn) runQueued(tx *engine.Tx, q queued) error {
	call := c.call(q.cmd)
	if err := call.Decode(&c.walker, q.argv, c.db); err != nil {
		return err
	}
	if s, ok := call.(command.SessionCall[*conn]); ok {
		return s.Serve(c, &c.out)
	}
	c.stamp(tx, q.cmd.Meta().Flags)
	keyed := call.(command.Keyed)
	err := keyed.Run(tx, &c.out)
	c.remember(tx, q.cmd.Meta().Flags)
	if err == engine.ErrEmpty {
		keyed.Wait().Null(&c.out)
		return nil
	}
	return err
}
