package engine

import (
	"slices"
	"strings"

	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/ds/zset"
)

// A fork copies packed strings, and shares what stands in boxes with the engine it was
// made from. Both mark the box, and whoever is the first to change its value makes it a copy of its own:
//
//	engine  box{shared} ▸ Hash ─┐
//	                              ├▸ table, blocks, tree
//	fork    box{shared} ▸ Hash ─┘
//
// So the time to fork depends on the number of keys and not on their values. What is
// shared is never written, so the two need no common lock.

// Fork makes an engine on the given clock with the same configuration, seed and data;
// afterwards the two are independent. Nobody watches or waits in it, and its
// counters are 0. It holds the whole store. O(keys).
func (e *Engine) Fork(clock Clock) *Engine {
	n := New(Options{Stripes: len(e.stripes), Databases: len(e.counts), Clock: clock, Seed: e.seed, Replica: e.replica.Load()})
	tx := e.beginAll(false)
	defer tx.Commit()
	n.Configure(func(c *Config) {
		*c = *e.Config()
		c.uses = nil // the fork gets its own
	})
	for i := range e.stripes {
		for db, sp := range e.stripes[i].spaces {
			if sp == nil {
				continue
			}
			forked := sp.fork()
			n.stripes[i].setSpace(db, forked)
			n.memory.Add(forked.mem)
			n.counts[db].Add(int64(forked.keys.len()))
		}
	}
	n.timer.arm(tx.nextDue())
	return n
}

// fork copies the space; every entry has its place in the copy.
func (sp *space) fork() *space {
	n := &space{
		keys:     index{words: sp.keys.words.Clone(), heap: sp.keys.heap.Clone(), spare: slices.Clone(sp.keys.spare)},
		due:      dueHeap{slices.Clone(sp.due.times), slices.Clone(sp.due.refs)},
		mem:      sp.mem,
		volatile: sp.volatile,
		timed:    sp.timed,
	}
	n.keys.boxes = make([]*box, len(sp.keys.boxes))
	for i, b := range sp.keys.boxes {
		if b != nil {
			n.keys.boxes[i] = b.fork(n)
		}
	}
	return n
}

// fork copies the box but shares its value.
func (b *box) fork(into *space) *box {
	b.shared = true
	n := *b
	n.space, n.cut, n.image = into, 0, nil
	if b.image != nil && b.obj != nil {
		b.image.value.Close() // nobody changes what it reads any more
	}
	if b.obj != nil {
		n.obj, n.stray = shallow(b.obj), false
		n.key = strings.Clone(b.key) // which may stand in a nest, beside the engine's collection
		n.mem = n.size()
		into.mem += n.mem - b.mem
	}
	return &n
}

// shallow makes another collection of the same memory.
func shallow(obj Object) Object {
	switch o := obj.(type) {
	case *list.List:
		c := *o
		return &c
	case *set.Set:
		c := *o
		return &c
	case *zset.ZSet:
		c := *o
		return &c
	case *hash.Hash:
		c := *o
		return &c
	}
	return nil
}

// own gives the box, whose value is to be changed, a copy of what it shares.
func (s *stripe) own(b *box) {
	switch o := b.obj.(type) {
	case *list.List:
		*o = *o.Clone()
	case *set.Set:
		*o = *o.Clone()
	case *zset.ZSet:
		*o = *o.Clone()
	case *hash.Hash:
		*o = *o.Clone()
	default:
		b.str = blobOf(slices.Clone(b.str.bytes()))
	}
	b.shared = false
	s.account(b, b.size())
}
