package interop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/stretchr/testify/require"
)

// redigoCases are the calls that redigo makes, by family; it speaks RESP2 only.
// Each case finds an empty server.
func redigoCases() map[string]func(t *testing.T, p *redis.Pool) {
	return map[string]func(t *testing.T, p *redis.Pool){
		"strings":                 redigoStrings,
		"lists and sets":          redigoListsAndSets,
		"sorted sets":             redigoZSets,
		"hashes":                  redigoHashes,
		"scan":                    redigoScan,
		"pipeline":                redigoPipeline,
		"transaction":             redigoTransaction,
		"blocking":                redigoBlocking,
		"end of a context":        redigoContext,
		"errors":                  redigoErrors,
		"large and binary values": redigoBinary,
		"pool":                    redigoPool,
	}
}

func TestRedigo(t *testing.T) {
	eachServer(t, "", func(t *testing.T, addr string) {
		runCases(t, addr, newRedigo(t, addr), redigoCases())
	})
}

func newRedigo(t *testing.T, addr string, o ...redis.DialOption) *redis.Pool {
	p := &redis.Pool{MaxActive: 8, MaxIdle: 8, Wait: true, DialContext: func(ctx context.Context) (redis.Conn, error) {
		return redis.DialContext(ctx, "tcp", addr, append(o, redis.DialReadTimeout(patience))...)
	}, TestOnBorrow: func(c redis.Conn, _ time.Time) error {
		_, err := c.Do("PING")
		return err
	}}
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// redigoConn lends a connection until the case ends.
func redigoConn(t *testing.T, p *redis.Pool) redis.Conn {
	c, err := p.GetContext(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRedigoPassword(t *testing.T) {
	eachServer(t, "secret", func(t *testing.T, addr string) {
		c, err := redis.Dial("tcp", addr, redis.DialPassword("secret"), redis.DialDatabase(4), redis.DialClientName("me"))
		require.NoError(t, err)
		defer func() { require.NoError(t, c.Close()) }()
		said(t, "me")(redis.String(c.Do("CLIENT", "GETNAME")))
		_, err = redis.Dial("tcp", addr, redis.DialPassword("wrong"))
		require.ErrorContains(t, err, "WRONGPASS")
		named, err := redis.Dial("tcp", addr, redis.DialUsername("default"), redis.DialPassword("secret"))
		require.NoError(t, err)
		require.NoError(t, named.Close())
	})
}

func redigoStrings(t *testing.T, p *redis.Pool) {
	c := redigoConn(t, p)
	_, err := redis.String(c.Do("GET", "k"))
	require.ErrorIs(t, err, redis.ErrNil)
	said(t, "OK")(redis.String(c.Do("SET", "k", "v", "EX", 100)))
	said(t, "v")(redis.String(c.Do("GET", "k")))
	said(t, 100)(redis.Int(c.Do("TTL", "k")))
	said(t, 6)(redis.Int(c.Do("INCRBY", "n", 6)))
	said(t, 6.5)(redis.Float64(c.Do("INCRBYFLOAT", "n", 0.5)))
	said(t, []string{"v", "", "6.5"})(redis.Strings(c.Do("MGET", "k", "none", "n")))
	said(t, true)(redis.Bool(c.Do("EXISTS", "k")))
}

func redigoListsAndSets(t *testing.T, p *redis.Pool) {
	c := redigoConn(t, p)
	said(t, 3)(redis.Int(c.Do("RPUSH", redis.Args{}.Add("l").AddFlat([]string{"a", "b", "c"})...)))
	said(t, []string{"a", "b", "c"})(redis.Strings(c.Do("LRANGE", "l", 0, -1)))
	said(t, "c")(redis.String(c.Do("RPOP", "l")))
	said(t, 3)(redis.Int(c.Do("SADD", "s", 1, 2, 3)))
	said(t, []int{1, 2, 3})(redis.Ints(c.Do("SMEMBERS", "s")))
	said(t, []int{})(redis.Ints(c.Do("SINTER", "s", "none")))
}

func redigoZSets(t *testing.T, p *redis.Pool) {
	c := redigoConn(t, p)
	said(t, 2)(redis.Int(c.Do("ZADD", "z", 1, "a", 2.5, "b")))
	said(t, map[string]float64{"a": 1, "b": 2.5})(redis.Float64Map(c.Do("ZRANGE", "z", 0, -1, "WITHSCORES")))
	said(t, 2.5)(redis.Float64(c.Do("ZSCORE", "z", "b")))
	said(t, []string{"b", "2.5"})(redis.Strings(c.Do("ZPOPMAX", "z")))
}

func redigoHashes(t *testing.T, p *redis.Pool) {
	c := redigoConn(t, p)
	type person struct {
		Name string `redis:"name"`
		Born int    `redis:"born"`
	}
	ada := person{"Ada", 1815}
	said(t, 2)(redis.Int(c.Do("HSET", redis.Args{}.Add("h").AddFlat(&ada)...)))
	said(t, map[string]string{"name": "Ada", "born": "1815"})(redis.StringMap(c.Do("HGETALL", "h")))
	pairs, err := redis.Values(c.Do("HGETALL", "h"))
	require.NoError(t, err)
	var got person
	require.NoError(t, redis.ScanStruct(pairs, &got))
	require.Equal(t, ada, got)
}

func redigoScan(t *testing.T, p *redis.Pool) {
	c := redigoConn(t, p)
	var want, got []string
	for i := range 300 {
		k := fmt.Sprintf("k%d", i)
		want = append(want, k)
		require.NoError(t, c.Send("SET", k, i))
	}
	_, err := c.Do("")
	require.NoError(t, err)
	for cursor := "0"; ; {
		two, err := redis.Values(c.Do("SCAN", cursor, "COUNT", 25))
		require.NoError(t, err)
		var keys []string
		_, err = redis.Scan(two, &cursor, &keys)
		require.NoError(t, err)
		got = append(got, keys...)
		if cursor == "0" {
			break
		}
	}
	slices.Sort(want)
	require.Equal(t, want, dedup(got))
}

func redigoPipeline(t *testing.T, p *redis.Pool) {
	c := redigoConn(t, p)
	require.NoError(t, c.Send("SET", "k", "v"))
	require.NoError(t, c.Send("LPUSH", "k", "v"))
	require.NoError(t, c.Send("GET", "k"))
	require.NoError(t, c.Flush())
	said(t, "OK")(redis.String(c.Receive()))
	_, err := c.Receive()
	require.ErrorContains(t, err, "WRONGTYPE")
	said(t, "v")(redis.String(c.Receive()))
}

func redigoTransaction(t *testing.T, p *redis.Pool) {
	c, other := redigoConn(t, p), redigoConn(t, p)
	exec := func(interfere bool) (any, error) {
		said(t, "OK")(redis.String(c.Do("WATCH", "k")))
		if interfere {
			said(t, "OK")(redis.String(other.Do("SET", "k", "other")))
		}
		require.NoError(t, c.Send("MULTI"))
		require.NoError(t, c.Send("SET", "k", "mine"))
		require.NoError(t, c.Send("STRLEN", "k"))
		return c.Do("EXEC")
	}
	_, err := redis.Values(exec(true))
	require.ErrorIs(t, err, redis.ErrNil)
	said(t, "other")(redis.String(c.Do("GET", "k")))
	said(t, []any{"OK", int64(4)})(redis.Values(exec(false)))
	said(t, "OK")(redis.String(c.Do("MULTI")))
	_, err = c.Do("SET", "k")
	require.ErrorContains(t, err, "ERR wrong number of arguments")
	_, err = c.Do("EXEC")
	require.ErrorContains(t, err, "EXECABORT")
}

func redigoBlocking(t *testing.T, p *redis.Pool) {
	c, other := redigoConn(t, p), redigoConn(t, p)
	_, err := redis.Strings(c.Do("BLPOP", "l", 0.01))
	require.ErrorIs(t, err, redis.ErrNil)
	require.NoError(t, c.Send("BRPOP", "l", "m", 0))
	require.NoError(t, c.Flush())
	awaitBlocked(t, redigoAddr(t, p), 1)
	said(t, 2)(redis.Int(other.Do("RPUSH", "m", "1", "2")))
	said(t, []string{"m", "2"})(redis.Strings(c.Receive()))
	said(t, []string{"1"})(redis.Strings(other.Do("LRANGE", "m", 0, -1)))
}

// redigoAddr asks a connection which server it has reached.
func redigoAddr(t *testing.T, p *redis.Pool) string {
	info, err := redis.String(redigoConn(t, p).Do("CLIENT", "LIST"))
	require.NoError(t, err)
	_, rest, _ := strings.Cut(info, " laddr=")
	addr, _, _ := strings.Cut(rest, " ")
	return addr
}

func redigoContext(t *testing.T, p *redis.Pool) {
	addr := redigoAddr(t, p)
	c, err := redis.Dial("tcp", addr)
	require.NoError(t, err)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = redis.DoContext(c, short, "BLPOP", "l", 0)
	outOfTime(t, err)
	_ = c.Close()
	awaitBlocked(t, addr, 0)
	said(t, 1)(redis.Int(redigoConn(t, p).Do("RPUSH", "l", "v")))
	said(t, 1)(redis.Int(redigoConn(t, p).Do("LLEN", "l")))
}

func redigoErrors(t *testing.T, p *redis.Pool) {
	c := redigoConn(t, p)
	said(t, "OK")(redis.String(c.Do("SET", "k", "v")))
	said(t, 1)(redis.Int(c.Do("HSET", "h", "f", "x")))
	for want, words := range map[string][]any{
		"WRONGTYPE Operation against a key holding the wrong kind of value": {"HGET", "k", "f"},
		"ERR wrong number of arguments for 'get' command":                   {"GET"},
		"ERR hash value is not an integer":                                  {"HINCRBY", "h", "f", 1},
		"ERR DB index is out of range":                                      {"SELECT", 16},
		"ERR invalid expire time in 'set' command":                          {"SET", "k", "v", "PX", -1},
	} {
		_, err := c.Do(words[0].(string), words[1:]...)
		require.EqualError(t, err, want)
		require.ErrorAs(t, err, new(redis.Error))
	}
}

func redigoBinary(t *testing.T, p *redis.Pool) {
	c := redigoConn(t, p)
	large := strings.Repeat(everyByte(), 16<<10) // 4 MiB
	said(t, "OK")(redis.String(c.Do("SET", everyByte(), large)))
	got, err := redis.String(c.Do("GET", everyByte()))
	require.NoError(t, err)
	sameLarge(t, large, got)
}

func redigoPool(t *testing.T, p *redis.Pool) {
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for range 50 {
				c := p.Get()
				_, _ = c.Do("INCR", "n")
				_ = c.Close()
			}
		})
	}
	all.Wait()
	said(t, 300)(redis.Int(redigoConn(t, p).Do("GET", "n")))
	require.LessOrEqual(t, p.ActiveCount(), 8)
}
