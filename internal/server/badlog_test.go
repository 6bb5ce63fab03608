package server

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// badDisk is a place for a log and snapshots in memory that can be slow, and can fail.
type badDisk struct {
	persist.MemoryLog
	snaps persist.MemorySnapshots

	mu      sync.Mutex
	held    chan struct{} // what Append and Sync wait for, nil for nothing
	entered chan string   // told of those that wait
	err     error         // of all calls
}

func newBadDisk() *badDisk { return &badDisk{entered: make(chan string, 16)} }

// hold makes the calls of the log wait until release.
func (d *badDisk) hold() (release func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held := make(chan struct{})
	d.held = held
	return sync.OnceFunc(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.held = nil
		close(held)
	})
}

// fail makes every call fail; nil mends the disk.
func (d *badDisk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

// touch waits, or fails, as the disk does.
func (d *badDisk) touch(call string) error {
	d.mu.Lock()
	held := d.held
	d.mu.Unlock()
	if held != nil {
		d.entered <- call
		<-held
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

func (d *badDisk) Append(records []persist.Record) error {
	if err := d.touch("append"); err != nil {
		return err
	}
	return d.MemoryLog.Append(records)
}

func (d *badDisk) Sync() error {
	if err := d.touch("sync"); err != nil {
		return err
	}
	return d.MemoryLog.Sync()
}

// badSnapshots fail as the disk does.
type badSnapshots struct{ *badDisk }

func (s badSnapshots) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	s.mu.Lock()
	err := s.err
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return s.snaps.Create(ctx, about)
}

func (s badSnapshots) Open(ctx context.Context) (persist.SnapshotReader, error) {
	return s.snaps.Open(ctx)
}

// options keep a store on the disk.
func (d *badDisk) options(p durable.Policy) durable.Options {
	return durable.Options{Snapshots: badSnapshots{d}, Log: d, Policy: p}
}

// borrowed is a log that another goes on using.
type borrowed struct{ persist.Log }

func (borrowed) Close() error { return nil }

// reopened is the content that the disk has.
func (d *badDisk) reopened(t testing.TB) *engine.Engine {
	t.Helper()
	e := engine.New(engine.Options{})
	k, err := durable.Open(t.Context(), e, durable.Options{Snapshots: &d.snaps, Log: borrowed{&d.MemoryLog}, LogOff: true})
	require.NoError(t, err)
	t.Cleanup(func() {
		e.Close()
		require.NoError(t, k.Close())
	})
	return e
}

// plain makes connections that no event loop can serve.
type plain struct{ net.Listener }

func (l plain) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return struct{ net.Conn }{nc}, nil
}

// eachPath runs a test on a server whose connections an event loop serves, where there is
// one, and on one whose connections have a goroutine each.
func eachPath(t *testing.T, p durable.Policy, room int, test func(t *testing.T, s *Server, addr string, d *badDisk)) {
	for _, name := range []string{"loop", "goroutine"} {
		t.Run(name, func(t *testing.T) {
			d := newBadDisk()
			o := d.options(p)
			o.Room = room
			s, addr := startKept(t, o)
			if name == "goroutine" { // by another door
				l, err := net.Listen("tcp", "127.0.0.1:0")
				require.NoError(t, err)
				addr = l.Addr().String()
				served := make(chan error, 1)
				go func() { served <- s.Serve(plain{l}) }()
				t.Cleanup(func() {
					_ = l.Close()
					require.Error(t, <-served)
				})
			}
			test(t, s, addr, d)
		})
	}
}
