package server

import (
	"sync/atomic"
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// parking is a connection that waits in a blocking command.
type parking struct {
	waiter *engine.Waiter
	woken  chan struct{} // closed by end
	why    atomic.Int32  // set before
	out    wire.Writer   // the reply, written by whoever serves the waiter
	before wire.Writer   // pushes that came before it
	err    error         // or what came instead
}

// Why a connection stopped waiting without having been served.
const (
	wokenTimeout = iota + 1
	wokenError   // CLIENT UNBLOCK ERROR
	wokenGone    // the client left or was cut off
)

var errUnblocked = arg.Error{Code: "UNBLOCKED", Text: "client unblocked via CLIENT UNBLOCK"}

// end stops the wait through the engine's or a transaction's Cancel; it reports
// false if the waiter was served or ended before.
func (p *parking) end(cancel func(*engine.Waiter) bool, why int32) bool {
	if !cancel(p.waiter) {
		return false
	}
	p.why.Store(why)
	close(p.woken)
	return true
}

// block parks the connection on the keys of a blocking command, which found
// nothing, until somebody serves it, its time is over, or its client leaves.
func (c *conn) block(tx *engine.Tx, cmd *command.Named, argv [][]byte) error {
	call := c.call(cmd).(command.Keyed)
	// The network buffer is filled on while the call waits: it needs words of its own.
	if err := call.Decode(&c.walker, cloneArgs(argv), c.db); err != nil {
		c.owe(tx.Commit())
		return err
	}
	c.walker.Keys = nil // the waiter keeps them
	how := call.Wait()
	p := &parking{woken: make(chan struct{})}
	p.out.Proto = c.out.Proto
	p.waiter = &engine.Waiter{Keys: how.Keys, More: how.More, Kind: how.Kind, Try: func(tx *engine.Tx) error {
		tx.By(c.tracker)
		if p.err = c.serveParked(tx, cmd, call, &p.out); p.err != engine.ErrEmpty {
			c.pushes.hold(&p.before)
		}
		return p.err
	}}
	c.parked.Store(p)
	// The time begins before anybody can see that the client waits.
	stop := c.endAfter(p, how.Timeout)
	tx.Park(p.waiter)
	leaves := !c.flush()
	if leaves {
		p.end(c.srv.eng.Cancel, wokenGone)
	}
	c.await(p)
	stop()
	c.parked.Store(nil)
	c.arrive()
	err := c.conclude(p)
	if leaves {
		c.silence()
	}
	return err
}

// silence ends the connection, whose client hears nothing any more.
func (c *conn) silence() {
	c.out.Reset()
	c.mark, c.mute, c.quit = 0, skipEvery, true
}

// serveParked runs a parked command for whoever brought its key something. The
// memory may have been used up since it was let in.
func (c *conn) serveParked(tx *engine.Tx, cmd *command.Named, call command.Keyed, out *wire.Writer) error {
	if cmd.Meta().Flags.Has(command.DenyOOM) && tx.Engine().Full() {
		return engine.ErrNoMemory
	}
	return call.Run(tx, out)
}

// longestWait is a timeout, in seconds, that is as good as none.
const longestWait = 200 * 365 * 24 * 3600

// endAfter ends the wait in some seconds by the engine's clock, 0 for never; whoever
// ends it waits for the keys, so it may be called while they are held. stop
// forgets the time.
func (c *conn) endAfter(p *parking, seconds float64) (stop func()) {
	if seconds <= 0 || seconds >= longestWait {
		return func() {}
	}
	timer := c.srv.eng.Clock().AfterFunc(time.Duration(seconds*float64(time.Second)), func() { p.end(c.srv.eng.Cancel, wokenTimeout) })
	return func() { timer.Stop() }
}

// await waits until p has been served or was ended.
func (c *conn) await(p *parking) {
	stop, gone := c.listen(true)
	defer stop()
	if c.finishing.Load() || c.killed.Load() {
		p.end(c.srv.eng.Cancel, wokenGone)
	}
	select {
	case <-p.waiter.Done():
		return
	case <-p.woken:
		return
	case <-gone:
		p.end(c.srv.eng.Cancel, wokenGone)
	}
	// Whoever was quicker has decided by now.
	select {
	case <-p.waiter.Done():
	case <-p.woken:
	}
}

// conclude writes the reply of a command that has waited.
func (c *conn) conclude(p *parking) error {
	switch p.why.Load() {
	case wokenTimeout:
		c.out.NullArray()
	case wokenError:
		return errUnblocked
	case wokenGone:
		c.quit = true
	default:
		c.owe(p.waiter.Mark())
		if p.before.Len() > 0 {
			c.owe(c.srv.eng.Latest())
		}
		c.out.Raw(p.before.Buf)
		c.mark = c.out.Len()
		c.pushes.release()
		c.out.Raw(p.out.Buf)
		return p.err
	}
	return nil
}
