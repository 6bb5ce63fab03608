package interop

import (
	"testing"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"
)

// rueidisCases are the calls that rueidis makes, by family. Each case finds an
// empty server.
func rueidisCases() map[string]func(t *testing.T, c rueidis.Client) {
	return map[string]func(t *testing.T, c rueidis.Client){
		"strings":                 rueidisStrings,
		"lists":                   rueidisLists,
		"sets":                    rueidisSets,
		"sorted sets":             rueidisZSets,
		"hashes":                  rueidisHashes,
		"keys":                    rueidisKeys,
		"scans":                   rueidisScans,
		"pipeline":                rueidisPipeline,
		"automatic pipeline":      rueidisAutoPipeline,
		"transaction":             rueidisTransaction,
		"watch":                   rueidisWatch,
		"blocking":                rueidisBlocking,
		"end of a context":        rueidisContext,
		"errors":                  rueidisErrors,
		"large and binary values": rueidisBinary,
		"database":                rueidisDatabase,
		"kinds of replies":        rueidisKinds,
	}
}

func TestRueidis(t *testing.T) {
	eachServer(t, "", func(t *testing.T, addr string) {
		for _, two := range []bool{true, false} {
			t.Run(protocol(two), func(t *testing.T) {
				runCases(t, addr, newRueidis(t, rueidis.ClientOption{InitAddress: []string{addr}, AlwaysRESP2: two}), rueidisCases())
			})
		}
	})
}

func protocol(two bool) string {
	if two {
		return "RESP2"
	}
	return "RESP3"
}

func newRueidis(t *testing.T, o rueidis.ClientOption) rueidis.Client {
	o.DisableCache = o.AlwaysRESP2 // the client caches in RESP3 only
	c, err := rueidis.NewClient(o)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// said holds what a call returned to what is wanted: said(t, want)(reply, err).
func said[T any](t *testing.T, want T) func(T, error) {
	return func(got T, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestRueidisPassword(t *testing.T) {
	eachServer(t, "secret", func(t *testing.T, addr string) {
		for _, two := range []bool{true, false} {
			t.Run(protocol(two), func(t *testing.T) {
				o := rueidis.ClientOption{InitAddress: []string{addr}, AlwaysRESP2: two, DisableCache: two, Password: "secret", SelectDB: 3}
				c := newRueidis(t, o)
				said(t, "PONG")(c.Do(background(t), c.B().Ping().Build()).ToString())
				o.Password = "wrong"
				_, err := rueidis.NewClient(o)
				require.ErrorContains(t, err, "WRONGPASS")
				o.Password = ""
				_, err = rueidis.NewClient(o)
				require.ErrorContains(t, err, "NOAUTH")
			})
		}
	})
}

// What 7.0.15 lacks: the client tells its name and version when it connects.
func TestRueidisTellsItsNameToReside(t *testing.T) {
	addr := startReside(t, "")
	for _, two := range []bool{true, false} {
		t.Run(protocol(two), func(t *testing.T) {
			c := newRueidis(t, rueidis.ClientOption{InitAddress: []string{addr}, ClientName: "me", AlwaysRESP2: two})
			info, err := c.Do(background(t), c.B().ClientInfo().Build()).ToString()
			require.NoError(t, err)
			require.Contains(t, info, " name=me ")
			require.Contains(t, info, " lib-name="+rueidis.LibName+" lib-ver="+rueidis.LibVer)
		})
	}
}

// rueidisKinds looks at the bare replies, whose kinds differ by protocol.
func rueidisKinds(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	reply := func(words ...string) rueidis.RedisMessage {
		m, err := c.Do(ctx, c.B().Arbitrary(words...).Build()).ToMessage()
		require.NoError(t, err)
		return m
	}
	for _, words := range [][]string{{"HSET", "h", "f", "v"}, {"SADD", "s", "m"}, {"ZADD", "z", "1.5", "m"}} {
		said(t, int64(1))(new(reply(words...)).AsInt64())
	}
	hello := reply("HELLO")
	hash, set, score := reply("HGETALL", "h"), reply("SMEMBERS", "s"), reply("ZSCORE", "z", "m")
	require.True(t, set.IsArray())
	require.Equal(t, hello.IsMap(), hash.IsMap())
	require.Equal(t, hello.IsMap(), score.IsFloat64())
	require.NotEqual(t, hello.IsMap(), score.IsString())
}
