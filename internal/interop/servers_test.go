package interop

import (
	"context"
	"errors"
	"maps"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// eachServer runs f against Reside and against a real redis-server. Clients have
// to give the password, if there is one.
func eachServer(t *testing.T, password string, f func(t *testing.T, addr string)) {
	t.Run("Reside", func(t *testing.T) { f(t, startReside(t, password)) })
	t.Run("Redis", func(t *testing.T) {
		if password == "" {
			f(t, script.StartRedis(t))
			return
		}
		f(t, script.StartRedis(t, "--requirepass", password))
	})
}

// startReside serves an empty store on a free loopback port until the test ends.
func startReside(t *testing.T, password string) (addr string) {
	t.Helper()
	s := store.New(store.Options{})
	srv := resp.NewServer(s, resp.Options{Password: password})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, srv.Close())
		require.ErrorIs(t, <-done, resp.ErrServerClosed)
		require.NoError(t, s.Close())
	})
	return l.Addr().String()
}

// runCases runs a client's cases in the order of their names, each on an empty
// server.
func runCases[C any](t *testing.T, addr string, client C, cases map[string]func(t *testing.T, c C)) {
	admin, err := script.Dial(addr, 2)
	require.NoError(t, err)
	defer admin.Close()
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			flushed, err := admin.Do("FLUSHALL")
			require.NoError(t, err)
			require.Equal(t, "+OK", flushed.String())
			cases[name](t, client)
		})
	}
}

// patience bounds what a case waits for.
const patience = 20 * time.Second

func background(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// outOfTime holds that a context's deadline ended a call: clients hand it to the
// connection too, which may be the first to notice.
func outOfTime(t *testing.T, err error) {
	t.Helper()
	require.True(t, errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded), "%v", err)
}

// awaitBlocked waits until n clients of the server are blocked.
func awaitBlocked(t *testing.T, addr string, n int) {
	t.Helper()
	c, err := script.Dial(addr, 2)
	require.NoError(t, err)
	defer c.Close()
	require.Eventually(t, func() bool {
		now, err := c.Blocked()
		return err == nil && now == n
	}, patience, time.Millisecond)
}

// sameLarge holds values together that are too long to be printed.
func sameLarge(t *testing.T, want, got string) {
	t.Helper()
	if got != want {
		t.Fatalf("%d bytes came back as %d others", len(want), len(got))
	}
}

// everyByte is a value that only a binary-safe server keeps.
func everyByte() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}
