package server

import (
	"sync"
	"sync/atomic"
)

// profile is what other connections may see of a client. Its own goroutine alone
// writes it, inside update; that goroutine reads it without the lock.
type profile struct {
	mu      sync.Mutex
	name    string
	libName string
	libVer  string
	user    bool // authenticated
	db      int
	proto   int
	queued  int // commands queued by MULTI, -1 outside
	aborted bool

	queuedBytes int64

	watching bool
	noEvict  bool
	noTouch  bool
	tracking tracking
	broken   atomic.Bool // whoever is told in the client's place has left

	seen  atomic.Int64 // unix ms of the last batch of commands
	cmd   atomic.Int32 // the last command's number in the table plus 1
	query atomic.Int64 // bytes received and not run yet
	space atomic.Int64 // bytes of the query buffer
}

// update changes the profile.
func (p *profile) update(change func()) {
	p.mu.Lock()
	change()
	p.mu.Unlock()
}
