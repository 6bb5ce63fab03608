package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
)

// Options of a server: store/resp, which has the same, says what they mean.
type Options struct {
	Password   string
	MaxClients int
	Timeout    time.Duration
	MaxQuery   int64
	MaxBulk    int64
	OutputHard int64
	OutputSoft int64
	OutputTime time.Duration
	TLS        *tls.Config
	Debug      bool
	Hook       Hook
}

// Server serves one engine to any number of connections.
type Server struct {
	eng      *engine.Engine
	keeper   *durable.Keeper // nil for a store that is in memory only
	table    *command.Table
	opt      Options
	settings atomic.Pointer[settings]
	stats    stats
	pause    pause
	selectID int // SELECT's place in the table
	pingID   int
	started  int64 // unix ms
	runID    string

	life context.Context // ends with Close
	end  context.CancelFunc

	configMu sync.Mutex // serializes CONFIG SET

	mu       sync.Mutex
	conns    map[int64]*conn
	doors    map[net.Listener]struct{}
	lastID   atomic.Int64
	closing  bool
	shutting chan struct{} // closed when closing is set
	done     sync.WaitGroup
	loops    loops
}

// New makes a server for an engine, and its keeper, nil for none.
func New(e *engine.Engine, k *durable.Keeper, o Options) *Server {
	s := &Server{
		eng:      e,
		keeper:   k,
		table:    command.NewTable(append(command.Rows(), sessionRows()...)),
		opt:      o,
		started:  e.Now(),
		shutting: make(chan struct{}),
		runID:    newRunID(),
		conns:    map[int64]*conn{},
		doors:    map[net.Listener]struct{}{},
	}
	s.pause.clock = e.Clock()
	s.settings.Store(o.settings())
	s.stats.commands = make([]commandStats, s.table.Len())
	s.selectID, s.pingID = s.table.Find("select").ID, s.table.Find("ping").ID
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

// newRunID draws the 40 hexadecimal digits by which clients tell runs apart.
func newRunID() string {
	var b [20]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// ErrClosed is returned by Serve after Shutdown or Close.
var ErrClosed = errors.New("server: closed")

// Serve accepts connections until the listener is closed. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	defer s.leaveDoor(l)
	if !s.open(l) {
		return ErrClosed
	}
	for wait := firstRest; ; {
		nc, err := l.Accept()
		switch {
		case err == nil:
			s.ServeConn(nc)
			wait = firstRest
		case s.isClosing():
			return ErrClosed
		case !passing(err):
			return err
		default:
			s.rest(wait)
			wait = min(2*wait, longestRest)
		}
	}
}

// How long Serve rests when the system is short of something.
const (
	firstRest   = 5 * time.Millisecond
	longestRest = time.Second
)

// passing reports whether Accept may work again later: the system is short of file
// descriptors or memory, or a client left before it was accepted.
func passing(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// rest waits, but not longer than the server is open.
func (s *Server) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.shutting:
	}
}

// ServeConn begins to serve one connection.
func (s *Server) ServeConn(nc net.Conn) {
	if h := s.opt.Hook; h != nil && !h.Connect(nc.RemoteAddr()) {
		refuse(nc)
		return
	}
	if tcp, ok := nc.(*net.TCPConn); ok {
		_ = tcp.SetKeepAliveConfig(s.settings.Load().probes())
	}
	c := newConn(s, nc)
	if refusal := s.register(c); refusal != "" {
		if c.net == &c.box { // no TLS, which would have to be begun first
			_ = c.box.SetWriteDeadline(time.Now().Add(time.Second))
			_, _ = c.box.Conn.Write([]byte(refusal))
		}
		_ = c.box.Close()
		return
	}
	c.start()
}

// register counts the connection in, or says why it cannot be served.
func (s *Server) register(c *conn) (refusal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return "-ERR server is shutting down\r\n"
	}
	if int64(len(s.conns)) >= s.settings.Load().maxClients {
		s.stats.rejected.Add(1)
		return "-ERR max number of clients reached\r\n"
	}
	s.stats.connections.Add(1)
	s.conns[c.id] = c
	s.done.Add(1)
	return ""
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c.id)
}

// clients lists the connections in the order they came.
func (s *Server) clients() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Collect(maps.Values(s.conns))
	slices.SortFunc(list, func(a, b *conn) int { return cmp.Compare(a.id, b.id) })
	return list
}

// client finds a connection by its id.
func (s *Server) client(id int64) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns[id]
}

// open remembers the listener, to be closed with the server.
func (s *Server) open(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doors[l] = struct{}{}
	return !s.closing
}

// leaveDoor closes the listener and forgets it.
func (s *Server) leaveDoor(l net.Listener) {
	_ = l.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.doors, l)
}

// shut closes the listeners and keeps new connections out. mu is held.
func (s *Server) shut() {
	if !s.closing {
		s.closing = true
		close(s.shutting)
	}
	s.pause.end()
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
	s.end()
	s.mu.Lock()
	s.shut()
	s.mu.Unlock()
	for _, c := range s.clients() {
		c.kill(s.eng.Cancel)
	}
	s.done.Wait()
	s.loops.wait()
	return nil
}

// Shutdown lets every connection finish the commands it has received, until ctx
// ends, and closes.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.shut()
	s.mu.Unlock()
	for _, c := range s.clients() {
		c.finish()
	}
	idle := make(chan struct{})
	go func() {
		s.done.Wait()
		s.loops.wait()
		close(idle)
	}()
	select {
	case <-idle:
		s.end()
		return nil
	case <-ctx.Done():
		_ = s.Close()
		<-idle
		return ctx.Err()
	}
}
