package interop

import (
	"math"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func goRedisZSets(t *testing.T, c *redis.Client) {
	ctx := background(t)
	is(t, c.ZAdd(ctx, "z", redis.Z{Score: 1, Member: "a"}, redis.Z{Score: 2, Member: "b"}, redis.Z{Score: 2.5, Member: "c"}), 3)
	is(t, c.ZAddNX(ctx, "z", redis.Z{Score: 9, Member: "a"}), 0)
	is(t, c.ZAddGT(ctx, "z", redis.Z{Score: 0.5, Member: "a"}), 0)
	is(t, c.ZAddArgs(ctx, "z", redis.ZAddArgs{XX: true, Ch: true, Members: []redis.Z{{Score: 3, Member: "c"}, {Score: 1, Member: "d"}}}), 1)
	is(t, c.ZAddArgsIncr(ctx, "z", redis.ZAddArgs{Members: []redis.Z{{Score: 1.5, Member: "b"}}}), 3.5)
	isNil(t, c.ZAddArgsIncr(ctx, "z", redis.ZAddArgs{XX: true, Members: []redis.Z{{Score: 1, Member: "none"}}}))
	is(t, c.ZIncrBy(ctx, "z", math.Inf(1), "b"), math.Inf(1))
	is(t, c.ZScore(ctx, "z", "b"), math.Inf(1))
	isNil(t, c.ZScore(ctx, "z", "none"))
	is(t, c.ZMScore(ctx, "z", "a", "none", "c"), []float64{1, 0, 3})
	is(t, c.ZCard(ctx, "z"), 3)
	is(t, c.ZRank(ctx, "z", "c"), 1)
	is(t, c.ZRevRank(ctx, "z", "c"), 1)
	isNil(t, c.ZRank(ctx, "z", "none"))
	is(t, c.ZRem(ctx, "z", "c", "none"), 1)
	holds(t, c.ZRandMember(ctx, "z", 9), "a", "b")
	is(t, c.ZPopMin(ctx, "z"), []redis.Z{{Score: 1, Member: "a"}})
	is(t, c.ZRandMemberWithScores(ctx, "z", -2), []redis.Z{{Score: math.Inf(1), Member: "b"}, {Score: math.Inf(1), Member: "b"}})
	is(t, c.ZPopMax(ctx, "z", 5), []redis.Z{{Score: math.Inf(1), Member: "b"}})
	is(t, c.ZPopMax(ctx, "z"), []redis.Z{})
	c.ZAdd(ctx, "z", redis.Z{Score: 1, Member: "a"}, redis.Z{Score: 2, Member: "b"})
	key, got, err := c.ZMPop(ctx, "MAX", 1, "none", "z").Result()
	require.NoError(t, err)
	require.Equal(t, "z", key)
	require.Equal(t, []redis.Z{{Score: 2, Member: "b"}}, got)
}

// letters puts five members into z, with their places as scores.
func letters(t *testing.T, c *redis.Client) {
	for i, m := range []string{"a", "b", "c", "d", "e"} {
		require.NoError(t, c.ZAdd(t.Context(), "z", redis.Z{Score: float64(i + 1), Member: m}).Err())
	}
}

func goRedisZRanges(t *testing.T, c *redis.Client) {
	ctx := background(t)
	letters(t, c)
	is(t, c.ZRange(ctx, "z", -2, -1), []string{"d", "e"})
	is(t, c.ZRevRange(ctx, "z", 0, 1), []string{"e", "d"})
	is(t, c.ZRangeWithScores(ctx, "z", 0, 0), []redis.Z{{Score: 1, Member: "a"}})
	is(t, c.ZRevRangeWithScores(ctx, "z", 0, 0), []redis.Z{{Score: 5, Member: "e"}})
	is(t, c.ZRangeByScore(ctx, "z", &redis.ZRangeBy{Min: "(1", Max: "+inf", Offset: 1, Count: 2}), []string{"c", "d"})
	is(t, c.ZRangeByScoreWithScores(ctx, "z", &redis.ZRangeBy{Min: "-inf", Max: "1"}), []redis.Z{{Score: 1, Member: "a"}})
	is(t, c.ZRevRangeByScore(ctx, "z", &redis.ZRangeBy{Min: "4", Max: "inf"}), []string{"e", "d"})
	is(t, c.ZRangeArgs(ctx, redis.ZRangeArgs{Key: "z", Start: 2, Stop: "(4", ByScore: true}), []string{"b", "c"})
	is(t, c.ZRangeArgs(ctx, redis.ZRangeArgs{Key: "z", Start: 0, Stop: 1, Rev: true}), []string{"e", "d"})
	is(t, c.ZCount(ctx, "z", "(1", "3"), 2)
	is(t, c.ZRangeStore(ctx, "y", redis.ZRangeArgs{Key: "z", Start: 0, Stop: 2}), 3)
	is(t, c.ZRemRangeByRank(ctx, "z", 0, 0), 1)
	is(t, c.ZRemRangeByScore(ctx, "z", "2", "(4"), 2)
	is(t, c.ZRange(ctx, "z", 0, -1), []string{"d", "e"})
	c.ZAdd(ctx, "lex", redis.Z{Member: "ann"}, redis.Z{Member: "bob"}, redis.Z{Member: "cid"})
	is(t, c.ZRangeByLex(ctx, "lex", &redis.ZRangeBy{Min: "[b", Max: "+"}), []string{"bob", "cid"})
	is(t, c.ZRevRangeByLex(ctx, "lex", &redis.ZRangeBy{Min: "-", Max: "(bob"}), []string{"ann"})
	is(t, c.ZLexCount(ctx, "lex", "-", "+"), 3)
	is(t, c.ZRemRangeByLex(ctx, "lex", "[bob", "[bob"), 1)
}

func goRedisZAlgebra(t *testing.T, c *redis.Client) {
	ctx := background(t)
	letters(t, c)
	c.ZAdd(ctx, "y", redis.Z{Score: 10, Member: "a"}, redis.Z{Score: 0.5, Member: "x"})
	both := redis.ZStore{Keys: []string{"z", "y"}, Weights: []float64{2, 1}, Aggregate: "MAX"}
	is(t, c.ZInterWithScores(ctx, &both), []redis.Z{{Score: 10, Member: "a"}})
	is(t, c.ZInter(ctx, &both), []string{"a"})
	is(t, c.ZInterCard(ctx, 0, "z", "y"), 1)
	is(t, c.ZInterStore(ctx, "i", &both), 1)
	is(t, c.ZUnion(ctx, both), []string{"x", "b", "c", "d", "a", "e"})
	is(t, c.ZUnionStore(ctx, "u", &both), 6)
	is(t, c.ZUnionWithScores(ctx, redis.ZStore{Keys: []string{"y", "none"}}), []redis.Z{{Score: 0.5, Member: "x"}, {Score: 10, Member: "a"}})
	is(t, c.ZDiff(ctx, "y", "z"), []string{"x"})
	is(t, c.ZDiffWithScores(ctx, "y", "z"), []redis.Z{{Score: 0.5, Member: "x"}})
	is(t, c.ZDiffStore(ctx, "d", "z", "y"), 4)
}
