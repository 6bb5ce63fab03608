package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryNameHasATextOfItsOwn(t *testing.T) {
	seen := map[string]Name{}
	for n := None; n <= Last; n++ {
		require.NotEmpty(t, n.String(), "name %d", n)
		require.NotContains(t, seen, n.String())
		seen[n.String()] = n
	}
	require.Len(t, texts, int(Last)+1)
}

func TestClassesAreRedisLetters(t *testing.T) {
	for class, names := range map[Class][]Name{
		'g': {Del, Expire, Persist, RenameFrom, RenameTo, MoveFrom, MoveTo, CopyTo, Restore},
		'$': {Set, SetRange, Append, IncrBy, IncrByFloat},
		'l': {LPush, RPush, LPop, RPop, LSet, LInsert, LRem, LTrim, SortStore},
		's': {SAdd, SRem, SPop, SInterStore, SUnionStore, SDiffStore},
		'z': {ZAdd, ZIncr, ZRem, ZRemRangeByRank, ZRemRangeByScore, ZRemRangeByLex, ZPopMin, ZPopMax, ZRangeStore, ZUnionStore, ZInterStore, ZDiffStore},
		'h': {HSet, HIncrBy, HIncrByFloat, HDel, HExpire, HPersist, HExpired},
		'x': {Expired},
		'e': {Evicted},
		'n': {New},
	} {
		for _, n := range names {
			require.Equal(t, string(class), string(n.Class()), n)
		}
	}
}
