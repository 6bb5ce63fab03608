package interop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	redigo "github.com/gomodule/redigo/redis"
	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store/redistest"
)

// client is a library of its own as tests of faults use it.
type client struct {
	do func(words ...string) (string, error)
	// how the library deals with an error of a server that loads, and with a read and a
	// write whose connection ended: it tries again by itself
	retriesLoading, retriesReads, retriesWrites bool
}

// eachClient runs f with every library on a fake of its own.
func eachClient(t *testing.T, f func(t *testing.T, fake *redistest.Server, c client)) {
	for name, open := range map[string]func(t *testing.T, fake *redistest.Server) client{"go-redis": faultyGoRedis, "rueidis": faultyRueidis, "redigo": faultyRedigo} {
		t.Run(name, func(t *testing.T) {
			fake := redistest.New(t, redistest.Options{})
			f(t, fake, open(t, fake))
		})
	}
}

func faultyGoRedis(t *testing.T, fake *redistest.Server) client {
	c := newGoRedis(t, &redis.Options{Dialer: fake.Dial, MinRetryBackoff: time.Millisecond, MaxRetryBackoff: time.Millisecond, MaxRetries: 5})
	return client{func(words ...string) (string, error) {
		args := make([]any, len(words))
		for i, w := range words {
			args[i] = w
		}
		v, err := c.Do(background(t), args...).Result()
		return fmt.Sprint(v), err
	}, true, true, true}
}

func faultyRueidis(t *testing.T, fake *redistest.Server) client {
	c := newRueidis(t, rueidis.ClientOption{InitAddress: []string{"fake"}, DialCtxFn: fake.DialCtx, RetryDelay: func(int, rueidis.Completed, error) time.Duration { return time.Millisecond }})
	return client{func(words ...string) (string, error) {
		build := c.B().Arbitrary(words...).Build
		if words[0] == "GET" {
			build = c.B().Arbitrary(words...).ReadOnly
		}
		v, err := c.Do(background(t), build()).ToAny()
		return fmt.Sprint(v), err
	}, false, true, false}
}

func faultyRedigo(t *testing.T, fake *redistest.Server) client {
	p := newRedigo(t, "fake", redigo.DialContextFunc(fake.Dial))
	p.TestOnBorrow = nil
	return client{func(words ...string) (string, error) {
		c, err := p.GetContext(background(t))
		if err != nil {
			return "", err
		}
		defer func() { _ = c.Close() }()
		args := make([]any, len(words)-1)
		for i, w := range words[1:] {
			args[i] = w
		}
		v, err := c.Do(words[0], args...)
		if b, ok := v.([]byte); ok {
			v = string(b)
		}
		return fmt.Sprint(v), err
	}, false, false, false}
}

// again calls until it goes well, and returns how often it did not.
func (c client) again(t *testing.T, words ...string) (reply string, failures int) {
	t.Helper()
	for failures < 10 {
		reply, err := c.do(words...)
		if err == nil {
			return reply, failures
		}
		failures++
	}
	require.Fail(t, "it never went well")
	return "", 0
}

func TestFaultOfAServerThatLoads(t *testing.T) {
	eachClient(t, func(t *testing.T, fake *redistest.Server, c client) {
		rule := fake.Fault(redistest.Fault{Command: "SET", Error: redistest.Loading, First: 2})
		_, failures := c.again(t, "SET", "k", "v")
		require.Equal(t, 2, rule.Fired())
		if c.retriesLoading {
			require.Zero(t, failures)
		} else {
			require.Equal(t, 2, failures)
		}
		require.Equal(t, 3, fake.Count("SET", "k", "v"))
		require.Equal(t, "SET k v\n", redistest.Dump(fake.Store()))
	})
}

// TestFaultCutsAConnection: libraries connect anew, and try again what they take to
// be safe.
func TestFaultCutsAConnection(t *testing.T) {
	for _, cut := range []redistest.Cut{redistest.CutBefore, redistest.CutAfter, redistest.CutWithin} {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			eachClient(t, func(t *testing.T, fake *redistest.Server, c client) {
				fake.Load(t, `SET k "a value"`)
				rule := fake.Fault(redistest.Fault{Command: "GET", Cut: cut, First: 1})
				v, failures := c.again(t, "GET", "k")
				require.Equal(t, "a value", v)
				require.Equal(t, c.retriesReads, failures == 0)
				require.Equal(t, 1, rule.Fired())
				require.Equal(t, 2, fake.Count("GET", "k"))
				require.NotEqual(t, fake.Commands().Of("GET")[0].ClientID, fake.Commands().Of("GET")[1].ClientID)
			})
		})
	}
}

// TestFaultAfterAWrite shows what a lost reply does to a counter.
func TestFaultAfterAWrite(t *testing.T) {
	eachClient(t, func(t *testing.T, fake *redistest.Server, c client) {
		fake.Fault(redistest.Fault{Command: "INCR", Cut: redistest.CutAfter, First: 1})
		v, err := c.do("INCR", "n")
		if c.retriesWrites {
			require.NoError(t, err)
			require.Equal(t, "2", v, "it counted twice")
			return
		}
		require.Error(t, err)
		require.Equal(t, "SET n 1\n", redistest.Dump(fake.Store()), "it counted, and the client does not know")
	})
}

func TestFaultByChance(t *testing.T) {
	eachClient(t, func(t *testing.T, fake *redistest.Server, c client) {
		rule := fake.Fault(redistest.Fault{Command: "SET", Error: redistest.Loading, Probability: 0.2, Seed: 7})
		failures := 0
		for i := range 100 {
			_, n := c.again(t, "SET", fmt.Sprint(i), "v")
			failures += n
		}
		require.Equal(t, 100+rule.Fired(), fake.Count("SET"))
		require.Equal(t, 29, rule.Fired(), "the same in every run and with every client")
		if !c.retriesLoading {
			require.Equal(t, rule.Fired(), failures)
		}
	})
}

func TestFaultRefusesConnections(t *testing.T) {
	fake := redistest.New(t, redistest.Options{})
	rule := fake.Fault(redistest.Fault{Refuse: true, First: 2})
	p := newRedigo(t, "fake", redigo.DialContextFunc(fake.Dial))
	for range 2 {
		_, err := p.GetContext(t.Context())
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
	}
	require.NoError(t, redigoConn(t, p).Err())
	require.Equal(t, 2, rule.Fired())

	fake.Fault(redistest.Fault{Refuse: true, First: 2})
	c := faultyGoRedis(t, fake)
	_, err := c.do("SET", "k", "v")
	require.NoError(t, err, "it dials again")
}

// TestFaultTimesOut: the client gives up, and the write happens after all.
func TestFaultTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := redistest.New(t, redistest.Options{})
		c := newGoRedis(t, &redis.Options{Dialer: fake.Dial, ReadTimeout: time.Second, MaxRetries: -1})
		require.NoError(t, c.Ping(t.Context()).Err())
		fake.Fault(redistest.Fault{Command: "SET", Delay: 2 * time.Second})
		start := time.Now()
		var slow net.Error
		require.True(t, errors.As(c.Set(t.Context(), "k", "v", 0).Err(), &slow) && slow.Timeout())
		require.Equal(t, time.Second, time.Since(start))
		isNil(t, c.Get(t.Context(), "k"))
		time.Sleep(time.Second)
		synctest.Wait()
		is(t, c.Get(t.Context(), "k"), "v")
	})
}

// TestFaultSendsAClusterClientOn gives a client of a cluster two fakes for nodes.
func TestFaultSendsAClusterClientOn(t *testing.T) {
	a, b := redistest.New(t, redistest.Options{}), redistest.New(t, redistest.Options{})
	c := redis.NewClusterClient(&redis.ClusterOptions{ClusterSlots: func(context.Context) ([]redis.ClusterSlot, error) {
		return []redis.ClusterSlot{{Start: 0, End: 16383, Nodes: []redis.ClusterNode{{Addr: a.Addr()}}}}, nil
	}})
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	ctx := background(t)
	a.Fault(redistest.Fault{Key: "there:*", Error: redistest.Moved("there:1", b.Addr())})
	require.NoError(t, c.Set(ctx, "here:1", "v", 0).Err())
	require.NoError(t, c.Set(ctx, "there:1", "v", 0).Err())
	require.Equal(t, "SET here:1 v\n", redistest.Dump(a.Store()))
	require.Equal(t, "SET there:1 v\n", redistest.Dump(b.Store()))
	a.Saw(t, "SET", "there:1")
	b.DidNotSee(t, "SET", "here:1")
}
