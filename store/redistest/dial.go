package redistest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/residedb/reside/internal/pipe"
	"github.com/residedb/reside/store/resp"
)

// window is how many bytes of replies a connection in memory takes ahead of its
// client, as a socket would.
const window = 256 << 10

// addr is an address in memory.
type addr string

// memory is the network of connections in memory.
const memory = "pipe"

func (addr) Network() string  { return memory }
func (a addr) String() string { return string(a) }

// Dial makes a connection in memory; network and address are not looked at. It has
// the shape of go-redis's Options.Dialer and of what redigo's DialContextFunc
// takes. When the fake is closed, or a Fault
// refuses, it fails with syscall.ECONNREFUSED. With TLS in
// the server's options the caller has to speak it.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o := pipe.Options{Window: window, Server: addr("redistest:6379"), Client: addr(fmt.Sprintf("client:%d", s.dialed.Add(1)))}
	if s.closed.Load() || s.faults.refuses() {
		return nil, &net.OpError{Op: "dial", Net: memory, Addr: o.Server, Err: syscall.ECONNREFUSED}
	}
	client, server := pipe.New(o)
	s.own(func() { s.resp.ServeConn(server) })
	return client, nil
}

// DialCtx is Dial in the shape of rueidis's ClientOption.DialCtxFn. It speaks TLS if
// the client has a configuration for that.
func (s *Server) DialCtx(ctx context.Context, address string, _ *net.Dialer, c *tls.Config) (net.Conn, error) {
	nc, err := s.Dial(ctx, "tcp", address)
	if err != nil || c == nil {
		return nc, err
	}
	secure := tls.Client(nc, c)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = nc.Close()
		return nil, err
	}
	return secure, nil
}

// Addr is the address, "127.0.0.1:port", of a real port. The first call opens it. The
// test ends if that fails.
func (s *Server) Addr() string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.door == nil {
		l, err := resp.Listen("127.0.0.1:0")
		if err != nil {
			s.t.Fatalf("redistest: %v", err)
		}
		s.door, s.served = l, make(chan error, 1)
		s.own(func() { go func() { s.served <- s.resp.Serve(l) }() })
	}
	return s.door.Addr().String()
}

// shutDoor waits until the port, if there is one, is closed.
func (s *Server) shutDoor() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.door == nil {
		return nil
	}
	if err := <-s.served; !errors.Is(err, resp.ErrServerClosed) {
		return err
	}
	return nil
}
