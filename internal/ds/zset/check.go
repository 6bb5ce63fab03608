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
			r := kid.keys()
			if b.counts[i] != kid.size() || b.scores[i] != r.scores[0] || b.refs[i] != r.refs[0] {
				panic(fmt.Sprintf("zset: a branch does not know its child %d", i))
			}
			total += b.counts[i]
		}
		if total != b.total {
			panic(fmt.Sprintf("zset: a branch counts %d entries of %d", b.total, total))
		}
		n = b.kids[b.child(t, s)]
	}
	r := n.keys()
	i := t.before(r, s, false)
	if i >= int(r.n) || r.refs[i] != ref || r.scores[i] != s.score {
		panic(fmt.Sprintf("zset: %q is not where it belongs", s.member))
	}
	if i > 0 && t.before(r, spot{score: r.scores[i-1], member: t.names.Key(r.refs[i-1])}, true) != i {
		panic(fmt.Sprintf("zset: %q is not behind the member before it", s.member))
	}
}
