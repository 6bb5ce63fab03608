package zset

import (
	"fmt"

	"github.com/residedb/reside/internal/ds/slab"
)

// check panics unless every node on the way to an entry knows what is below it, and
// the entry stands between its neighbours.
func (t *tree) check(s spot, ref slab.Ref) {
	n := t.root
	for b, ok := n.(*branch); ok; b, ok = n.(*branch) {
		total := 0
		for i, kid := range b.kids[:b.n] {
			r, mine := kid.run(), b.run()
			if int(b.counts[i]) != kid.size() || mine.cell(i) != r.cell(0) {
				panic(fmt.Sprintf("zset: a branch does not know its child %d", i))
			}
			total += kid.size()
		}
		if total != b.size() {
			panic(fmt.Sprintf("zset: a branch counts %d entries of %d", b.size(), total))
		}
		i, _ := b.child(t, s)
		n = b.kids[i]
	}
	r := n.run()
	i := t.before(&r, s, false)
	if i >= r.n || r.cell(i) != cellOf(spot{score: r.scores[i], member: s.member}, ref) || r.scores[i] != s.score {
		panic(fmt.Sprintf("zset: %q is not where it belongs", s.member))
	}
	if i > 0 && t.before(&r, spot{score: r.scores[i-1], member: t.member(&r, i-1)}, true) != i {
		panic(fmt.Sprintf("zset: %q is not behind the member before it", s.member))
	}
}
