package interop

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"
)

func rueidisPipeline(t *testing.T, c rueidis.Client) {
	replies := c.DoMulti(background(t),
		c.B().Set().Key("k").Value("v").Build(),
		c.B().Lpop().Key("k").Build(),
		c.B().Get().Key("none").Build(),
		c.B().Get().Key("k").Build())
	require.NoError(t, replies[0].Error())
	require.ErrorContains(t, replies[1].Error(), "WRONGTYPE")
	require.True(t, rueidis.IsRedisNil(replies[2].Error()))
	said(t, "v")(replies[3].ToString())
}

// rueidisAutoPipeline lets many goroutines share the client's one connection.
func rueidisAutoPipeline(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	const goroutines, times = 16, 200
	var all sync.WaitGroup
	failed := make(chan error, goroutines*times)
	for range goroutines {
		all.Go(func() {
			for range times {
				failed <- c.Do(ctx, c.B().Incr().Key("n").Build()).Error()
			}
		})
	}
	all.Wait()
	for range goroutines * times {
		require.NoError(t, <-failed)
	}
	said(t, strconv.Itoa(goroutines*times))(c.Do(ctx, c.B().Get().Key("n").Build()).ToString())
}

func rueidisTransaction(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	replies := c.DoMulti(ctx,
		c.B().Multi().Build(),
		c.B().Set().Key("k").Value("v").Build(),
		c.B().Hgetall().Key("none").Build(),
		c.B().Incr().Key("k").Build(),
		c.B().Exec().Build())
	said(t, "QUEUED")(replies[1].ToString())
	results, err := replies[4].ToArray()
	require.NoError(t, err)
	require.Len(t, results, 3)
	said(t, "OK")(results[0].ToString())
	said(t, map[string]string{})(results[1].AsStrMap())
	require.ErrorContains(t, results[2].Error(), "value is not an integer")
}

func rueidisWatch(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	err := c.Dedicated(func(d rueidis.DedicatedClient) error {
		exec := func(interfere bool) rueidis.RedisResult {
			require.NoError(t, d.Do(ctx, d.B().Watch().Key("k").Build()).Error())
			if interfere {
				require.NoError(t, c.Do(ctx, c.B().Set().Key("k").Value("other").Build()).Error())
			}
			return d.DoMulti(ctx, d.B().Multi().Build(), d.B().Set().Key("k").Value("mine").Build(), d.B().Exec().Build())[2]
		}
		require.True(t, rueidis.IsRedisNil(exec(true).Error()))
		said(t, "other")(d.Do(ctx, d.B().Get().Key("k").Build()).ToString())
		return exec(false).Error()
	})
	require.NoError(t, err)
	said(t, "mine")(c.Do(ctx, c.B().Get().Key("k").Build()).ToString())
}

func rueidisBlocking(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	addr := rueidisAddr(t, c)
	require.True(t, rueidis.IsRedisNil(c.Do(ctx, c.B().Blpop().Key("l").Timeout(0.01).Build()).Error()))
	got := make(chan rueidis.RedisResult, 1)
	go func() { got <- c.Do(ctx, c.B().Blpop().Key("l", "m").Timeout(0).Build()) }()
	awaitBlocked(t, addr, 1)
	said(t, int64(1))(c.Do(ctx, c.B().Rpush().Key("m").Element("v").Build()).AsInt64())
	served := <-got
	said(t, []string{"m", "v"})(served.AsStrSlice())
	go func() { got <- c.Do(ctx, c.B().Bzmpop().Timeout(0).Numkeys(1).Key("z").Min().Build()) }()
	awaitBlocked(t, addr, 1)
	said(t, int64(1))(c.Do(ctx, c.B().Zadd().Key("z").ScoreMember().ScoreMember(1, "a").Build()).AsInt64())
	served = <-got
	said(t, rueidis.KeyZScores{Key: "z", Values: []rueidis.ZScore{{Member: "a", Score: 1}}})(served.AsZMPop())
}

// rueidisAddr is where the client is connected to.
func rueidisAddr(t *testing.T, c rueidis.Client) string {
	for addr := range c.Nodes() {
		return addr
	}
	require.Fail(t, "the client knows no server")
	return ""
}

func rueidisContext(t *testing.T, c rueidis.Client) {
	short, cancel := context.WithTimeout(background(t), 50*time.Millisecond)
	defer cancel()
	err := c.Do(short, c.B().Blpop().Key("l").Timeout(0).Build()).Error()
	outOfTime(t, err)
	awaitBlocked(t, rueidisAddr(t, c), 0)
	ctx := background(t)
	said(t, int64(1))(c.Do(ctx, c.B().Rpush().Key("l").Element("v").Build()).AsInt64())
	said(t, int64(1))(c.Do(ctx, c.B().Llen().Key("l").Build()).AsInt64())
}

func rueidisErrors(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	require.NoError(t, c.Do(ctx, c.B().Set().Key("k").Value("v").Build()).Error())
	for text, words := range map[string][]string{
		"WRONGTYPE Operation against a key holding the wrong kind of value": {"SADD", "k", "m"},
		"unknown command 'NOSUCH', with args beginning with: 'a' ":          {"NOSUCH", "a"},
		"wrong number of arguments for 'get' command":                       {"GET"},
		"value is not an integer or out of range":                           {"INCR", "k"},
		"syntax error": {"SET", "k", "v", "FOO"},
		"no such key":  {"RENAME", "none", "k"},
	} {
		err := c.Do(ctx, c.B().Arbitrary(words...).Build()).Error()
		e, ok := rueidis.IsRedisErr(err)
		require.True(t, ok, "%v", words)
		require.Contains(t, e.Error(), text)
		_, moved := e.IsMoved()
		require.False(t, moved)
	}
}

func rueidisDatabase(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	other := newRueidis(t, rueidis.ClientOption{InitAddress: []string{rueidisAddr(t, c)}, SelectDB: 7})
	require.NoError(t, c.Do(ctx, c.B().Set().Key("k").Value("v").Build()).Error())
	require.True(t, rueidis.IsRedisNil(other.Do(ctx, other.B().Get().Key("k").Build()).Error()))
	said(t, true)(c.Do(ctx, c.B().Move().Key("k").Db(7).Build()).AsBool())
	said(t, "v")(other.Do(ctx, other.B().Get().Key("k").Build()).ToString())
}
