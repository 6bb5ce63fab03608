package interop

import (
	"regexp"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store/redistest"
)

// cached is a client as rueidis makes it by default, with a cache that the server
// invalidates, beside a plain one.
type cached struct {
	rueidis.Client
	t     *testing.T
	plain *script.Client
	told  chan string // keys that were invalidated, "*" for all
}

func newCached(t *testing.T, addr string) *cached {
	c := &cached{t: t, told: make(chan string, 1000)}
	var err error
	c.plain, err = script.Dial(addr, 2)
	require.NoError(t, err)
	t.Cleanup(c.plain.Close)
	c.Client = newRueidis(t, rueidis.ClientOption{InitAddress: []string{addr}, OnInvalidations: func(keys []rueidis.RedisMessage) {
		for _, k := range keys {
			name, _ := k.ToString()
			c.told <- name
		}
		if keys == nil {
			c.told <- "*"
		}
	}})
	return c
}

// another sends a command from the other client.
func (c *cached) another(words ...string) {
	c.t.Helper()
	v, err := c.plain.Do(words...)
	require.NoError(c.t, err)
	require.NotEqual(c.t, byte('-'), v.Kind, "%v", v)
}

// awaits waits until a key was invalidated.
func (c *cached) awaits(key string) {
	c.t.Helper()
	select {
	case got := <-c.told:
		require.Equal(c.t, key, got)
	case <-time.After(patience):
		require.Fail(c.t, key+" is not invalidated")
	}
}

// tracking is how many connections the client has: by default several.
func (c *cached) tracking() int {
	c.t.Helper()
	return c.info("clients", `tracking_clients:(\d+)`)
}

// calls is how many calls of a command the server has counted.
func (c *cached) calls(command string) int {
	c.t.Helper()
	return c.info("commandstats", `cmdstat_`+command+`:calls=(\d+)`)
}

// info is a number in a section of INFO, 0 if it is not there.
func (c *cached) info(section, pattern string) int {
	c.t.Helper()
	v, err := c.plain.Do("INFO", section)
	require.NoError(c.t, err)
	found := regexp.MustCompile(pattern).FindStringSubmatch(v.Text)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(found[1])
	require.NoError(c.t, err)
	return n
}

// get reads through the cache; hit is what is expected.
func (c *cached) get(key, want string, hit bool) {
	c.t.Helper()
	got := c.DoCache(background(c.t), c.B().Get().Key(key).Cache(), time.Hour)
	require.Equal(c.t, hit, got.IsCacheHit())
	value, err := got.ToString()
	if want == "" {
		require.True(c.t, rueidis.IsRedisNil(err))
		return
	}
	require.NoError(c.t, err)
	require.Equal(c.t, want, value)
}

func TestRueidisCache(t *testing.T) {
	eachServer(t, "", func(t *testing.T, addr string) {
		c := newCached(t, addr)
		c.another("SET", "k", "v")
		c.get("k", "v", false)
		for range 1000 {
			c.get("k", "v", true)
		}
		require.Equal(t, 1, c.calls("get"))

		c.another("SET", "k", "w")
		c.awaits("k")
		c.get("k", "w", false)
		c.get("k", "w", true)
		require.Equal(t, 2, c.calls("get"))
		require.NoError(t, c.Do(background(t), c.B().Set().Key("k").Value("x").Build()).Error())
		c.awaits("k")
		c.get("k", "x", false)
		require.Equal(t, 3, c.calls("get"))

		// A missing key is cached as well.
		c.get("none", "", false)
		c.get("none", "", true)
		c.another("MSET", "none", "1", "other", "2")
		c.awaits("none")
		c.get("none", "1", false)
		c.another("FLUSHALL")
		for range c.tracking() {
			c.awaits("*")
		}
		c.get("k", "", false)
		c.get("none", "", false)
		require.Equal(t, 7, c.calls("get"))
		require.Empty(t, c.told)
	})
}

// TestRueidisCacheOfExpiringKeys: the client knows when a key expires, the server
// tells it nevertheless.
func TestRueidisCacheOfExpiringKeys(t *testing.T) {
	eachServer(t, "", func(t *testing.T, addr string) {
		c := newCached(t, addr)
		c.another("SET", "k", "v", "PX", "200")
		c.get("k", "v", false)
		c.get("k", "v", true)
		c.awaits("k")
		c.get("k", "", false)
		c.another("SET", "k", "v")
		c.awaits("k")
		c.get("k", "v", false)
		c.another("PEXPIRE", "k", "50")
		c.awaits("k")
		require.Equal(t, 3, c.calls("get"))
	})
}

func TestRueidisCacheOfCollections(t *testing.T) {
	eachServer(t, "", func(t *testing.T, addr string) {
		c := newCached(t, addr)
		ctx := background(t)
		c.another("HSET", "h", "f", "1", "g", "2")
		c.another("ZADD", "z", "1.5", "m")
		c.another("MSET", "a", "1", "b", "2")
		all := func(hit bool) {
			t.Helper()
			replies := c.DoMultiCache(ctx, rueidis.CT(c.B().Hgetall().Key("h").Cache(), time.Hour), rueidis.CT(c.B().Zscore().Key("z").Member("m").Cache(), time.Hour))
			for _, r := range replies {
				require.NoError(t, r.Error())
				require.Equal(t, hit, r.IsCacheHit())
			}
			said(t, map[string]string{"f": "1", "g": "2"})(replies[0].AsStrMap())
			said(t, 1.5)(replies[1].AsFloat64())
		}
		all(false)
		all(true)
		many, err := rueidis.MGetCache(c, ctx, time.Hour, []string{"a", "b", "c"})
		require.NoError(t, err)
		require.Len(t, many, 3)
		c.another("ZADD", "z", "1.5", "n")
		c.awaits("z")
		c.another("HINCRBY", "h", "f", "0")
		c.awaits("h")
		all(false)
		require.Equal(t, 2, c.calls("hgetall"))
		c.another("DEL", "a")
		c.awaits("a")
	})
}

// TestRueidisCacheOfEvictedKeys: a key that was let go for room is let go by caches.
func TestRueidisCacheOfEvictedKeys(t *testing.T) {
	eachServer(t, "", func(t *testing.T, addr string) {
		c := newCached(t, addr)
		c.another("SET", "k", "v")
		c.get("k", "v", false)
		c.another("CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "maxmemory", "1")
		_, err := c.plain.Do("SET", "l", "v")
		require.NoError(t, err)
		c.awaits("k")
		c.another("CONFIG", "SET", "maxmemory", "0")
		c.get("k", "", false)
	})
}

// TestRueidisCacheOnVirtualTime: the fake's connections in memory take pushes too, and
// keys that expire while nobody asks are told of.
func TestRueidisCacheOnVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := redistest.New(t, redistest.Options{})
		told := make(chan string, 10)
		c := newRueidis(t, rueidis.ClientOption{InitAddress: []string{"fake"}, DialCtxFn: fake.DialCtx, OnInvalidations: func(keys []rueidis.RedisMessage) {
			for _, k := range keys { // none when the client closes
				name, _ := k.ToString()
				told <- name
			}
		}})
		ctx := t.Context()
		require.NoError(t, c.Do(ctx, c.B().Set().Key("k").Value("v").Ex(time.Hour).Build()).Error())
		get := func() rueidis.RedisResult { return c.DoCache(ctx, c.B().Get().Key("k").Cache(), 24*time.Hour) }
		require.False(t, get().IsCacheHit())
		time.Sleep(59 * time.Minute)
		require.True(t, get().IsCacheHit())
		time.Sleep(2 * time.Minute)
		require.Equal(t, "k", <-told)
		require.True(t, rueidis.IsRedisNil(get().Error()))
	})
}
