package interop

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func goRedisPipeline(t *testing.T, c *redis.Client) {
	ctx := background(t)
	var hits *redis.IntCmd
	var wrong *redis.StringCmd
	replies, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "k", "v", 0)
		wrong = p.LPop(ctx, "k")
		for range 1000 {
			hits = p.Incr(ctx, "hits")
		}
		return nil
	})
	require.True(t, redis.HasErrorPrefix(err, "WRONGTYPE"), "%v", err)
	require.Len(t, replies, 1002)
	require.Equal(t, int64(1000), hits.Val())
	require.True(t, redis.HasErrorPrefix(wrong.Err(), "WRONGTYPE"))
}

func goRedisTransaction(t *testing.T, c *redis.Client) {
	ctx := background(t)
	var all *redis.MapStringStringCmd
	var none *redis.StringCmd
	replies, err := c.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HSet(ctx, "h", "f", "v")
		all = p.HGetAll(ctx, "h")
		none = p.Get(ctx, "none")
		p.BLPop(ctx, 0, "none")
		return nil
	})
	require.ErrorIs(t, err, redis.Nil)
	require.Len(t, replies, 4)
	is(t, all, map[string]string{"f": "v"})
	isNil(t, none)
	isNil(t, replies[3])
}

func goRedisWatch(t *testing.T, c *redis.Client) {
	ctx := background(t)
	swap := func(interfere bool) error {
		return c.Watch(ctx, func(tx *redis.Tx) error {
			if interfere {
				c.Set(ctx, "k", "other", 0)
			}
			_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.Set(ctx, "k", "mine", 0)
				return nil
			})
			return err
		}, "k")
	}
	require.ErrorIs(t, swap(true), redis.TxFailedErr)
	is(t, c.Get(ctx, "k"), "other")
	require.NoError(t, swap(false))
	is(t, c.Get(ctx, "k"), "mine")
}

// goRedisWatchRace lets many clients add to one counter by WATCH, GET and SET.
func goRedisWatchRace(t *testing.T, c *redis.Client) {
	ctx := background(t)
	add := func(tx *redis.Tx) error {
		n, err := tx.Get(ctx, "n").Int()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, "n", n+1, 0)
			return nil
		})
		return err
	}
	const clients, times = 8, 10
	var all sync.WaitGroup
	failed := make(chan error, clients*times)
	for range clients {
		all.Go(func() {
			for range times {
				err := c.Watch(ctx, add, "n")
				for errors.Is(err, redis.TxFailedErr) {
					err = c.Watch(ctx, add, "n")
				}
				failed <- err
			}
		})
	}
	all.Wait()
	for range clients * times {
		require.NoError(t, <-failed)
	}
	is(t, c.Get(ctx, "n"), strconv.Itoa(clients*times))
}

func goRedisSpoiled(t *testing.T, c *redis.Client) {
	ctx := background(t)
	_, err := c.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "k", "v", 0)
		p.Do(ctx, "SET", "k")
		return nil
	})
	require.True(t, redis.IsExecAbortError(err) || redis.HasErrorPrefix(err, "ERR wrong number"), "%v", err)
	isNil(t, c.Get(ctx, "k"))
}

func goRedisBlocking(t *testing.T, c *redis.Client) {
	ctx := background(t)
	addr := c.Options().Addr
	isNil(t, c.Do(ctx, "BLPOP", "l", 0.01))
	got := make(chan any, 1)
	wait := func(call func() (any, error)) {
		go func() {
			v, err := call()
			if err != nil {
				v = err
			}
			got <- v
		}()
		awaitBlocked(t, addr, 1)
	}
	wait(func() (any, error) { return c.BLPop(ctx, 0, "l", "m").Result() })
	is(t, c.RPush(ctx, "m", "v"), 1)
	require.Equal(t, []string{"m", "v"}, <-got)
	is(t, c.LLen(ctx, "m"), 0)
	wait(func() (any, error) { return c.BLMove(ctx, "l", "m", "LEFT", "RIGHT", 0).Result() })
	is(t, c.RPush(ctx, "l", "v"), 1)
	require.Equal(t, "v", <-got)
	is(t, c.LRange(ctx, "m", 0, -1), []string{"v"})
	wait(func() (any, error) { return c.BZPopMin(ctx, 0, "z").Result() })
	is(t, c.ZAdd(ctx, "z", redis.Z{Score: 1.5, Member: "a"}), 1)
	require.Equal(t, &redis.ZWithKey{Key: "z", Z: redis.Z{Score: 1.5, Member: "a"}}, <-got)
	wait(func() (any, error) { _, v, err := c.BLMPop(ctx, 0, "RIGHT", 2, "l").Result(); return v, err })
	is(t, c.RPush(ctx, "l", "1", "2", "3"), 3)
	require.Equal(t, []string{"3", "2"}, <-got)
	wait(func() (any, error) { _, v, err := c.BZMPop(ctx, 0, "MAX", 1, "z").Result(); return v, err })
	is(t, c.ZAdd(ctx, "z", redis.Z{Score: 2, Member: "b"}), 1)
	require.Equal(t, []redis.Z{{Score: 2, Member: "b"}}, <-got)
}

// goRedisContext ends calls by their contexts: the server forgets the client,
// and the next element is not lost to it.
func goRedisContext(t *testing.T, c *redis.Client) {
	ctx := background(t)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, c.Get(ended, "k").Err(), context.Canceled)
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	outOfTime(t, c.BLPop(short, 0, "l").Err())
	awaitBlocked(t, c.Options().Addr, 0)
	is(t, c.RPush(ctx, "l", "v"), 1)
	is(t, c.LLen(ctx, "l"), 1)
}

func goRedisErrors(t *testing.T, c *redis.Client) {
	ctx := background(t)
	c.Set(ctx, "k", "v", 0)
	err := c.LPush(ctx, "k", "x").Err()
	require.EqualError(t, err, "WRONGTYPE Operation against a key holding the wrong kind of value")
	require.True(t, redis.HasErrorPrefix(err, "WRONGTYPE"))
	for _, words := range [][]any{{"NOSUCH", "a"}, {"GET"}, {"SET", "k", "v", "EX", "0"}, {"CLIENT", "NOSUCH"}, {"SELECT", "99"}, {"OBJECT", "FREQ", "k"}} {
		err := c.Do(ctx, words...).Err()
		require.ErrorContains(t, err, "ERR ", "%v", words)
		_, moved := redis.IsMovedError(err)
		require.False(t, moved)
	}
	require.ErrorContains(t, c.Do(ctx, "NOSUCH", "a").Err(), "ERR unknown command 'NOSUCH', with args beginning with: 'a' ")
	require.EqualError(t, c.Do(ctx, "EXEC").Err(), "ERR EXEC without MULTI")
}

func goRedisPool(t *testing.T, c *redis.Client) {
	ctx := background(t)
	o := c.Options()
	pool := newGoRedis(t, &redis.Options{Addr: o.Addr, Protocol: o.Protocol, PoolSize: 3, ClientName: "pool", PoolTimeout: patience})
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 50 {
				pool.Incr(ctx, "n")
			}
		})
	}
	all.Wait()
	is(t, pool.Get(ctx, "n"), "800")
	list, err := pool.ClientList(ctx).Result()
	require.NoError(t, err)
	n := strings.Count(list, " name=pool ")
	require.True(t, 1 <= n && n <= 3, "%d connections", n)
}

func goRedisDatabase(t *testing.T, c *redis.Client) {
	ctx := background(t)
	o := c.Options()
	other := newGoRedis(t, &redis.Options{Addr: o.Addr, Protocol: o.Protocol, DB: 5})
	is(t, c.Set(ctx, "k", "in 0", 0), "OK")
	isNil(t, other.Get(ctx, "k"))
	is(t, c.Move(ctx, "k", 5), true)
	is(t, other.Get(ctx, "k"), "in 0")
	is(t, c.Do(ctx, "SWAPDB", 0, 5), any("OK"))
	is(t, c.Get(ctx, "k"), "in 0")
	is(t, other.FlushDB(ctx), "OK")
	is(t, c.DBSize(ctx), 1)
	far := newGoRedis(t, &redis.Options{Addr: o.Addr, Protocol: o.Protocol, DB: 99})
	require.ErrorContains(t, far.Ping(ctx).Err(), "DB index is out of range")
}

func goRedisServer(t *testing.T, c *redis.Client) {
	ctx := background(t)
	is(t, c.Ping(ctx), "PONG")
	is(t, c.Echo(ctx, "hello"), "hello")
	is(t, c.ConfigSet(ctx, "maxmemory-policy", "noeviction"), "OK")
	is(t, c.ConfigGet(ctx, "maxmemory-p*"), map[string]string{"maxmemory-policy": "noeviction"})
	now, err := c.Time(ctx).Result()
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), now, time.Minute)
	info, err := c.InfoMap(ctx, "server", "keyspace").Result()
	require.NoError(t, err)
	require.NotEmpty(t, info["Server"]["redis_version"])
	commands, err := c.Command(ctx).Result()
	require.NoError(t, err)
	require.Equal(t, int8(2), commands["get"].Arity)
	require.True(t, commands["get"].ReadOnly)
	require.Equal(t, int8(1), commands["get"].FirstKeyPos)
	is(t, c.CommandGetKeys(ctx, "MSET", "a", "1", "b", "2"), []string{"a", "b"})
	bytes, err := c.MemoryUsage(ctx, "none").Result()
	require.ErrorIs(t, err, redis.Nil)
	require.Zero(t, bytes)
}

func goRedisConnection(t *testing.T, c *redis.Client) {
	ctx := background(t)
	conn := c.Conn()
	defer func() { require.NoError(t, conn.Close()) }()
	id, err := conn.ClientID(ctx).Result()
	require.NoError(t, err)
	require.Positive(t, id)
	is(t, conn.ClientSetName(ctx, "mine"), true)
	is(t, conn.ClientGetName(ctx), "mine")
	is(t, conn.Select(ctx, 2), "OK")
	info, err := conn.ClientInfo(ctx).Result()
	require.NoError(t, err)
	require.Equal(t, "mine", info.Name)
	require.Equal(t, 2, info.DB)
	hello, err := conn.Hello(ctx, c.Options().Protocol, "", "", "").Result()
	require.NoError(t, err)
	require.Equal(t, "redis", hello["server"])
	require.Equal(t, int64(c.Options().Protocol), hello["proto"])
	is(t, conn.Select(ctx, 0), "OK")
	is(t, c.ClientKillByFilter(ctx, "ID", strconv.FormatInt(id, 10)), 1)
}
