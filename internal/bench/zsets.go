package bench

import (
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// board is what the contest of sorted sets asks for.
type board interface {
	add(key, member string, score float64) (added bool)
	score(key, member string) (float64, bool)
	from(key string, score float64, n int) int // how many members from a score on, n at most
}

// ranked is a board that knows ranks.
type ranked interface {
	board
	rank(key, member string) (int, bool)
	page(key string, first, n int) int
}

// boardSize is how many members each of many sorted sets has, pageSize how many are
// read at once.
const (
	boardSize = 10_000
	pageSize  = 10
)

// zsetContest has many sorted sets.
func zsetContest() contest {
	steps := func(b board, d data) []step { return zsetSteps(b, d, min(boardSize, d.n)) }
	return contest{"zset of 10000", []entrant{
		enter(reside, openResideBoards, steps),
		enter(oneMap, func() board { return newTreeBoards(1) }, steps),
		enter(manyMap, func() board { return newTreeBoards(shardCount) }, steps),
	}}
}

// bigZSetContest has one sorted set of all elements.
func bigZSetContest() contest {
	steps := func(b board, d data) []step { return zsetSteps(b, d, d.n) }
	return contest{"one zset", []entrant{
		enter(reside, openResideBoards, steps),
		enter(oneMap, func() board { return newTreeBoards(1) }, steps),
		enter(googleTree, func() board { return newBoards(1, newUncounted) }, steps),
	}}
}

// zsetScore is the score of an element: as good as random, and known.
func zsetScore(i int) float64 { return float64(uint32(i) * 2654435761) }

// zsetSteps are those of sorted sets of so many members.
func zsetSteps(b board, d data, size int) []step {
	key := func(i int) string { return d.spread(i, size) }
	members := func(i int) int { return min(size, d.n-i/size*size) } // of the set that i belongs to
	steps := []step{
		{name: "add new", do: func(i int) { must(b.add(key(i), d.keys.at(i), zsetScore(i))) }},
		{name: "score", do: func(i int) {
			s, ok := b.score(key(i), d.keys.at(i))
			must(ok && s == zsetScore(i))
		}},
		{name: "rank"},
		{name: "10 by rank"},
		{name: "10 by score", do: func(i int) { must(b.from(key(i), zsetScore(i), pageSize) > 0) }},
		{name: "another score", do: func(i int) { must(!b.add(key(i), d.keys.at(i), zsetScore(i+1))) }},
	}
	if r, ok := b.(ranked); ok {
		steps[2].do = func(i int) {
			at, ok := r.rank(key(i), d.keys.at(i))
			must(ok && at < size)
		}
		steps[3].do = func(i int) {
			first := i % size
			must(r.page(key(i), first, pageSize) == min(pageSize, max(members(i)-first, 0)))
		}
	}
	return steps
}

type resideBoards struct{ *store.Store }

func openResideBoards() board { return resideBoards{store.New(store.Options{})} }

func (r resideBoards) of(key string) types.ZSet[string] { return types.NewZSet[string](r, key) }

func (r resideBoards) add(key, member string, score float64) bool {
	added, err := r.of(key).Add(background, member, score)
	done(err)
	return added
}

func (r resideBoards) score(key, member string) (float64, bool) {
	s, ok, err := r.of(key).Score(background, member)
	done(err)
	return s, ok
}

func (r resideBoards) rank(key, member string) (int, bool) {
	n, ok, err := r.of(key).Rank(background, member)
	done(err)
	return int(n), ok
}

func (r resideBoards) from(key string, score float64, n int) int {
	page, err := r.of(key).Range(background, types.ByScore(types.Incl(score), types.MaxScore()).Limit(0, int64(n)))
	done(err)
	return len(page)
}

func (r resideBoards) page(key string, first, n int) int {
	page, err := r.of(key).Range(background, types.ByRank(int64(first), int64(first+n-1)))
	done(err)
	return len(page)
}
