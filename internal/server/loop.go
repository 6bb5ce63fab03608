package server

import "net"

// line is a connection that needs no goroutine while its client is silent: an event
// loop listens for it. Only some systems have one, and only for plain sockets; any
// other net.Conn is read by a goroutine of its own.
type line interface {
	net.Conn
	// open begins to listen. Whenever the client can be read from, and when the
	// connection is closed or its time to read is over, serve is called, once, until
	// it has called rest. If it reports true it is called again soon, when all have been
	// served who are ready now.
	open(serve func(shift) (again bool)) error
	// tryRead reads what is there; 0 bytes without an error mean nothing.
	tryRead(p []byte) (int, error)
	// rest gives the connection back to the loop. It reports false if there may be
	// something to read; if it reports true, the connection may be served already by
	// somebody else.
	rest() bool
}

// shift is the work of the goroutine that runs a loop for one connection. The zero
// value is that of a goroutine of the connection's own.
type shift struct {
	at     interface{ handOver(number int64) }
	number int64
}

// handOver leaves the loop to another goroutine, so that this one may wait.
func (s *shift) handOver() {
	if s.at != nil {
		s.at.handOver(s.number)
		s.at = nil
	}
}
