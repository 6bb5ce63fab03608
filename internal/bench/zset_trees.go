package bench

import (
	"strings"

	google "github.com/google/btree"
	"github.com/tidwall/btree"
)

type scored struct {
	score  float64
	member string
}

func (a scored) less(b scored) bool {
	return a.score < b.score || a.score == b.score && a.member < b.member
}

// order is what keeps the members of a sorted set in order.
type order interface {
	put(m scored)
	drop(m scored) (was scored)
	ascend(from scored, n int) int
}

// sorted is a sorted set as one writes it in an hour: a map for scores, and a B-tree
// for order.
type sorted[O order] struct {
	scores map[string]float64
	order  O
}

// boards are sorted sets by key, all with the same kind of tree.
type boards[O order] struct {
	*maps[*sorted[O]]
	newOrder func() O
}

func newBoards[O order](shards int, newOrder func() O) boards[O] {
	return boards[O]{newMaps[*sorted[O]](shards), newOrder}
}

func (t boards[O]) add(key, member string, score float64) bool {
	s := t.of(key)
	s.Lock()
	defer s.Unlock()
	b := s.m[key]
	if b == nil {
		b = &sorted[O]{map[string]float64{}, t.newOrder()}
		s.m[strings.Clone(key)] = b
	}
	old, had := b.scores[member]
	if had {
		member = b.order.drop(scored{old, member}).member
	} else {
		member = strings.Clone(member)
	}
	b.scores[member] = score
	b.order.put(scored{score, member})
	return !had
}

func (t boards[O]) score(key, member string) (float64, bool) {
	s := t.of(key)
	s.RLock()
	defer s.RUnlock()
	if b := s.m[key]; b != nil {
		score, ok := b.scores[member]
		return score, ok
	}
	return 0, false
}

func (t boards[O]) from(key string, score float64, n int) int {
	s := t.of(key)
	s.RLock()
	defer s.RUnlock()
	return s.m[key].order.ascend(scored{score: score}, n)
}

// counted is tidwall's B-tree, which counts.
type counted struct{ *btree.BTreeG[scored] }

func newCounted() counted {
	return counted{btree.NewBTreeGOptions(scored.less, btree.Options{NoLocks: true})}
}

func (c counted) put(m scored) { c.Set(m) }

func (c counted) drop(m scored) (was scored) {
	was, _ = c.Delete(m)
	return was
}

func (c counted) ascend(from scored, n int) int {
	page := make([]scored, 0, n)
	c.Ascend(from, func(m scored) bool {
		page = append(page, m)
		return len(page) < n
	})
	return len(page)
}

// treeBoards know ranks.
type treeBoards struct{ boards[counted] }

func newTreeBoards(shards int) treeBoards { return treeBoards{newBoards(shards, newCounted)} }

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
	lo, hi, want := 0, b.order.Len(), scored{score, member}
	for lo < hi {
		mid := (lo + hi) / 2
		if at, _ := b.order.GetAt(mid); at.less(want) {
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
	at, ok := b.order.GetAt(first)
	if !ok {
		return 0
	}
	return b.order.ascend(at, n)
}

// uncounted is google/btree, which does not count: it knows no ranks.
type uncounted struct{ *google.BTreeG[scored] }

func newUncounted() uncounted { return uncounted{google.NewG(32, scored.less)} }

func (u uncounted) put(m scored) { u.ReplaceOrInsert(m) }

func (u uncounted) drop(m scored) (was scored) {
	was, _ = u.Delete(m)
	return was
}

func (u uncounted) ascend(from scored, n int) int {
	page := make([]scored, 0, n)
	u.AscendGreaterOrEqual(from, func(m scored) bool {
		page = append(page, m)
		return len(page) < n
	})
	return len(page)
}
