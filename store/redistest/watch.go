package redistest

import (
	"net"

	"github.com/residedb/reside/store/resp"
)

// watch is the fake's hook in its server. The hook that the options have comes
// behind it.
type watch struct {
	s    *Server
	next resp.Hook
}

// watched are the options with the fake's hook.
func (s *Server) watched(o resp.Options) resp.Options {
	o.Hook = &watch{s, o.Hook}
	return o
}

// Connect is asked about every connection. Those in memory were asked about by Dial.
func (w *watch) Connect(remote net.Addr) bool {
	if remote.Network() != memory && w.s.faults.refuses() {
		return false
	}
	return w.next == nil || w.next.Connect(remote)
}

// Command notes a command and looks for its faults.
func (w *watch) Command(c resp.Call) resp.Verdict {
	v := w.s.faults.judge(&c)
	if w.next != nil {
		v = also(v, w.next.Command(c))
	}
	w.s.log.add(newCommand(&c, v))
	return v
}
