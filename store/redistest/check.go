package redistest

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"time"

	"github.com/residedb/reside/store"
)

// labelKey is the label of goroutines, in the sense of runtime/pprof, by which a fake
// knows its own: whatever they start inherits it.
const labelKey = "redistest"

// labelOf names a fake as no other.
func labelOf(s *Server) string { return fmt.Sprintf("%s %p", s.t.Name(), s) }

// own calls f, so that every goroutine it starts is known as the fake's own. The
// caller's labels are its own business, so f runs in another goroutine.
func (s *Server) own(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(labelKey, s.label)))
		f()
	}()
	<-done
}

// patience is how long what has been told to end may take.
const patience = 5 * time.Second

// check finds what is left of a fake that was closed.
func (s *Server) check() {
	s.t.Helper()
	e := store.Engine(s.store)
	if sum, kept := e.Recount(), e.Memory(); sum != kept {
		s.t.Errorf("redistest: the keys add up to %d bytes, but %d are accounted for", sum, kept)
	}
	if !eventually(func() bool { return s.store.Stats().Waiting == 0 }) {
		s.t.Errorf("redistest: %d callers still wait for a key", s.store.Stats().Waiting)
	}
	if !eventually(func() bool { return s.goroutines() == "" }) {
		s.t.Errorf("redistest: goroutines are left:\n%s", s.goroutines())
	}
}

// eventually polls a condition.
func eventually(cond func() bool) bool {
	for end := time.Now().Add(patience); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// goroutines lists the fake's own that run.
func (s *Server) goroutines() string {
	var all, own bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&all, 1)
	mark := fmt.Appendf(nil, "%q:%q", labelKey, s.label)
	for group := range bytes.SplitSeq(all.Bytes(), []byte("\n\n")) {
		if bytes.Contains(group, mark) {
			own.Write(append(group, '\n'))
		}
	}
	return own.String()
}
