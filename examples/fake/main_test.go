package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/residedb/reside/store/redistest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	logging.Disable() // go-redis tells of connections that fail
	goleak.VerifyTestMain(m)
}

// newFake makes a fake and a client of it, for a bubble: time.Sleep takes no time there,
// and everything on the fake happens at the moment at which it should.
func newFake(t *testing.T) (*redistest.Server, *redis.Client) {
	fake := redistest.New(t, redistest.Options{})
	client := redis.NewClient(&redis.Options{Addr: ":0", Dialer: fake.Dial}) // see redistest about Addr
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return fake, client
}

// TestProgram holds the program to every line and every tenth of a second.
func TestProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(t)
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), client, &out))
		require.Equal(t, `A rate limiter: three visits in two seconds
  0.0s  ada's visit 1
  0.0s  ada's visit 2
  0.0s  ada's visit 3
  0.0s  ada has to wait for 2.0s
  2.0s  ada's visit 4
  2.0s  ada's visit 5
A job queue: a lease is three seconds
  0.0s  pushed "welcome ada", to be done in 0s
  0.0s  pushed "remind ada", to be done in 2s
  0.0s  a worker takes "welcome ada" and dies
  2.0s  another worker does "remind ada"
  3.0s  another worker does "welcome ada"
`, out.String())
		require.Empty(t, redistest.Dump(fake.Store()), "it leaves nothing behind")
	})
}

// until is a writer that cancels when a text has come.
type until struct {
	strings.Builder
	text   string
	cancel context.CancelFunc
}

func (u *until) Write(b []byte) (int, error) {
	u.Builder.Write(b)
	if strings.Contains(u.String(), u.text) {
		u.cancel()
	}
	return len(b), nil
}

// TestProgramConnects over the network, in real time: it sees the first visit.
func TestProgramConnects(t *testing.T) {
	fake := redistest.New(t, redistest.Options{})
	for name, addr := range map[string]string{"to a store of its own": "", "to a given address": fake.Addr()} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			out := &until{text: "visit 1\n", cancel: cancel}
			require.ErrorIs(t, runOn(ctx, addr, out), context.Canceled)
			require.Equal(t, addr != "", fake.Count("EXEC") > 0)
			fake.ForgetCommands()
		})
	}
}
