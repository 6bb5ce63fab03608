package server

import "net"

// addr is the client's address as Redis writes it: a client of a UNIX socket, which
// has none, goes by the socket's.
func (c *conn) addr() string {
	if c.local {
		return c.localAddr()
	}
	return c.net.RemoteAddr().String()
}

// localAddr is the address that the client connected to.
func (c *conn) localAddr() string {
	if c.local {
		return c.net.LocalAddr().String() + ":0"
	}
	return c.net.LocalAddr().String()
}

// port is the port that the client connected to, 0 if it was no TCP.
func (c *conn) port() int { return portOf(c.net.LocalAddr()) }

func portOf(a net.Addr) int {
	if a, ok := a.(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

// ports are where the server listens: one port, which speaks TLS or does not, and
// one UNIX socket; 0 and "" for none.
type ports struct {
	plain, tls int
	path       string
}

func (s *Server) ports() (p ports) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := &p.plain
	if s.opt.TLS != nil {
		at = &p.tls
	}
	for l := range s.doors {
		if _, unix := l.Addr().(*net.UnixAddr); unix {
			p.path = l.Addr().String()
		} else {
			*at = max(*at, portOf(l.Addr()))
		}
	}
	return p
}
