package server

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/wire"
)

// conn is one client.
type conn struct {
	srv     *Server
	box     outbox
	net     net.Conn // the box, or TLS over it
	line    line     // below the box, nil for a connection that always has a goroutine
	shift   shift    // of the loop's goroutine, while that serves the connection
	mayRest bool     // nothing of the next command is here
	heard   bool     // the client has said something since it rested
	owing   bool     // its replies wait for the others of the loop, to be settled with theirs
	local   bool     // it came over a UNIX socket
	id      int64
	created int64 // unix ms
	in      *wire.Reader
	out     wire.Writer
	walker  arg.Walker
	calls   []command.Call // by the command's ID, made at its first use
	tally   tally
	last    *command.Named // what find found last

	profile
	set   *settings // in force for this batch
	multi *multi    // between MULTI and EXEC
	watch engine.Watch
	tx    *engine.Tx // while EXEC runs
	mute  muting
	mark  int         // where the reply of the running command begins in out
	owed  engine.Mark // what the replies in out show
	wrote int64       // the position of the client's last write
	quit  bool

	turn    sync.Mutex      // whoever has it may write to the client; given back while the client is waited for
	pushes  pushes          // from others
	tracker *engine.Tracker // nil until CLIENT TRACKING ON

	parked    atomic.Pointer[parking] // while a blocking command waits
	finishing atomic.Bool             // no further commands are to be read
	stopping  atomic.Bool             // whoever reads on behind a command is to stop
	killed    atomic.Bool
	patient   atomic.Bool   // it may be silent for as long as it likes
	limits    sync.Mutex    // guards the read deadline
	severed   chan struct{} // closed when killed is set, for a server with a hook
}

const (
	// maxPending is how many bytes of replies are gathered before they are sent,
	// even if more commands wait.
	maxPending = 64 << 10
	// maxWaiting is how many bytes of replies may wait for a client that does not
	// take them before its commands wait too.
	maxWaiting = 1 << 20
	// maxBulk is the longest argument, whatever proto-max-bulk-len says: lengths in
	// memory have 32 bits.
	maxBulk = 1<<32 - 1
	// bigCommand is the size of a command, in words or bytes, whose memory is not
	// kept for the next.
	bigWords, bigBytes = 1 << 10, 64 << 10
)

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{srv: s, id: s.lastID.Add(1)}
	_, c.local = nc.(*net.UnixConn)
	secret := s.opt.TLS != nil && !c.local
	if !secret {
		c.line = s.loops.line(nc)
	}
	if c.line != nil {
		nc = c.line
	}
	c.box.init(nc)
	c.net = &c.box
	if secret {
		c.net = tls.Server(&c.box, s.opt.TLS)
	}
	c.in = wire.NewReader((*source)(c))
	if s.opt.Hook != nil {
		c.severed = make(chan struct{})
	}
	c.calls = make([]command.Call, s.table.Len())
	c.created = s.eng.Now()
	c.seen.Store(c.created)
	c.set = s.settings.Load()
	c.tally.stats = &s.stats
	c.out.Proto, c.proto, c.queued = 2, 2, -1
	c.user = c.set.password == ""
	return c
}

// finish makes the connection end once it has answered what it received.
func (c *conn) finish() {
	c.finishing.Store(true)
	_ = c.net.SetReadDeadline(past)
	if p := c.parked.Load(); p != nil {
		p.end(c.srv.eng.Cancel, wokenGone)
	}
}

// kill cuts the connection. A wait of its client ends through cancel, the
// engine's or a running transaction's.
func (c *conn) kill(cancel func(*engine.Waiter) bool) {
	c.sever()
	if p := c.parked.Load(); p != nil {
		p.end(cancel, wokenGone)
	}
	c.srv.forget(c)
	_ = c.box.Close()
}

// sever notes that the connection is cut off.
func (c *conn) sever() {
	if !c.killed.Swap(true) && c.severed != nil {
		close(c.severed)
	}
}

// start begins to serve the client: the loop does, or a goroutine of its own.
func (c *conn) start() {
	if c.line == nil {
		go c.proceed(shift{})
		return
	}
	c.limitSilence()
	if err := c.line.open(c.proceed); err != nil {
		_ = c.box.Close()
	}
}

// proceed serves the client until it leaves, or until it is silent and the loop
// listens. It reports true if it is to be called again, before the loop waits for
// anybody, since replies wait to be settled.
func (c *conn) proceed(by shift) (owes bool) {
	if !c.owing {
		c.turn.Lock()
		c.heard = false
	}
	c.shift = by
	err := c.serve()
	if err == nil {
		c.leave()
		c.srv.done.Done()
	}
	return err == errOwing
}

// serve answers commands until the client leaves. It returns errSilent if the connection
// rests, and is not the caller's any more, and errOwing if replies wait.
func (c *conn) serve() error {
	for !c.quit {
		if c.box.waiting.Load() > maxWaiting && !c.ease() {
			return nil
		}
		c.mayRest = c.line != nil && c.in.Buffered() == 0
		argv, err := c.in.Next()
		c.mayRest = false
		switch {
		case err == errOwing || err == errSilent && c.rests():
			return err
		case err == errSilent:
			continue
		case err != nil:
			c.farewell(err)
			return nil
		}
		if c.tally.idle() {
			c.arrive()
		}
		c.dispatch(argv)
		if len(argv) > bigWords || c.in.Taken() > bigBytes {
			c.shed()
		}
		if c.out.Len() > maxPending && !c.flush() {
			return nil
		}
	}
	c.flush()
	return nil
}

// rests gives the connection to the loop. If it reports true, the connection is not
// the caller's any more; if not, there are news of the client.
func (c *conn) rests() bool {
	c.limitSilence()
	c.yield()
	if c.line.rest() {
		return true
	}
	c.turn.Lock()
	return false
}

// shed gives back the memory of a big command's arguments.
func (c *conn) shed() {
	clear(c.calls)
	c.walker = arg.Walker{}
}

// arrive begins a batch: the clock is read once for all of it.
func (c *conn) arrive() {
	now := c.srv.eng.Now()
	c.seen.Store(now)
	c.query.Store(int64(c.in.Buffered()))
	c.space.Store(int64(c.in.Size()))
	c.tally.start()
}

// leave forgets the client, once it has taken the replies that it still gets.
func (c *conn) leave() {
	c.tally.publish()
	c.srv.eng.Unwatch(&c.watch)
	c.untrack()
	if !c.killed.Load() {
		c.drain()
	}
	c.srv.forget(c) // whoever sees the end finds the place free
	_ = c.box.Close()
	c.box.sender.Wait()
}

// drain waits for a client that leaves to take its replies, as long as it may be
// idle.
func (c *conn) drain() {
	if t, ok := c.net.(*tls.Conn); ok {
		_ = t.CloseWrite()
	}
	if c.set.timeout > 0 {
		_ = c.box.SetWriteDeadline(time.Now().Add(c.set.timeout))
	}
	if empty := c.box.downTo(0); empty != nil {
		c.shift.handOver()
		<-empty
	}
}
