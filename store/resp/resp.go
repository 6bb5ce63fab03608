// Package resp serves a store to Redis clients over RESP2 and RESP3.
//
//	srv := resp.NewServer(s, resp.Options{})
//	err := srv.ListenAndServe("127.0.0.1:6379")
package resp

import (
	"context"
	"net"

	"github.com/residedb/reside/internal/server"
	"github.com/residedb/reside/store"
)

// Options of a server. The zero value is useful.
type Options struct {
	// Password that clients must give (Redis: requirepass); none if empty.
	Password string
	// MaxClients is how many may be connected at a time, 10,000 if 0 (Redis:
	// maxclients).
	MaxClients int
	// Debug allows the command DEBUG (Redis: enable-debug-command).
	Debug bool
}

// Server serves one store.
type Server struct{ srv *server.Server }

// ErrServerClosed is returned by Serve and ListenAndServe after Shutdown or Close.
var ErrServerClosed = server.ErrClosed

// NewServer makes a server for the store. It listens to nothing yet.
func NewServer(s *store.Store, o Options) *Server {
	return &Server{server.New(store.Engine(s), server.Options{Password: o.Password, Debug: o.Debug, MaxClients: o.MaxClients})}
}

// ListenAndServe listens on a TCP address and serves until Shutdown or Close. An
// address without a host is on loopback: say 0.0.0.0 to be reached from
// elsewhere.
func (s *Server) ListenAndServe(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// Serve accepts connections until the listener is closed.
func (s *Server) Serve(l net.Listener) error { return s.srv.Serve(l) }

// ServeConn serves one connection in a goroutine of its own.
func (s *Server) ServeConn(c net.Conn) { s.srv.ServeConn(c) }

// Shutdown closes the server once every client has the replies to what it sent,
// or ctx ends.
func (s *Server) Shutdown(ctx context.Context) error { return s.srv.Shutdown(ctx) }

// Close cuts every connection.
func (s *Server) Close() error { return s.srv.Close() }
