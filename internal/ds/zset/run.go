package zset

import (
	"bytes"

	"github.com/residedb/reside/internal/ds/slab"
)

// fan is the most entries of a leaf and the most children of a branch. A leaf of
// 63 takes 760 bytes of the 768 that Go gives for it.
const fan = 63

// run is some entries in order: of a leaf all that it has, of a branch the least
// entry of each child.
type run struct {
	n      int32
	refs   [fan]slab.Ref // of the members, in the dict
	scores [fan]float64
}

// spot is a place in the order: by score, then by the member's bytes, or with an
// edge before (-1) or behind (1) all members of the score.
type spot struct {
	score  float64
	member []byte
	edge   int
}

// before is how many entries of a run stand before a spot, or, with orAt, not
// behind it. Members are looked at only where scores are equal.
func (t *tree) before(r *run, s spot, orAt bool) int {
	scores := r.scores[:r.n]
	lo := below(scores, s.score)
	if lo == len(scores) || scores[lo] != s.score || s.edge < 0 {
		return lo
	}
	hi := lo + notAbove(scores[lo:], s.score)
	if s.edge > 0 {
		return hi
	}
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if c := bytes.Compare(t.names.Key(r.refs[mid]), s.member); c < 0 || c == 0 && orAt {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// below is how many of some sorted scores are less than one. The processor cannot
// guess the way of a search, so there is none to guess: every step is taken.
func below(scores []float64, score float64) int {
	at := 0
	for n := len(scores); n > 0; {
		half := (n + 1) / 2
		if scores[at+half-1] < score {
			at += half
		}
		n -= half
	}
	return at
}

// notAbove is how many of some sorted scores are not greater than one.
func notAbove(scores []float64, score float64) int {
	at := 0
	for n := len(scores); n > 0; {
		half := (n + 1) / 2
		if scores[at+half-1] <= score {
			at += half
		}
		n -= half
	}
	return at
}

// put puts an entry at a place; there is room.
func (r *run) put(i int, score float64, ref slab.Ref) {
	copy(r.scores[i+1:r.n+1], r.scores[i:r.n])
	copy(r.refs[i+1:r.n+1], r.refs[i:r.n])
	r.scores[i], r.refs[i] = score, ref
	r.n++
}

// cut takes the entry at a place out.
func (r *run) cut(i int) {
	copy(r.scores[i:r.n-1], r.scores[i+1:r.n])
	copy(r.refs[i:r.n-1], r.refs[i+1:r.n])
	r.n--
}

// give moves the entries from a place on behind those of another run.
func (r *run) give(i int, to *run) {
	copy(to.scores[to.n:], r.scores[i:r.n])
	copy(to.refs[to.n:], r.refs[i:r.n])
	to.n += r.n - int32(i)
	r.n = int32(i)
}
