package resp

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/replicate"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// TestAFollowerIsServed: clients read from it, and are told that they cannot write, until
// it is promoted.
func TestAFollowerIsServed(t *testing.T) {
	primary, s := store.New(store.Options{}), store.New(store.Options{Follower: true})
	require.NoError(t, types.NewString[string](primary, "k").Set(t.Context(), "v"))
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan error, 1)
	go func() { told <- primary.Replicate(ctx, s.Follower(), replicate.Options{}) }()
	until(t, func() bool { return s.Position() == 1 })
	srv := NewServer(s, Options{})
	l, err := Listen(":0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()

	const readOnly = "-READONLY You can't write against a read only replica.\r\n"
	p := dial(t, l.Addr().String())
	p.do("GET k", "$1\r\nv\r\n")
	p.do("SET k w", readOnly)
	p.do("BLPOP l 0", readOnly)
	p.do("PING", "+PONG\r\n")
	p.do("MULTI", "+OK\r\n")
	p.do("GET k", "+QUEUED\r\n")
	p.do("EXEC", "*1\r\n$1\r\nv\r\n")
	require.Equal(t, "slave", p.info("role"))
	cancel()
	require.ErrorIs(t, <-told, context.Canceled)
	require.NoError(t, s.Promote(t.Context()))
	p.do("SET k w", "+OK\r\n")
	require.Equal(t, "master", p.info("role"))

	require.NoError(t, srv.Close())
	require.ErrorIs(t, <-served, ErrServerClosed)
	require.NoError(t, s.Close())
	require.NoError(t, primary.Close())
}
