package interop

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func goRedisKeys(t *testing.T, c *redis.Client) {
	ctx := background(t)
	isNil(t, c.RandomKey(ctx))
	c.MSet(ctx, "a", "1", "b", "2")
	c.RPush(ctx, "l", "x")
	is(t, c.Exists(ctx, "a", "a", "none"), 2)
	is(t, c.Type(ctx, "l"), "list")
	is(t, c.Type(ctx, "none"), "none")
	holds(t, c.Keys(ctx, "[ab]"), "a", "b")
	is(t, c.DBSize(ctx), 3)
	is(t, c.Touch(ctx, "a", "none"), 1)
	is(t, c.Rename(ctx, "a", "c"), "OK")
	is(t, c.RenameNX(ctx, "b", "c"), false)
	require.EqualError(t, c.Rename(ctx, "none", "c").Err(), "ERR no such key")
	is(t, c.Copy(ctx, "c", "d", 0, false), 1)
	is(t, c.Copy(ctx, "c", "d", 0, false), 0)
	is(t, c.Copy(ctx, "b", "d", 0, true), 1)
	is(t, c.Get(ctx, "d"), "2")
	is(t, c.ObjectEncoding(ctx, "d"), "int")
	is(t, c.ObjectRefCount(ctx, "l"), 1)
	is(t, c.Del(ctx, "a", "b", "c"), 2)
	is(t, c.Unlink(ctx, "d", "l"), 2)
	is(t, c.Move(ctx, "none", 1), false)
}

func goRedisDeadlines(t *testing.T, c *redis.Client) {
	ctx := background(t)
	c.Set(ctx, "k", "v", 0)
	is(t, c.TTL(ctx, "none"), -2)
	is(t, c.TTL(ctx, "k"), -1)
	is(t, c.Expire(ctx, "k", time.Hour), true)
	is(t, c.ExpireNX(ctx, "k", time.Hour), false)
	is(t, c.ExpireGT(ctx, "k", time.Minute), false)
	is(t, c.ExpireLT(ctx, "k", time.Minute), true)
	is(t, c.Persist(ctx, "k"), true)
	is(t, c.Persist(ctx, "k"), false)
	at := time.Now().Add(time.Hour).Truncate(time.Second)
	is(t, c.ExpireAt(ctx, "k", at), true)
	is(t, c.ExpireTime(ctx, "k"), time.Duration(at.Unix())*time.Second)
	is(t, c.PExpireTime(ctx, "k"), time.Duration(at.UnixMilli())*time.Millisecond)
	is(t, c.PExpire(ctx, "k", time.Millisecond), true)
	require.Eventually(t, func() bool { return c.Exists(ctx, "k").Val() == 0 }, patience, time.Millisecond)
	c.Set(ctx, "k", "v", 0)
	is(t, c.ExpireAt(ctx, "k", time.Unix(1, 0)), true)
	isNil(t, c.Get(ctx, "k"))
}

func goRedisSort(t *testing.T, c *redis.Client) {
	ctx := background(t)
	c.RPush(ctx, "l", "3", "1", "2")
	c.MSet(ctx, "w_1", "30", "w_2", "20", "w_3", "10", "name_2", "two")
	is(t, c.Sort(ctx, "l", &redis.Sort{}), []string{"1", "2", "3"})
	is(t, c.SortRO(ctx, "l", &redis.Sort{Order: "DESC", Offset: 1, Count: 1}), []string{"2"})
	is(t, c.SortInterfaces(ctx, "l", &redis.Sort{By: "w_*", Get: []string{"#", "name_*"}}), []any{"3", nil, "2", "two", "1", nil})
	is(t, c.SortStore(ctx, "l", "sorted", &redis.Sort{Alpha: true}), 3)
	is(t, c.LRange(ctx, "sorted", 0, -1), []string{"1", "2", "3"})
}

// goRedisScans reads what is more than one reply of each kind of scan can hold.
func goRedisScans(t *testing.T, c *redis.Client) {
	ctx := background(t)
	const n = 1000
	pipe := c.Pipeline()
	var want []string
	for i := range n {
		m := fmt.Sprintf("m%d", i)
		want = append(want, m)
		pipe.Set(ctx, m, i, 0)
		pipe.SAdd(ctx, "a-set", m)
		pipe.HSet(ctx, "a-hash", m, m)
		pipe.ZAdd(ctx, "a-zset", redis.Z{Score: float64(i), Member: m})
	}
	_, err := pipe.Exec(ctx)
	require.NoError(t, err)
	slices.Sort(want)
	keys := func(pairs []string) (even []string) {
		for i := 0; i < len(pairs); i += 2 {
			even = append(even, pairs[i])
		}
		return even
	}
	require.Equal(t, want, scanned(t, c.Scan(ctx, 0, "m*", 10)))
	require.Equal(t, []string{"a-hash"}, scanned(t, c.ScanType(ctx, 0, "*", 100, "hash")))
	require.Equal(t, want, scanned(t, c.SScan(ctx, "a-set", 0, "", 50)))
	require.Equal(t, want, dedup(keys(drain(t, c.HScan(ctx, "a-hash", 0, "", 50)))))
	require.Equal(t, want, dedup(keys(drain(t, c.ZScan(ctx, "a-zset", 0, "", 50)))))
}

// drain follows the cursor to its end.
func drain(t *testing.T, first *redis.ScanCmd) (all []string) {
	t.Helper()
	it := first.Iterator()
	for it.Next(t.Context()) {
		all = append(all, it.Val())
	}
	require.NoError(t, it.Err())
	return all
}

func scanned(t *testing.T, first *redis.ScanCmd) []string {
	t.Helper()
	return dedup(drain(t, first))
}

// dedup puts into order what a scan may return more than once.
func dedup(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}

func goRedisBinary(t *testing.T, c *redis.Client) {
	ctx := background(t)
	key := "key " + everyByte()
	is(t, c.Set(ctx, key, everyByte(), 0), "OK")
	is(t, c.Get(ctx, key), everyByte())
	is(t, c.HSet(ctx, "h", everyByte(), everyByte()), 1)
	is(t, c.HGetAll(ctx, "h"), map[string]string{everyByte(): everyByte()})
	is(t, c.Set(ctx, "", "", 0), "OK")
	is(t, c.Get(ctx, ""), "")
	large := strings.Repeat(everyByte(), 32<<10) // 8 MiB
	is(t, c.Set(ctx, "large", large, 0), "OK")
	is(t, c.StrLen(ctx, "large"), int64(len(large)))
	got, err := c.Get(ctx, "large").Result()
	require.NoError(t, err)
	sameLarge(t, large, got)
}
