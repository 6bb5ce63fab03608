package bench

import (
	"strings"

	"github.com/tidwall/btree"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// board is what the contest of sorted sets asks for.
type board interface {
	add(key, member string, score float64) (added bool)
	score(key, member string) (float64, bool)
	rank(key, member string) (int, bool)
	page(key string, first, n int) int
}

// boardSize is how many members a sorted set has, pageSize how many are read at
// once.
const (
	boardSize = 10_000
	pageSize  = 10
)

func zsetContest() contest {
	return contest{"zset of 10000", []entrant{
		enter(reside, func() board { return resideBoards{store.New(store.Options{})} }, zsetSteps),
		enter(oneMap, func() board { return treeBoards{newMaps[*treeBoard](1)} }, zsetSteps),
		enter(manyMap, func() board { return treeBoards{newMaps[*treeBoard](shardCount)} }, zsetSteps),
	}}
}

func zsetSteps(b board, d data) []step {
	size := min(boardSize, d.n)
	key := func(i int) string { return d.spread(i, size) }
	score := func(i int) float64 { return float64(uint32(i) * 2654435761) }
	members := func(i int) int { return min(size, d.n-i/size*size) } // of the set that i belongs to
	return []step{
		{name: "add new", do: func(i int) { must(b.add(key(i), d.keys.at(i), score(i))) }},
		{name: "score", do: func(i int) {
			s, ok := b.score(key(i), d.keys.at(i))
			must(ok && s == score(i))
		}},
		{name: "rank", do: func(i int) {
			r, ok := b.rank(key(i), d.keys.at(i))
			must(ok && r < size)
		}},
		{name: "range of 10", do: func(i int) {
			first := i % size
			must(b.page(key(i), first, pageSize) == min(pageSize, max(members(i)-first, 0)))
		}},
		{name: "another score", do: func(i int) { must(!b.add(key(i), d.keys.at(i), score(i+1))) }},
	}
}

type resideBoards struct{ *store.Store }

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

func (r resideBoards) page(key string, first, n int) int {
	page, err := r.of(key).Range(background, types.ByRank(int64(first), int64(first+n-1)))
	done(err)
	return len(page)
}

// treeBoard is a sorted set as one writes it in an hour: a map for scores, and a
// B-tree that counts for order.
type treeBoard struct {
	scores map[string]float64
	tree   *btree.BTreeG[scored]
}

type scored struct {
	score  float64
	member string
}

func (a scored) less(b scored) bool {
	return a.score < b.score || a.score == b.score && a.member < b.member
}

type treeBoards struct{ *maps[*treeBoard] }

func (t treeBoards) add(key, member string, score float64) bool {
	s := t.of(key)
	s.Lock()
	defer s.Unlock()
	b := s.m[key]
	if b == nil {
		b = &treeBoard{map[string]float64{}, btree.NewBTreeGOptions(scored.less, btree.Options{NoLocks: true})}
		s.m[strings.Clone(key)] = b
	}
	old, had := b.scores[member]
	if had {
		kept, _ := b.tree.Delete(scored{old, member})
		member = kept.member
	} else {
		member = strings.Clone(member)
	}
	b.scores[member] = score
	b.tree.Set(scored{score, member})
	return !had
}

func (t treeBoards) score(key, member string) (float64, bool) {
	s := t.of(key)
	s.RLock()
	defer s.RUnlock()
	if b := s.m[key]; b != nil {
		score, ok := b.scores[member]
		return score, ok
	}
	return 0, false
}

// rank finds the member by halves: the tree knows what stands at a rank, but not
// the rank of what it holds.
func (t treeBoards) rank(key, member string) (int, bool) {
	s := t.of(key)
	s.RLock()
	defer s.RUnlock()
	b := s.m[key]
	score, ok := b.scores[member]
	if !ok {
		return 0, false
	}
	lo, hi, want := 0, b.tree.Len(), scored{score, member}
	for lo < hi {
		mid := (lo + hi) / 2
		if at, _ := b.tree.GetAt(mid); at.less(want) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, true
}

func (t treeBoards) page(key string, first, n int) int {
	s := t.of(key)
	s.RLock()
	defer s.RUnlock()
	b := s.m[key]
	page := make([]scored, 0, n)
	at, ok := b.tree.GetAt(first)
	if !ok {
		return 0
	}
	b.tree.Ascend(at, func(m scored) bool {
		page = append(page, m)
		return len(page) < n
	})
	return len(page)
}
