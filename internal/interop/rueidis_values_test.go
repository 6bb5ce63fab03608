package interop

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"
)

func rueidisStrings(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	require.True(t, rueidis.IsRedisNil(c.Do(ctx, c.B().Get().Key("k").Build()).Error()))
	said(t, "OK")(c.Do(ctx, c.B().Set().Key("k").Value("v").Nx().ExSeconds(100).Build()).ToString())
	said(t, "v")(c.Do(ctx, c.B().Set().Key("k").Value("w").Xx().Get().Keepttl().Build()).ToString())
	require.True(t, rueidis.IsRedisNil(c.Do(ctx, c.B().Set().Key("k").Value("x").Nx().Build()).Error()))
	said(t, int64(100))(c.Do(ctx, c.B().Ttl().Key("k").Build()).AsInt64())
	said(t, int64(3))(c.Do(ctx, c.B().Append().Key("k").Value("ww").Build()).AsInt64())
	said(t, "ww")(c.Do(ctx, c.B().Getrange().Key("k").Start(1).End(-1).Build()).ToString())
	said(t, "www")(c.Do(ctx, c.B().Getdel().Key("k").Build()).ToString())
	said(t, int64(5))(c.Do(ctx, c.B().Incrby().Key("n").Increment(5).Build()).AsInt64())
	said(t, 5.25)(c.Do(ctx, c.B().Incrbyfloat().Key("n").Increment(0.25).Build()).AsFloat64())
	said(t, "OK")(c.Do(ctx, c.B().Mset().KeyValue().KeyValue("a", "1").KeyValue("b", "2").Build()).ToString())
	said(t, []string{"1", "", "2"})(c.Do(ctx, c.B().Mget().Key("a", "none", "b").Build()).AsStrSlice())
	said(t, map[string]string{"a": "1", "b": "2"})(rueidisMGet(t, c, "a", "b"))
}

// rueidisMGet uses the client's helper, which sends one command a slot.
func rueidisMGet(t *testing.T, c rueidis.Client, keys ...string) (map[string]string, error) {
	got, err := rueidis.MGet(c, background(t), keys)
	all := map[string]string{}
	for k, m := range got {
		v, err := m.ToString()
		require.NoError(t, err)
		all[k] = v
	}
	return all, err
}

func rueidisLists(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	said(t, int64(3))(c.Do(ctx, c.B().Rpush().Key("l").Element("a", "b", "a").Build()).AsInt64())
	said(t, int64(4))(c.Do(ctx, c.B().Linsert().Key("l").Before().Pivot("b").Element("x").Build()).AsInt64())
	said(t, []string{"a", "x", "b", "a"})(c.Do(ctx, c.B().Lrange().Key("l").Start(0).Stop(-1).Build()).AsStrSlice())
	said(t, []int64{0, 3})(c.Do(ctx, c.B().Lpos().Key("l").Element("a").Count(0).Build()).AsIntSlice())
	said(t, "a")(c.Do(ctx, c.B().Lmove().Source("l").Destination("m").Left().Right().Build()).ToString())
	said(t, rueidis.KeyValues{Key: "l", Values: []string{"x", "b"}})(c.Do(ctx, c.B().Lmpop().Numkeys(2).Key("none", "l").Left().Count(2).Build()).AsLMPop())
	said(t, []string{"a"})(c.Do(ctx, c.B().Rpop().Key("l").Count(7).Build()).AsStrSlice())
	require.True(t, rueidis.IsRedisNil(c.Do(ctx, c.B().Rpop().Key("l").Build()).Error()))
}

func rueidisSets(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	said(t, int64(3))(c.Do(ctx, c.B().Sadd().Key("a").Member("1", "2", "3").Build()).AsInt64())
	said(t, int64(2))(c.Do(ctx, c.B().Sadd().Key("b").Member("3", "x").Build()).AsInt64())
	said(t, []string{"3"})(c.Do(ctx, c.B().Sinter().Key("a", "b").Build()).AsStrSlice())
	said(t, true)(c.Do(ctx, c.B().Sismember().Key("a").Member("1").Build()).AsBool())
	said(t, []int64{1, 0})(c.Do(ctx, c.B().Smismember().Key("a").Member("1", "9").Build()).AsIntSlice())
	said(t, int64(4))(c.Do(ctx, c.B().Sunionstore().Destination("u").Key("a", "b").Build()).AsInt64())
	got, err := c.Do(ctx, c.B().Smembers().Key("u").Build()).AsStrSlice()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"1", "2", "3", "x"}, got)
	got, err = c.Do(ctx, c.B().Spop().Key("u").Count(9).Build()).AsStrSlice()
	require.NoError(t, err)
	require.Len(t, got, 4)
}

func rueidisZSets(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	said(t, int64(2))(c.Do(ctx, c.B().Zadd().Key("z").Gt().ScoreMember().ScoreMember(1, "a").ScoreMember(2.5, "b").Build()).AsInt64())
	said(t, 3.5)(c.Do(ctx, c.B().Zadd().Key("z").Incr().ScoreMember().ScoreMember(1, "b").Build()).AsFloat64())
	said(t, []rueidis.ZScore{{Member: "a", Score: 1}, {Member: "b", Score: 3.5}})(c.Do(ctx, c.B().Zrange().Key("z").Min("0").Max("-1").Withscores().Build()).AsZScores())
	said(t, []string{"b"})(c.Do(ctx, c.B().Zrange().Key("z").Min("(1").Max("+inf").Byscore().Build()).AsStrSlice())
	said(t, int64(1))(c.Do(ctx, c.B().Zrank().Key("z").Member("b").Build()).AsInt64())
	said(t, []rueidis.ZScore{{Member: "a", Score: 2}, {Member: "b", Score: 7}})(c.Do(ctx, c.B().Zunion().Numkeys(1).Key("z").Weights(2).Withscores().Build()).AsZScores())
	said(t, rueidis.KeyZScores{Key: "z", Values: []rueidis.ZScore{{Member: "b", Score: 3.5}}})(c.Do(ctx, c.B().Zmpop().Numkeys(1).Key("z").Max().Build()).AsZMPop())
	said(t, rueidis.ZScore{Member: "a", Score: 1})(c.Do(ctx, c.B().Zpopmin().Key("z").Build()).AsZScore())
	require.True(t, rueidis.IsRedisNil(c.Do(ctx, c.B().Zscore().Key("z").Member("a").Build()).Error()))
}

func rueidisHashes(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	said(t, int64(2))(c.Do(ctx, c.B().Hset().Key("h").FieldValue().FieldValue("f", "1").FieldValue("g", "2").Build()).AsInt64())
	said(t, map[string]string{"f": "1", "g": "2"})(c.Do(ctx, c.B().Hgetall().Key("h").Build()).AsStrMap())
	said(t, []string{"1", "", "2"})(c.Do(ctx, c.B().Hmget().Key("h").Field("f", "none", "g").Build()).AsStrSlice())
	said(t, int64(11))(c.Do(ctx, c.B().Hincrby().Key("h").Field("f").Increment(10).Build()).AsInt64())
	said(t, 2.5)(c.Do(ctx, c.B().Hincrbyfloat().Key("h").Field("g").Increment(0.5).Build()).AsFloat64())
	said(t, map[string]string{"f": "11", "g": "2.5"})(c.Do(ctx, c.B().Hgetall().Key("h").Build()).AsStrMap())
	said(t, int64(2))(c.Do(ctx, c.B().Hdel().Key("h").Field("f", "g").Build()).AsInt64())
	said(t, map[string]string{})(c.Do(ctx, c.B().Hgetall().Key("h").Build()).AsStrMap())
}

func rueidisKeys(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	said(t, "OK")(c.Do(ctx, c.B().Set().Key("k").Value("v").Build()).ToString())
	said(t, true)(c.Do(ctx, c.B().Pexpire().Key("k").Milliseconds(time.Hour.Milliseconds()).Nx().Build()).AsBool())
	said(t, int64(3600))(c.Do(ctx, c.B().Ttl().Key("k").Build()).AsInt64())
	said(t, "string")(c.Do(ctx, c.B().Type().Key("k").Build()).ToString())
	said(t, "embstr")(c.Do(ctx, c.B().ObjectEncoding().Key("k").Build()).ToString())
	said(t, true)(c.Do(ctx, c.B().Copy().Source("k").Destination("c").Build()).AsBool())
	said(t, []string{"c"})(c.Do(ctx, c.B().Keys().Pattern("[a-c]").Build()).AsStrSlice())
	said(t, int64(2))(c.Do(ctx, c.B().Unlink().Key("k", "c", "none").Build()).AsInt64())
	said(t, map[string]string{"maxmemory": "0"})(c.Do(ctx, c.B().ConfigGet().Parameter("maxmemory").Build()).AsStrMap())
}

func rueidisScans(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	var want []string
	var calls rueidis.Commands
	for i := range 500 {
		m := fmt.Sprintf("m%d", i)
		want = append(want, m)
		calls = append(calls, c.B().Set().Key(m).Value("v").Build(), c.B().Hset().Key("h").FieldValue().FieldValue(m, "v").Build())
	}
	for _, r := range c.DoMulti(ctx, calls...) {
		require.NoError(t, r.Error())
	}
	slices.Sort(want)
	var keys, fields []string
	err := rueidis.NewScanner(func(cursor uint64) (rueidis.ScanEntry, error) {
		return c.Do(ctx, c.B().Scan().Cursor(cursor).Match("m*").Count(20).Build()).AsScanEntry()
	}).Iter()
	for k := range err {
		keys = append(keys, k)
	}
	require.Equal(t, want, dedup(keys))
	pairs := rueidis.NewScanner(func(cursor uint64) (rueidis.ScanEntry, error) {
		return c.Do(ctx, c.B().Hscan().Key("h").Cursor(cursor).Build()).AsScanEntry()
	}).Iter2()
	for f, v := range pairs {
		require.Equal(t, "v", v)
		fields = append(fields, f)
	}
	require.Equal(t, want, dedup(fields))
}

func rueidisBinary(t *testing.T, c rueidis.Client) {
	ctx := background(t)
	large := strings.Repeat(everyByte(), 16<<10) // 4 MiB
	said(t, "OK")(c.Do(ctx, c.B().Set().Key(everyByte()).Value(large).Build()).ToString())
	got, err := c.Do(ctx, c.B().Get().Key(everyByte()).Build()).ToString()
	require.NoError(t, err)
	sameLarge(t, large, got)
}
