package server

import (
	"errors"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// owe remembers what the replies so far show, to be settled before they leave.
func (c *conn) owe(m engine.Mark) {
	if m.Position == 0 {
		return
	}
	c.owed.Position = max(c.owed.Position, m.Position)
	if m.Wrote {
		c.owed.Wrote, c.wrote = true, m.Position
	}
}

// errOwing is what a connection reads, instead of waiting for the disk, while the loop
// has others to serve: what they do is made durable with the same sync.
var errOwing = errors.New("replies are not settled")

// mayOwe reports whether the replies have to wait for the disk, and can do so together
// with those of the loop's other connections.
func (c *conn) mayOwe() bool {
	return c.shift.at != nil && !c.owing && c.between() && c.owed.Position != 0 && c.srv.eng.MustWait(c.owed)
}

// settle waits until what is about to leave may be shown: once for all commands of a
// batch. If a change of theirs may be lost, the client gets an error instead of all that
// waits for it, and no more: what became of its commands is not known.
func (c *conn) settle() {
	m := c.owed
	if m.Position == 0 {
		return
	}
	c.owed = engine.Mark{}
	if !c.owing && c.srv.eng.MustWait(m) {
		c.shift.handOver()
	}
	if err := c.srv.eng.Settle(c.srv.life, m); err != nil {
		c.out.Reset()
		c.mark = 0
		c.writeError(err)
		c.quit = true
	}
}

// admitWrite asks the engine whether a command that writes can begin, which may mean to
// wait for the disk. PING tells, too, that writes are refused.
func (c *conn) admitWrite(cmd *command.Named) error {
	flags := cmd.Meta().Flags
	switch {
	case flags.Has(command.Write) || flags.Has(command.RunsQueue) && c.multi != nil && c.multi.flags.Has(command.Write):
		if c.srv.eng.MustWaitToWrite() {
			c.shift.handOver()
		}
		return c.srv.eng.Admit(c.srv.life)
	case cmd.ID == c.srv.pingID:
		return c.srv.eng.Refusal()
	}
	return nil
}
