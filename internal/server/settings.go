package server

import (
	"net"
	"time"

	"github.com/residedb/reside/internal/wire"
)

// settings are what CONFIG SET can change of the server while it runs. Those in
// use are never modified: change a copy and set that.
type settings struct {
	password   string
	maxClients int64
	timeout    int64 // seconds a client may be idle, 0 for ever
	keepAlive  int64 // seconds between TCP probes, 0 for none
	bulk       int64 // bytes of one argument
	query      int64 // bytes of one command
	output     [3]outputLimit

	// Kept for whoever asks; they have nothing to decide here.
	compressDepth int
	lazyFree      [len(lazyFree)]bool
}

// outputLimit bounds the replies that wait for a client of one class: over hard
// bytes at once, or over soft bytes for some seconds, it is cut off.
type outputLimit struct{ hard, soft, seconds int64 }

// The classes of clients that have output limits.
const (
	normalClass = iota
	replicaClass
	pubsubClass
)

func defaultSettings() *settings {
	return &settings{
		maxClients: 10000,
		keepAlive:  300,
		bulk:       wire.DefaultBulk,
		query:      wire.DefaultQuery,
		output:     [3]outputLimit{{}, {256 << 20, 64 << 20, 60}, {32 << 20, 8 << 20, 60}},
	}
}

// idle is how long a client may be idle, 0 for ever.
func (s *settings) idle() time.Duration { return time.Duration(s.timeout) * time.Second }

// probes says how the system finds out that a client's machine is gone.
func (s *settings) probes() net.KeepAliveConfig {
	every := time.Duration(s.keepAlive) * time.Second
	return net.KeepAliveConfig{Enable: s.keepAlive > 0, Idle: every, Interval: every / 3, Count: 3}
}

// configure changes the settings by a function on a copy of them.
func (s *Server) configure(change func(*settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := *s.settings.Load()
	change(&next)
	s.settings.Store(&next)
}
