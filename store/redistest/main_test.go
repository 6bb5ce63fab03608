package redistest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// TestMain holds every test to leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// peer is a client that works with bytes.
type peer struct {
	net.Conn
	t testing.TB
	r *bufio.Reader
}

func newPeer(t testing.TB, nc net.Conn, err error) *peer {
	t.Helper()
	require.NoError(t, err)
	require.NoError(t, nc.SetDeadline(time.Now().Add(20*time.Second)))
	t.Cleanup(func() { _ = nc.Close() })
	return &peer{nc, t, bufio.NewReader(nc)}
}

func dial(t testing.TB, s *Server) *peer {
	t.Helper()
	nc, err := s.Dial(t.Context(), "tcp", "anywhere")
	return newPeer(t, nc, err)
}

func (p *peer) send(s string) {
	p.t.Helper()
	_, err := io.WriteString(p, s)
	require.NoError(p.t, err)
}

// want reads exactly the given bytes.
func (p *peer) want(reply string) {
	p.t.Helper()
	b := make([]byte, len(reply))
	n, err := io.ReadFull(p.r, b)
	require.NoError(p.t, err, "got %q", b[:n])
	require.Equal(p.t, reply, string(b))
}

// do sends a line and reads its reply.
func (p *peer) do(line, reply string) {
	p.t.Helper()
	p.send(line + "\r\n")
	p.want(reply)
}

// recorder is a test that fails without failing the one that looks at it.
type recorder struct {
	testing.TB
	cleanups []func()
	failed   strings.Builder
	logged   strings.Builder
}

func (r *recorder) Helper()                           {}
func (r *recorder) Name() string                      { return "Recorder" }
func (r *recorder) Cleanup(f func())                  { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Failed() bool                      { return r.failed.Len() > 0 }
func (r *recorder) Logf(format string, args ...any)   { fmt.Fprintf(&r.logged, format+"\n", args...) }
func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.failed, format+"\n", args...) }
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// run ends with the cleanups, as a test does, and returns what failed.
func (r *recorder) run(f func()) string {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
	return r.failed.String()
}
