package zset

import (
	"bytes"
	"encoding/binary"

	"github.com/residedb/reside/internal/ds/slab"
)

// name is a member as it stands in a node: its bytes, if there are at most so many, or
// else its first ones and a reference to it.
type name [inline]byte

const (
	inline = 16
	begin  = inline - 4 // bytes of a member before its reference
	long   = 0xff       // the size of a name with a reference
)

func (m *name) ref() slab.Ref { return slab.Ref(binary.LittleEndian.Uint32(m[begin:])) }

// refer makes the name one with a reference.
func (m *name) refer(ref slab.Ref) { binary.LittleEndian.PutUint32(m[begin:], uint32(ref)) }

// cell is an entry as it stands in a node.
type cell struct {
	score float64
	name  name
	size  uint8 // of the name, or long
}

func cellOf(s spot, ref slab.Ref) cell {
	c := cell{score: s.score, size: uint8(min(len(s.member), long))}
	if copy(c.name[:], s.member); len(s.member) > inline {
		c.size = long
		c.name.refer(ref)
	}
	return c
}

// run is some entries in order: of a leaf all that it has, of a branch the least
// entry of each child. There may be room behind them.
type run struct {
	n      int
	scores []float64
	names  []name
	sizes  []uint8
}

func (r *run) cell(i int) cell { return cell{r.scores[i], r.names[i], r.sizes[i]} }

func (r *run) set(i int, c cell) { r.scores[i], r.names[i], r.sizes[i] = c.score, c.name, c.size }

// put puts an entry at a place; there is room.
func (r *run) put(i int, c cell) {
	copy(r.scores[i+1:r.n+1], r.scores[i:r.n])
	copy(r.names[i+1:r.n+1], r.names[i:r.n])
	copy(r.sizes[i+1:r.n+1], r.sizes[i:r.n])
	r.set(i, c)
	r.n++
}

// cut takes the entry at a place out.
func (r *run) cut(i int) {
	r.paste(i, *r, i+1)
	r.n--
}

// paste copies the entries of another run, from a place on, to a place; there is room.
func (r *run) paste(at int, from run, i int) {
	copy(r.scores[at:], from.scores[i:from.n])
	copy(r.names[at:], from.names[i:from.n])
	copy(r.sizes[at:], from.sizes[i:from.n])
}

// member is the member at a place, borrowed until the set's next change.
func (t *tree) member(r *run, i int) []byte {
	m, size := &r.names[i], r.sizes[i]
	if size == long {
		return t.names.Key(m.ref())
	}
	return m[:size:size]
}

// compare compares the member at a place with another one.
func (t *tree) compare(r *run, i int, with []byte) int {
	m := &r.names[i]
	if size := r.sizes[i]; size != long {
		return bytes.Compare(m[:size], with)
	}
	if c := bytes.Compare(m[:begin], with[:min(len(with), begin)]); c != 0 {
		return c
	}
	return bytes.Compare(t.names.Key(m.ref()), with)
}

// spot is a place in the order: by score, then by the member's bytes, or with an
// edge before (-1) or behind (1) all members of the score.
type spot struct {
	score  float64
	member []byte
	edge   int
	inner  bool // there are entries behind the node that it was found in
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
		if c := t.compare(r, mid, s.member); c < 0 || c == 0 && orAt {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// line is how many scores stand in a line of the processor's cache.
const line = 8

// below is how many of some sorted scores are less than one. It looks at one score of
// each line of the cache, and then at all of one line. So the processor waits once:
// no look depends on another, as the steps of a search by halves do, and there is no
// way to guess.
func below(scores []float64, score float64) int {
	at := 0
	for i := line - 1; i < len(scores); i += line {
		if scores[i] < score {
			at += line
		}
	}
	n := at
	for _, s := range scores[at:min(at+line, len(scores))] {
		if s < score {
			n++
		}
	}
	return n
}

// notAbove is how many of some sorted scores are not greater than one.
func notAbove(scores []float64, score float64) int {
	at := 0
	for i := line - 1; i < len(scores); i += line {
		if scores[i] <= score {
			at += line
		}
	}
	n := at
	for _, s := range scores[at:min(at+line, len(scores))] {
		if s <= score {
			n++
		}
	}
	return n
}
