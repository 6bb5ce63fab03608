package zset

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/residedb/reside/internal/ds/dict"
	"github.com/residedb/reside/internal/ds/slab"
	"github.com/residedb/reside/internal/invariants"
)

// big is the form of a large set: a dict of members with their scores, and a tree
// of the same entries in order.
type big struct {
	names *dict.Dict
	order tree
}

func newBig() *big {
	b := new(big)
	b.adopt(&dict.Dict{Layout: dict.Layout{Meta: 8}})
	return b
}

// adopt makes the dict the set's own: it tells of members that move.
func (b *big) adopt(names *dict.Dict) {
	b.names, b.order.names = names, names
	names.Moved = func(from, to slab.Ref) {
		member, meta := names.Entry(to)
		b.order.rename(spot{score: scoreOf(meta), member: member}, from, to)
	}
}

func scoreOf(meta []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(meta)) }

func setScore(meta []byte, score float64) {
	binary.LittleEndian.PutUint64(meta, math.Float64bits(score))
}

func (b *big) score(member []byte) (float64, bool) {
	_, meta, ok := b.names.Get(member, dict.Hash(member))
	if !ok {
		return 0, false
	}
	return scoreOf(meta), true
}

func (b *big) put(member []byte, score float64) (added bool) {
	hash := dict.Hash(member)
	ref, meta, ok := b.names.Find(member, hash)
	if ok {
		old := scoreOf(meta)
		if old == score {
			return false // 0 and -0 are equal: the sign stays as it was
		}
		b.order.remove(spot{score: old, member: member})
		ref, meta = b.names.Ready(ref, hash)
	} else {
		ref, meta = b.names.Add(member, hash)
	}
	setScore(meta, score)
	b.order.insert(spot{score: score, member: member}, ref)
	b.check(member)
	return !ok
}

// remove takes a member out; it may be borrowed from the set itself.
func (b *big) remove(member []byte) bool {
	hash := dict.Hash(member)
	_, meta, ok := b.names.Get(member, hash)
	if !ok {
		return false
	}
	var own name // a leaf may lend the member, and moves others to its place
	if len(member) <= inline {
		member = own[:copy(own[:], member)]
	}
	b.order.remove(spot{score: scoreOf(meta), member: member})
	b.names.Delete(member, hash)
	return true
}

func (b *big) clone() *big {
	twin := new(big)
	twin.order = b.order.clone(nil)
	twin.adopt(b.names.Clone())
	return twin
}

// check panics, in the checked build, unless the way to a member is as it should be.
func (b *big) check(member []byte) {
	if !invariants.Enabled {
		return
	}
	ref, meta, ok := b.names.Find(member, dict.Hash(member))
	if !ok || b.names.Len() != b.order.len() {
		panic(fmt.Sprintf("zset: %d members, %d in order", b.names.Len(), b.order.len()))
	}
	b.order.check(spot{score: scoreOf(meta), member: member}, ref)
}
