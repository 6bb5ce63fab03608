// Package resp serves a store to Redis clients over RESP2 and RESP3, the protocols
// of Redis: redis-cli on a desk, or the client library of a service under test.
//
//	s := store.New(store.Options{})
//	srv := resp.NewServer(s, resp.Options{Password: "secret"})
//	err := srv.ListenAndServe("127.0.0.1:6379")
//
// The program and the clients see the same keys: what a handle of package types
// writes, GET reads, and the other way round.
//
// # Who can reach it
//
// An address without a host is on loopback, so nobody else can connect by
// accident. To be reached from elsewhere say so ("0.0.0.0:6379"), and set a
// Password and TLS; or listen on a UNIX socket ("unix:/run/app.sock"), which has
// the permissions of a file.
//
// # What clients can do to it
//
// Every client is served by a goroutine of its own. What one sends or leaves
// unread costs a bounded amount of memory (see Options), and holds up no other
// client. Input that is no RESP gets Redis's protocol error and ends the
// connection.
//
// # The end
//
// Shutdown lets clients have the replies to what they sent; Close does not. Both
// leave the store open: close it after the server.
package resp

import (
	"context"
	"net"

	"github.com/residedb/reside/internal/server"
	"github.com/residedb/reside/store"
)

// Server serves one store. Its methods may be called from many goroutines.
type Server struct {
	srv *server.Server
	bad error // what is wrong with the options
}

// ErrServerClosed is returned by Serve and ListenAndServe after Shutdown or Close.
var ErrServerClosed = server.ErrClosed

// NewServer makes a server for the store. It listens to nothing yet and starts no
// goroutine. Options that make no sense are reported by Serve and ListenAndServe.
func NewServer(s *store.Store, o Options) *Server {
	return &Server{server.New(store.Engine(s), store.Keeper(s), server.Options(o)), o.Check()}
}

// ListenAndServe listens on an address as Listen does, and serves until Shutdown or
// Close; then it returns ErrServerClosed. Port 0 is any free port, which only
// Serve lets you find out.
func (s *Server) ListenAndServe(addr string) error {
	if s.bad != nil {
		return s.bad
	}
	l, err := Listen(addr)
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// Serve accepts connections from the listener, which it closes in the end, until
// Shutdown or Close; then it returns ErrServerClosed. It may serve several
// listeners at a time. With Options.TLS the listener is a plain one.
func (s *Server) Serve(l net.Listener) error {
	if s.bad != nil {
		_ = l.Close()
		return s.bad
	}
	return s.srv.Serve(l)
}

// ServeConn begins to serve one connection. It is for transports that have no
// listener, as net.Pipe in a test; with Options.TLS the other side has to speak TLS
// over it. The connection is the server's from now on, as one from a listener: of a
// plain TCP or UNIX connection it may keep only the descriptor, so that closing c, or
// setting its deadlines, does nothing. To cut clients off from outside, hand the
// server a net.Conn of a type of your own around it.
func (s *Server) ServeConn(c net.Conn) {
	if s.bad != nil {
		_ = c.Close()
		return
	}
	s.srv.ServeConn(c)
}

// Shutdown stops listening, ends waits in blocking commands, and lets every client
// have the replies to the commands that were received; what arrives later is
// not read. When all connections have ended, it returns nil. If ctx ends first,
// it cuts the rest off and returns the context's error.
func (s *Server) Shutdown(ctx context.Context) error { return s.srv.Shutdown(ctx) }

// Close stops listening, cuts every connection off, and waits for their goroutines.
func (s *Server) Close() error { return s.srv.Close() }
