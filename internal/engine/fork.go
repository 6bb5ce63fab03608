package engine

import (
	"slices"

	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/ds/zset"
)

// A fork shares the bytes of values with the engine it was made from. Both mark the
// entry, and whoever is the first to change its value makes it a copy of its own:
//
//	engine  Entry{shared} ▸ Hash ─┐
//	                              ├▸ table, blocks, tree
//	fork    Entry{shared} ▸ Hash ─┘
//
// So the time to fork depends on the number of keys and not on their values. What is
// shared is never written, so the two need no common lock.

// Fork makes an engine on the given clock with the same configuration, seed and data;
// afterwards the two are independent. Nobody watches or waits in it, and its
// counters are 0. It holds the whole store. O(keys).
func (e *Engine) Fork(clock Clock) *Engine {
	n := New(Options{Stripes: len(e.stripes), Databases: len(e.counts), Clock: clock, Seed: e.seed, Replica: e.replica})
	tx := e.beginAll(false)
	defer tx.Commit()
	n.config.Store(e.Config())
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
		keys:     index{make([]slot, len(sp.keys.slots)), sp.keys.n},
		due:      dueHeap{slices.Clone(sp.due.items)},
		volatile: sp.volatile,
	}
	for i, old := range sp.keys.slots {
		if old.e == nil {
			continue
		}
		e := old.e.fork()
		e.space, e.mem = n, e.size()
		n.mem += e.mem
		n.keys.slots[i] = slot{e, old.tag}
		if e.heapPos != 0 {
			n.due.items[e.heapPos-1].e = e
		}
	}
	return n
}

// fork copies the entry but shares its value, unless that is small.
func (e *Entry) fork() *Entry {
	n := e.renamed(Key{B: e.Key(), Hash: e.hash})
	n.heapPos, n.volatile = e.heapPos, e.volatile
	if e.obj != nil {
		n.obj = shallow(e.obj)
	}
	if e.obj != nil || e.str.first == n.str.first {
		e.shared, n.shared = true, true
	}
	return n
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

// own gives the entry, whose value is to be changed, a copy of what it shares.
func (s *stripe) own(e *Entry) {
	switch o := e.obj.(type) {
	case *list.List:
		*o = *o.Clone()
	case *set.Set:
		*o = *o.Clone()
	case *zset.ZSet:
		*o = *o.Clone()
	case *hash.Hash:
		*o = *o.Clone()
	default:
		e.str = blobOf(slices.Clone(e.str.bytes()))
	}
	e.shared = false
	s.account(e, e.size())
}
