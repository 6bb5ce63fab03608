package bench

import (
	"strings"

	google "github.com/google/btree"
	"github.com/tidwall/btree"
)

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
	at, ok := b.tree.GetAt(first)
	if !ok {
		return 0
	}
	return b.ascend(at, n)
}

func (t treeBoards) from(key string, score float64, n int) int {
	s := t.of(key)
	s.RLock()
	defer s.RUnlock()
	return s.m[key].ascend(scored{score: score}, n)
}

func (b *treeBoard) ascend(from scored, n int) int {
	page := make([]scored, 0, n)
	b.tree.Ascend(from, func(m scored) bool {
		page = append(page, m)
		return len(page) < n
	})
	return len(page)
}

// googleBoard is a treeBoard on google/btree, which does not count: it knows no
// ranks.
type googleBoard struct {
	scores map[string]float64
	tree   *google.BTreeG[scored]
}

type googleBoards struct{ *maps[*googleBoard] }

func (g googleBoards) add(key, member string, score float64) bool {
	s := g.of(key)
	s.Lock()
	defer s.Unlock()
	b := s.m[key]
	if b == nil {
		b = &googleBoard{map[string]float64{}, google.NewG(32, scored.less)}
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
	b.tree.ReplaceOrInsert(scored{score, member})
	return !had
}

func (g googleBoards) score(key, member string) (float64, bool) {
	s := g.of(key)
	s.RLock()
	defer s.RUnlock()
	if b := s.m[key]; b != nil {
		score, ok := b.scores[member]
		return score, ok
	}
	return 0, false
}

func (g googleBoards) from(key string, score float64, n int) int {
	s := g.of(key)
	s.RLock()
	defer s.RUnlock()
	page := make([]scored, 0, n)
	s.m[key].tree.AscendGreaterOrEqual(scored{score: score}, func(m scored) bool {
		page = append(page, m)
		return len(page) < n
	})
	return len(page)
}
