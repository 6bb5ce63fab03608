package command_test

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// TestScripts runs every script over the wire in both protocols. After each case
// the effects so far are replayed into a second engine, which must be equal.
func TestScripts(t *testing.T) {
	script.RunAll(t, "testdata/*.script", func(t *testing.T) (string, func(*testing.T)) {
		s := newSubject(t)
		return s.addr, s.checkReplay
	})
}

// subject is a store behind a server, with the records of what it does.
type subject struct {
	addr    string
	store   *store.Store
	eng     *engine.Engine
	mu      sync.Mutex
	records []engine.Record
}

func newSubject(t *testing.T) *subject {
	st := store.New(store.Options{})
	srv := resp.NewServer(st, resp.Options{Debug: true})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &subject{addr: l.Addr().String(), store: st, eng: store.Engine(st)}
	s.eng.Attach(s.eng.Tap(func(r engine.Record) {
		r.Effects = append([]byte(nil), r.Effects...)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.records = append(s.records, r)
	}))
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, srv.Close())
		require.ErrorIs(t, <-done, resp.ErrServerClosed)
		require.NoError(t, st.Close())
	})
	return s
}

func (s *subject) checkReplay(t *testing.T) {
	replica := engine.New(engine.Options{Replica: true})
	defer replica.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.records {
		require.NoError(t, replica.Apply(r))
	}
	require.Equal(t, unsigned(s.eng.Dump()), unsigned(replica.Dump()))
	require.Equal(t, s.eng.Recount(), s.eng.Memory(), "accounted memory")
}

// unsigned is a dump without the sign of zero scores, which a sorted set loses when
// it is packed: a copy is packed anew.
func unsigned(dump string) string {
	return strings.ReplaceAll(dump, `\b\x80\x00\x00\x00\x00\x00\x00\x00"`, `\b\x00\x00\x00\x00\x00\x00\x00\x00"`)
}
