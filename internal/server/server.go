package server

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// Options of a server. The zero value is useful.
type Options struct {
	Password string // AUTH is required if it is not empty
}

// Server serves one engine to any number of connections.
type Server struct {
	eng   *engine.Engine
	table *command.Table
	opt   Options

	mu      sync.Mutex
	conns   map[*conn]struct{}
	doors   map[net.Listener]struct{}
	lastID  atomic.Int64
	closing bool
	done    sync.WaitGroup
}

// New makes a server for an engine.
func New(e *engine.Engine, o Options) *Server {
	return &Server{
		eng:   e,
		table: command.NewTable(append(command.Rows(), sessionRows()...)),
		opt:   o,
		conns: map[*conn]struct{}{},
		doors: map[net.Listener]struct{}{},
	}
}

// ErrClosed is returned by Serve after Shutdown or Close.
var ErrClosed = errors.New("server: closed")

// Serve accepts connections until the listener is closed. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	defer func() { _ = l.Close() }()
	if !s.open(l) {
		return ErrClosed
	}
	for {
		nc, err := l.Accept()
		if err != nil {
			if s.isClosing() {
				return ErrClosed
			}
			return err
		}
		s.ServeConn(nc)
	}
}

// ServeConn serves one connection in a goroutine of its own.
func (s *Server) ServeConn(nc net.Conn) {
	c := newConn(s, nc)
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		_ = nc.Close()
		return
	}
	s.conns[c] = struct{}{}
	s.done.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.done.Done()
		c.serve()
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
}

// open remembers the listener, to be closed with the server.
func (s *Server) open(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doors[l] = struct{}{}
	return !s.closing
}

// shut closes the listeners and keeps new connections out. mu is held.
func (s *Server) shut() {
	s.closing = true
	for l := range s.doors {
		_ = l.Close()
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// Close cuts every connection and waits for their goroutines.
func (s *Server) Close() error {
	s.mu.Lock()
	s.shut()
	for c := range s.conns {
		_ = c.net.Close()
	}
	s.mu.Unlock()
	s.done.Wait()
	return nil
}

// Shutdown lets every connection finish the commands it has received, until ctx
// ends, and closes.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.shut()
	for c := range s.conns {
		c.finish()
	}
	s.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		s.done.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		_ = s.Close()
		<-idle
		return ctx.Err()
	}
}
