package server

import (
	"cmp"
	"net"
	"time"

	"github.com/residedb/reside/internal/wire"
)

// settings are what CONFIG SET can change of the server while it runs. Those in
// use are never modified: change a copy and set that.
type settings struct {
	password   string
	maxClients int64
	timeout    time.Duration // a client may be idle, 0 for ever
	keepAlive  int64         // seconds between TCP probes, 0 for none
	bulk       int64         // bytes of one argument
	query      int64         // bytes of one command
	output     [3]outputLimit

	trackedKeys int64 // remembered for all clients that track, 0 for any number

	// Kept for whoever asks; they have nothing to decide here.
	noSyncOnRewrite bool
	compressDepth   int
	lazyFree        [len(lazyFree)]bool
}

// outputLimit bounds the replies that wait for a client of one class: over hard
// bytes at once, or over soft bytes for some seconds, it is cut off.
type outputLimit struct {
	hard, soft int64
	within     time.Duration
}

// The classes of clients that have output limits.
const (
	normalClass = iota
	replicaClass
	pubsubClass
)

// settings are what a server begins with.
func (o *Options) settings() *settings {
	return &settings{
		trackedKeys: 1000000,
		password:    o.Password,
		maxClients:  cmp.Or(int64(o.MaxClients), 10000),
		timeout:     o.Timeout,
		keepAlive:   300,
		bulk:        cmp.Or(o.MaxBulk, wire.DefaultBulk),
		query:       cmp.Or(o.MaxQuery, wire.DefaultQuery),
		output: [3]outputLimit{
			normalClass:  {o.OutputHard, o.OutputSoft, o.OutputTime},
			replicaClass: {256 << 20, 64 << 20, time.Minute},
			pubsubClass:  {32 << 20, 8 << 20, time.Minute},
		},
	}
}

// probes says how the system finds out that a client's machine is gone.
func (s *settings) probes() net.KeepAliveConfig {
	every := time.Duration(s.keepAlive) * time.Second
	return net.KeepAliveConfig{Enable: s.keepAlive > 0, Idle: every, Interval: every / 3, Count: 3}
}

// configure changes the settings by a function on a copy of them.
func (s *Server) configure(change func(*settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.settings.Load()
	next := *old
	change(&next)
	s.settings.Store(&next)
	if next.timeout != old.timeout {
		for _, c := range s.conns {
			c.setTimeout()
		}
	}
}
