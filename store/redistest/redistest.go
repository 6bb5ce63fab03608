// Package redistest is Redis for unit tests: a real client, no server to start, no
// port, no sleeping. What net/http/httptest is to HTTP it is to Redis.
//
//	func TestVisits(t *testing.T) {
//		fake := redistest.New(t, redistest.Options{})
//		client := redis.NewClient(&redis.Options{Addr: ":0", Dialer: fake.Dial}) // go-redis
//		defer client.Close()
//		n, err := Visit(t.Context(), client)                      // the code under test
//		...
//	}
//
// The fake is a store.Store behind a resp.Server, the same that programs use, so
// commands and replies are those that Reside gives anywhere. Store is the way
// past the client: to prepare keys with typed handles and to look at them.
//
// # Connections
//
// Dial makes a connection in memory, for go-redis (Options.Dialer), for redigo
// (DialContextFunc) and, as DialCtx, for rueidis (ClientOption.DialCtxFn). Addr is
// a real port on loopback, for what cannot be given a dialer; it is opened when it
// is first asked for. The client's side of a connection in memory never waits, so
// a pipeline may be as long as it likes. What it does not read is kept: 256 KiB by
// the connection, and behind that by the server, whose limits (resp.Options.OutputHard
// and its kin) begin to count there.
//
// # Time
//
// Inside a bubble of testing/synctest, make the fake and its clients there and dial
// in memory: keys expire and blocking commands end in virtual time, and a day of
// time.Sleep takes no time. A real port is no part of a bubble: whoever waits for
// it stops the bubble's clock. So is Go's resolver, and a second bubble that asks it
// ends the tests with "send on synctest channel from outside bubble". go-redis asks
// for the host in its Addr, localhost if there is none, whoever dials: ":0", an
// address without a host, keeps it from that. Outside of a bubble a test moves a
// Clock by hand.
//
// # Snapshots and the log
//
// A fake has places for both in memory, so SAVE, BGSAVE, LASTSAVE, DEBUG RELOAD,
// BGREWRITEAOF, WAITAOF and CONFIG SET appendonly do what they do on a server. As on one
// that was told --save "" and --appendonly no, nothing is saved unless a client asks for
// it. Options.Store.Durability has other places and rules, such as a log that fails.
//
// # When Redis fails
//
// Fault makes things go wrong by rule: an error as Redis gives it while it loads or on
// a replica, a slow reply, a connection that ends in the middle of one, a connect
// that is refused. Rules choose by command, key and client, by count, or by
// chance that repeats itself.
//
// # What a test prepares and looks at
//
// Load runs a script of commands before the test begins, and Dump writes such a script
// of all that the store holds, for golden files. Equal holds two stores together.
// Commands tells what clients have sent, Saw asserts it, and a test that fails shows
// the last of them. Passwords are not among what is shown.
//
// # The end of the test
//
// When the test ends, the fake closes itself and checks that nothing is left: no
// goroutine of its own, no caller that waits for a key, and keys that add up to the
// memory that the store accounts for. Clients that are still open are cut off. A
// test fails if something is wrong.
package redistest

import (
	"cmp"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// Options of a fake. The zero value is useful: an empty store without limits that
// anybody may use.
type Options struct {
	// Store has the options of the store behind the fake. Its Seed is 1 if 0: what is
	// picked at random is the same in each run of a test.
	Store store.Options
	// Server has the options of the server before it, such as a password.
	Server resp.Options
	// Commands is how many of its clients' last commands the fake remembers, 10,000 if 0.
	Commands int
}

// Server is a fake. Its methods may be called from many goroutines.
type Server struct {
	t      testing.TB
	opt    Options
	store  *store.Store
	resp   *resp.Server
	label  string // of the goroutines that are the fake's own
	dialed atomic.Int64
	closed atomic.Bool
	faults faults
	log    log

	mu     sync.Mutex
	door   net.Listener // nil until Addr is called
	served chan error
}

// New makes a fake that closes itself when the test ends. It starts no goroutine and
// opens no port. Options that make no sense end the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	if err := o.Server.Check(); err != nil {
		t.Fatalf("redistest: %v", err)
	}
	if o.Commands < 0 {
		t.Fatalf("redistest: Options.Commands is negative: %d", o.Commands)
	}
	if o.Store.Seed == 0 {
		o.Store.Seed = 1
	}
	if d := o.Store.Durability; d.Snapshots == nil && d.Log == nil {
		o.Store.Durability = store.InMemory(d)
	}
	st, err := store.OpenPlaces(t.Context(), o.Store)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	return serve(t, o, st)
}

// Fork makes another fake with a copy of the data, the clock's time, if it is a Clock,
// the seed and the options; it belongs to the given test, a parallel subtest maybe.
// What the one does the other does not see. Clients, faults, the record of commands,
// snapshots and the log are not copied. Values are shared until one of the two changes them, so
// it takes about a microsecond a key, however big the keys are. It must not be
// called inside a transaction.
//
//	fake.Load(t, fixture) // once
//	for _, c := range cases {
//		t.Run(c.name, func(t *testing.T) {
//			t.Parallel()
//			fake := fake.Fork(t)
//			...
//		})
//	}
func (s *Server) Fork(t testing.TB) *Server {
	t.Helper()
	o := s.opt
	if c := s.Clock(); c != nil {
		o.Store.Clock = NewClock(c.Now())
	}
	o.Store.Durability = store.InMemory(o.Store.Durability)
	st, err := store.Fork(s.store, o.Store.Clock, o.Store.Durability)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	return serve(t, o, st)
}

// serve makes the fake of a store.
func serve(t testing.TB, o Options, st *store.Store) *Server {
	s := &Server{t: t, opt: o, store: st, log: log{limit: cmp.Or(o.Commands, defaultCommands)}}
	s.resp = resp.NewServer(st, s.watched(o.Server))
	s.label = labelOf(s)
	if c := s.Clock(); c != nil {
		c.drive(s)
	}
	t.Cleanup(s.tell)
	t.Cleanup(s.Close)
	return s
}

// Clock is the clock that the fake was made with, a fork's own copy of it, or nil if it
// was made with none or with one of another type.
func (s *Server) Clock() *Clock {
	c, _ := s.opt.Store.Clock.(*Clock)
	return c
}

// Store is what the clients' commands work on.
func (s *Server) Store() *store.Store { return s.store }

// Close cuts every client off, closes the store and checks that nothing is left. The
// end of the test calls it; a test that wants to see what its code does without
// Redis may do so before.
func (s *Server) Close() {
	if s.closed.Swap(true) {
		return
	}
	s.t.Helper()
	if c := s.Clock(); c != nil {
		c.forget(s)
	}
	s.report(s.resp.Close())
	s.report(s.shutDoor())
	s.report(s.store.Close())
	s.check()
}

func (s *Server) report(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Errorf("redistest: %v", err)
	}
}
