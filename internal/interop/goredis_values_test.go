package interop

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func goRedisStrings(t *testing.T, c *redis.Client) {
	ctx := background(t)
	isNil(t, c.Get(ctx, "k"))
	is(t, c.Set(ctx, "k", "hello", 0), "OK")
	is(t, c.Get(ctx, "k"), "hello")
	is(t, c.Append(ctx, "k", " world"), 11)
	is(t, c.StrLen(ctx, "k"), 11)
	is(t, c.GetRange(ctx, "k", -5, -1), "world")
	is(t, c.SetRange(ctx, "k", 6, "Redis"), 11)
	is(t, c.GetSet(ctx, "k", "new"), "hello Redis")
	is(t, c.GetDel(ctx, "k"), "new")
	isNil(t, c.GetDel(ctx, "k"))
	is(t, c.MSet(ctx, "a", "1", "b", "2"), "OK")
	is(t, c.MGet(ctx, "a", "none", "b"), []any{"1", nil, "2"})
	is(t, c.MSetNX(ctx, "b", "3", "d", "4"), false)
	is(t, c.MSetNX(ctx, "d", "4"), true)
	c.MSet(ctx, "x", "ohmytext", "y", "mynewtext")
	is(t, c.LCS(ctx, &redis.LCSQuery{Key1: "x", Key2: "y"}), &redis.LCSMatch{MatchString: "mytext"})
	is(t, c.LCS(ctx, &redis.LCSQuery{Key1: "x", Key2: "y", Len: true}), &redis.LCSMatch{Len: 6})
	is(t, c.LCS(ctx, &redis.LCSQuery{Key1: "x", Key2: "y", Idx: true, MinMatchLen: 4, WithMatchLen: true}), &redis.LCSMatch{Len: 6,
		Matches: []redis.LCSMatchedPosition{{Key1: redis.LCSPosition{Start: 4, End: 7}, Key2: redis.LCSPosition{Start: 5, End: 8}, MatchLen: 4}}})
}

func goRedisConditions(t *testing.T, c *redis.Client) {
	ctx := background(t)
	is(t, c.SetXX(ctx, "k", "v", 0), false)
	is(t, c.SetNX(ctx, "k", "v", time.Hour), true)
	is(t, c.SetNX(ctx, "k", "w", 0), false)
	is(t, c.TTL(ctx, "k"), time.Hour)
	is(t, c.Set(ctx, "k", "w", redis.KeepTTL), "OK")
	is(t, c.TTL(ctx, "k"), time.Hour)
	is(t, c.SetArgs(ctx, "k", "x", redis.SetArgs{Get: true, Mode: "XX"}), "w")
	is(t, c.TTL(ctx, "k"), -1)
	is(t, c.SetEx(ctx, "k", "y", time.Minute), "OK")
	is(t, c.GetEx(ctx, "k", 0), "y")
	is(t, c.TTL(ctx, "k"), -1)
	is(t, c.GetEx(ctx, "k", time.Minute), "y")
	is(t, c.TTL(ctx, "k"), time.Minute)
	isNil(t, c.SetArgs(ctx, "new", "x", redis.SetArgs{Get: true, Mode: "XX"}))
}

func goRedisNumbers(t *testing.T, c *redis.Client) {
	ctx := background(t)
	is(t, c.Incr(ctx, "n"), 1)
	is(t, c.IncrBy(ctx, "n", 41), 42)
	is(t, c.Decr(ctx, "n"), 41)
	is(t, c.DecrBy(ctx, "n", 50), -9)
	is(t, c.IncrByFloat(ctx, "n", 0.5), -8.5)
	f, err := c.Get(ctx, "n").Float64()
	require.NoError(t, err)
	require.InDelta(t, -8.5, f, 0)
	require.EqualError(t, c.Incr(ctx, "n").Err(), "ERR value is not an integer or out of range")
}

func goRedisLists(t *testing.T, c *redis.Client) {
	ctx := background(t)
	is(t, c.LPushX(ctx, "l", "a"), 0)
	is(t, c.RPush(ctx, "l", "a", "b", "c"), 3)
	is(t, c.LPush(ctx, "l", "0", "1"), 5)
	is(t, c.LRange(ctx, "l", 0, -1), []string{"1", "0", "a", "b", "c"})
	is(t, c.LIndex(ctx, "l", -1), "c")
	isNil(t, c.LIndex(ctx, "l", 99))
	is(t, c.LInsertBefore(ctx, "l", "a", "x"), 6)
	is(t, c.LInsertAfter(ctx, "l", "none", "x"), -1)
	is(t, c.LSet(ctx, "l", 0, "x"), "OK")
	is(t, c.LPosCount(ctx, "l", "x", 0, redis.LPosArgs{}), []int64{0, 2})
	is(t, c.LPos(ctx, "l", "x", redis.LPosArgs{Rank: -1}), 2)
	isNil(t, c.LPos(ctx, "l", "none", redis.LPosArgs{}))
	is(t, c.LRem(ctx, "l", -1, "x"), 1)
	is(t, c.LTrim(ctx, "l", 1, -1), "OK")
	is(t, c.LLen(ctx, "l"), 4)
	is(t, c.LMove(ctx, "l", "m", "LEFT", "RIGHT"), "0")
	is(t, c.RPopLPush(ctx, "l", "m"), "c")
	is(t, c.LRange(ctx, "m", 0, -1), []string{"c", "0"})
	is(t, c.LPop(ctx, "l"), "a")
	is(t, c.RPopCount(ctx, "l", 5), []string{"b"})
	isNil(t, c.LPopCount(ctx, "l", 5))
	key, values, err := c.LMPop(ctx, "LEFT", 2, "l", "m").Result()
	require.NoError(t, err)
	require.Equal(t, "m", key)
	require.Equal(t, []string{"c", "0"}, values)
	isNil(t, c.LMPop(ctx, "LEFT", 2, "l", "m"))
}

func goRedisSets(t *testing.T, c *redis.Client) {
	ctx := background(t)
	is(t, c.SAdd(ctx, "a", "1", "2", "3", "3"), 3)
	is(t, c.SAdd(ctx, "b", "2", "three", "4"), 3)
	is(t, c.SCard(ctx, "a"), 3)
	is(t, c.SIsMember(ctx, "a", "1"), true)
	is(t, c.SMIsMember(ctx, "a", "1", "9"), []bool{true, false})
	holds(t, c.SMembers(ctx, "a"), "1", "2", "3")
	is(t, c.SMembersMap(ctx, "b"), map[string]struct{}{"2": {}, "three": {}, "4": {}})
	holds(t, c.SInter(ctx, "a", "b"), "2")
	holds(t, c.SUnion(ctx, "a", "b"), "1", "2", "3", "three", "4")
	holds(t, c.SDiff(ctx, "a", "b"), "1", "3")
	is(t, c.SInterCard(ctx, 0, "a", "b"), 1)
	is(t, c.SUnionStore(ctx, "u", "a", "b"), 5)
	is(t, c.SDiffStore(ctx, "d", "a", "b"), 2)
	is(t, c.SInterStore(ctx, "i", "a", "none"), 0)
	is(t, c.SMove(ctx, "a", "b", "1"), true)
	is(t, c.SRem(ctx, "a", "2", "9"), 1)
	is(t, c.SRandMember(ctx, "a"), "3")
	is(t, c.SRandMemberN(ctx, "a", -3), []string{"3", "3", "3"})
	holds(t, c.SPopN(ctx, "b", 10), "1", "2", "three", "4")
	is(t, c.SPop(ctx, "a"), "3")
	isNil(t, c.SPop(ctx, "a"))
	holds(t, c.SMembers(ctx, "a"))
}

func goRedisHashes(t *testing.T, c *redis.Client) {
	ctx := background(t)
	is(t, c.HSet(ctx, "h", "name", "Ada", "born", 1815), 2)
	is(t, c.HSet(ctx, "h", map[string]any{"name": "Ada", "died": 1852}), 1)
	is(t, c.HGet(ctx, "h", "name"), "Ada")
	isNil(t, c.HGet(ctx, "h", "none"))
	is(t, c.HSetNX(ctx, "h", "name", "Bob"), false)
	is(t, c.HMGet(ctx, "h", "name", "none"), []any{"Ada", nil})
	is(t, c.HGetAll(ctx, "h"), map[string]string{"name": "Ada", "born": "1815", "died": "1852"})
	holds(t, c.HKeys(ctx, "h"), "name", "born", "died")
	holds(t, c.HVals(ctx, "h"), "Ada", "1815", "1852")
	is(t, c.HLen(ctx, "h"), 3)
	is(t, c.HStrLen(ctx, "h", "born"), 4)
	is(t, c.HExists(ctx, "h", "born"), true)
	is(t, c.HIncrBy(ctx, "h", "born", 1), 1816)
	is(t, c.HIncrByFloat(ctx, "h", "born", 0.25), 1816.25)
	holds(t, c.HRandField(ctx, "h", 5), "name", "born", "died")
	pairs, err := c.HRandFieldWithValues(ctx, "h", 5).Result()
	require.NoError(t, err)
	require.ElementsMatch(t, []redis.KeyValue{{Key: "name", Value: "Ada"}, {Key: "born", Value: "1816.25"}, {Key: "died", Value: "1852"}}, pairs)
	is(t, c.HDel(ctx, "h", "born", "died", "none"), 2)
	var row struct {
		Name string `redis:"name"`
	}
	require.NoError(t, c.HGetAll(ctx, "h").Scan(&row))
	require.Equal(t, "Ada", row.Name)
	is(t, c.HGetAll(ctx, "none"), map[string]string{})
}
