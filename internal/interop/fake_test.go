package interop

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	redigo "github.com/gomodule/redigo/redis"
	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/nettest"

	"github.com/residedb/reside/internal/pipe"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/redistest"
)

// TestPipeIsAConn holds connections in memory to what package net's users expect.
func TestPipeIsAConn(t *testing.T) {
	for _, window := range []int{1000, 64 << 10} {
		t.Run(fmt.Sprint(window), func(t *testing.T) {
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				client, server := pipe.New(pipe.Options{Window: window})
				return client, server, func() { _, _ = client.Close(), server.Close() }, nil
			})
		})
	}
}

// inMemory runs each of a client's cases on a fake of its own. What clients do on a
// socket they do in memory; the cases look at the server through a socket beside
// it. (On one fake they would meet in a client's pool: go-redis asks the system
// whether a connection that was killed is still good, which has no answer here.)
func inMemory[C any](t *testing.T, cases map[string]func(t *testing.T, c C), client func(t *testing.T, fake *redistest.Server) C) {
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases[name](t, client(t, redistest.New(t, redistest.Options{})))
		})
	}
}

func TestGoRedisInMemory(t *testing.T) {
	for _, proto := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", proto), func(t *testing.T) {
			inMemory(t, goRedisCases(), func(t *testing.T, fake *redistest.Server) *redis.Client {
				return newGoRedis(t, &redis.Options{Addr: fake.Addr(), Dialer: fake.Dial, Protocol: proto})
			})
		})
	}
}

func TestRueidisInMemory(t *testing.T) {
	for _, two := range []bool{true, false} {
		t.Run(protocol(two), func(t *testing.T) {
			inMemory(t, rueidisCases(), func(t *testing.T, fake *redistest.Server) rueidis.Client {
				return newRueidis(t, rueidis.ClientOption{InitAddress: []string{fake.Addr()}, DialCtxFn: fake.DialCtx, AlwaysRESP2: two})
			})
		})
	}
}

func TestRedigoInMemory(t *testing.T) {
	cases := redigoCases()
	maps.DeleteFunc(cases, func(name string, _ func(*testing.T, *redigo.Pool)) bool {
		return name == "blocking" || name == "end of a context" // they dial where the connection says that it leads to
	})
	inMemory(t, cases, func(t *testing.T, fake *redistest.Server) *redigo.Pool {
		return newRedigo(t, "anywhere", redigo.DialContextFunc(fake.Dial))
	})
}

// TestRueidisBlocksOnTheClock waits on a clock that the test moves.
func TestRueidisBlocksOnTheClock(t *testing.T) {
	clock := redistest.NewClock(time.Time{})
	fake := redistest.New(t, redistest.Options{Store: store.Options{Clock: clock}})
	c := newRueidis(t, rueidis.ClientOption{InitAddress: []string{"anywhere:6379"}, DialCtxFn: fake.DialCtx})
	ctx := background(t)
	require.NoError(t, c.Do(ctx, c.B().Set().Key("k").Value("v").Ex(time.Hour).Build()).Error())
	got := make(chan error, 1)
	go func() { got <- c.Do(ctx, c.B().Blpop().Key("l").Timeout(3600).Build()).Error() }()
	require.Eventually(t, func() bool { return fake.Store().Stats().Waiting == 1 }, patience, time.Millisecond)
	clock.Advance(time.Hour)
	require.True(t, rueidis.IsRedisNil(<-got))
	said(t, int64(1))(c.Do(ctx, c.B().Dbsize().Build()).AsInt64())
	clock.Advance(time.Millisecond)
	said(t, int64(0))(c.Do(ctx, c.B().Dbsize().Build()).AsInt64())
}

// TestRedigoTimesOutInMemory has a client whose own deadline ends a call.
func TestRedigoTimesOutInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := redistest.New(t, redistest.Options{})
		c, err := redigo.Dial("tcp", "anywhere", redigo.DialContextFunc(fake.Dial), redigo.DialReadTimeout(time.Minute))
		require.NoError(t, err)
		defer func() { _ = c.Close() }()
		said(t, "OK")(redigo.String(c.Do("SET", "k", "v")))
		began := time.Now()
		_, err = c.Do("BLPOP", "l", 0)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(began))
		synctest.Wait()
		require.Zero(t, fake.Store().Stats().Waiting, "the server knows that the client has left")
	})
}

// TestPipelineInMemory is longer than any buffer: go-redis sends all of it before it
// reads the first reply.
func TestPipelineInMemory(t *testing.T) {
	fake := redistest.New(t, redistest.Options{})
	c := newGoRedis(t, &redis.Options{Dialer: fake.Dial})
	value := strings.Repeat("x", 100)
	const n = 100_000
	ctx := background(t)
	replies, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range n / 2 {
			p.Set(ctx, fmt.Sprint("k", i), value, 0)
			p.Get(ctx, fmt.Sprint("k", i))
		}
		return nil
	})
	require.NoError(t, err)
	require.Len(t, replies, n)
	for i := 1; i < n; i += 2 {
		require.Equal(t, value, replies[i].(*redis.StringCmd).Val())
	}
}

// TestGoRedisInVirtualTime sleeps for a day and more, and takes no time.
func TestGoRedisInVirtualTime(t *testing.T) {
	for _, proto := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", proto), func(t *testing.T) {
			began := time.Now()
			synctest.Test(t, func(t *testing.T) { goRedisDay(t, proto) })
			took := time.Since(began)
			t.Logf("took %v", took)
			require.Less(t, took, patience)
		})
	}
}

func goRedisDay(t *testing.T, proto int) {
	fake := redistest.New(t, redistest.Options{})
	c := newGoRedis(t, &redis.Options{Addr: "127.0.0.1:6379", Dialer: fake.Dial, Protocol: proto})
	ctx := context.Background()
	is(t, c.Set(ctx, "minute", "v", time.Minute), "OK")
	time.Sleep(time.Minute)
	is(t, c.Exists(ctx, "minute"), 1)
	time.Sleep(time.Millisecond)
	isNil(t, c.Get(ctx, "minute"))

	began := time.Now()
	isNil(t, c.BLPop(ctx, 90*time.Second, "list"))
	require.Equal(t, 90*time.Second, time.Since(began))
	go func() {
		time.Sleep(time.Hour)
		c.RPush(ctx, "list", "v")
	}()
	is(t, c.BLPop(ctx, 0, "list"), []string{"list", "v"})
	require.Equal(t, time.Hour+90*time.Second, time.Since(began))

	for i := range 24 {
		is(t, c.Set(ctx, fmt.Sprint("k", i), "v", time.Duration(i+1)*time.Hour), "OK")
	}
	for i := range 24 {
		is(t, c.DBSize(ctx), 24-int64(i))
		time.Sleep(time.Hour + time.Second)
	}
	require.EqualValues(t, 25, fake.Store().Stats().Expired)
	short, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	began = time.Now()
	outOfTime(t, c.BLPop(short, 0, "list").Err())
	require.Equal(t, time.Hour, time.Since(began))
}
