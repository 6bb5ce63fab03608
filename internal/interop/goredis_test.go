package interop

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// goRedisCases are the calls that go-redis makes, by family. Each case finds an
// empty server.
func goRedisCases() map[string]func(t *testing.T, c *redis.Client) {
	return map[string]func(t *testing.T, c *redis.Client){
		"strings":                 goRedisStrings,
		"strings with conditions": goRedisConditions,
		"numbers":                 goRedisNumbers,
		"lists":                   goRedisLists,
		"sets":                    goRedisSets,
		"sorted sets":             goRedisZSets,
		"ranges of sorted sets":   goRedisZRanges,
		"algebra of sorted sets":  goRedisZAlgebra,
		"hashes":                  goRedisHashes,
		"keys":                    goRedisKeys,
		"deadlines":               goRedisDeadlines,
		"sort":                    goRedisSort,
		"scans":                   goRedisScans,
		"pipeline":                goRedisPipeline,
		"transaction":             goRedisTransaction,
		"watch":                   goRedisWatch,
		"counters under watch":    goRedisWatchRace,
		"spoiled transaction":     goRedisSpoiled,
		"blocking":                goRedisBlocking,
		"end of a context":        goRedisContext,
		"errors":                  goRedisErrors,
		"large and binary values": goRedisBinary,
		"pool":                    goRedisPool,
		"database":                goRedisDatabase,
		"server":                  goRedisServer,
		"connection":              goRedisConnection,
	}
}

func TestGoRedis(t *testing.T) {
	eachServer(t, "", func(t *testing.T, addr string) {
		for _, proto := range []int{2, 3} {
			t.Run(fmt.Sprintf("RESP%d", proto), func(t *testing.T) {
				runCases(t, addr, newGoRedis(t, &redis.Options{Addr: addr, Protocol: proto}), goRedisCases())
			})
		}
	})
}

func newGoRedis(t *testing.T, o *redis.Options) *redis.Client {
	o.ContextTimeoutEnabled = true
	c := redis.NewClient(o)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// is holds the reply of a call to what is wanted.
func is[T any](t *testing.T, call interface{ Result() (T, error) }, want T) {
	t.Helper()
	got, err := call.Result()
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// holds is is for replies without an order.
func holds(t *testing.T, call *redis.StringSliceCmd, want ...string) {
	t.Helper()
	got, err := call.Result()
	require.NoError(t, err)
	require.ElementsMatch(t, want, got)
}

func isNil(t *testing.T, call redis.Cmder) {
	t.Helper()
	require.ErrorIs(t, call.Err(), redis.Nil)
}

func TestGoRedisPassword(t *testing.T) {
	eachServer(t, "secret", func(t *testing.T, addr string) {
		for _, proto := range []int{2, 3} {
			t.Run(fmt.Sprintf("RESP%d", proto), func(t *testing.T) {
				ctx := background(t)
				c := newGoRedis(t, &redis.Options{Addr: addr, Protocol: proto, Password: "secret", DB: 3})
				is(t, c.Ping(ctx), "PONG")
				c = newGoRedis(t, &redis.Options{Addr: addr, Protocol: proto, Username: "default", Password: "secret"})
				is(t, c.Ping(ctx), "PONG")
				c = newGoRedis(t, &redis.Options{Addr: addr, Protocol: proto})
				require.True(t, redis.HasErrorPrefix(c.Ping(ctx).Err(), "NOAUTH"))
				require.True(t, redis.IsAuthError(c.Ping(ctx).Err()))
				c = newGoRedis(t, &redis.Options{Addr: addr, Protocol: proto, Password: "wrong"})
				require.True(t, redis.HasErrorPrefix(c.Ping(ctx).Err(), "WRONGPASS"))
			})
		}
	})
}

// What 7.0.15 lacks: the client tells its name and version when it connects.
func TestGoRedisTellsItsNameToReside(t *testing.T) {
	ctx := background(t)
	c := newGoRedis(t, &redis.Options{Addr: startReside(t, ""), ClientName: "me"})
	info, err := c.ClientInfo(ctx).Result()
	require.NoError(t, err)
	require.Equal(t, "me", info.Name)
	require.Contains(t, info.LibName, "go-redis")
	require.Equal(t, redis.Version(), info.LibVer)
	require.Equal(t, 3, info.Resp)
}

// What 7.0.15 lacks: WITHSCORE of 7.2, and the hash-field commands of 7.4 and 8.0.
func TestGoRedisNewerCommandsOnReside(t *testing.T) {
	addr := startReside(t, "")
	for _, proto := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", proto), func(t *testing.T) {
			ctx := background(t)
			c := newGoRedis(t, &redis.Options{Addr: addr, Protocol: proto})
			require.NoError(t, c.FlushAll(ctx).Err())
			c.ZAdd(ctx, "z", redis.Z{Score: 1, Member: "a"}, redis.Z{Score: 2.5, Member: "b"})
			is(t, c.ZRankWithScore(ctx, "z", "b"), redis.RankScore{Rank: 1, Score: 2.5})
			is(t, c.ZRevRankWithScore(ctx, "z", "a"), redis.RankScore{Rank: 1, Score: 1})
			isNil(t, c.ZRankWithScore(ctx, "z", "none"))
			goRedisFields(ctx, t, c)
		})
	}
}

func goRedisFields(ctx context.Context, t *testing.T, c *redis.Client) {
	c.HSet(ctx, "h", "f", "1", "g", "2")
	is(t, c.HExpire(ctx, "h", time.Hour, "f", "none"), []int64{1, -2})
	is(t, c.HTTL(ctx, "h", "f", "g"), []int64{3600, -1})
	is(t, c.HExpireWithArgs(ctx, "h", time.Minute, redis.HExpireArgs{GT: true}, "f"), []int64{0})
	is(t, c.HPersist(ctx, "h", "f", "g"), []int64{1, -1})
	at := time.Now().Add(time.Hour).Truncate(time.Second)
	is(t, c.HExpireAt(ctx, "h", at, "f"), []int64{1})
	is(t, c.HExpireTime(ctx, "h", "f"), []int64{at.Unix()})
	is(t, c.HPExpireTime(ctx, "h", "f"), []int64{at.UnixMilli()})
	is(t, c.HSetEX(ctx, "h", "i", "3"), 1)
	is(t, c.HGetEX(ctx, "h", "f", "i"), []string{"1", "3"})
	is(t, c.HGetDel(ctx, "h", "f", "g", "i"), []string{"1", "2", "3"})
	is(t, c.Exists(ctx, "h"), 0)
}
