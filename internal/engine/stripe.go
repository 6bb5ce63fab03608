package engine

import (
	"math/rand/v2"
	"sync"

	"github.com/residedb/reside/internal/invariants"
)

// stripe is a part of the keys behind one lock. What a transaction on one key touches
// stands in few cache lines, as they move from one processor to another with the lock:
// a read that finds its key writes to the first alone, a write to the Tx's first too.
type stripe struct {
	mu      sync.Mutex
	eng     *Engine
	spaces  []*space // by database, nil until it has a key
	commits int64    // transactions published from here while no journal is attached
	stats   stats    // its last two stand in the next line

	index    int
	interest *interest // watchers and waiters, nil while there are none
	rng      *rand.Rand

	_  [24]byte
	tx Tx // of whoever holds mu and began here; it begins a line
	_  [48]byte
}

// space is what one stripe holds of one database. FLUSHDB and SWAPDB move
// spaces, not entries.
type space struct {
	db   int
	keys index
	due  dueHeap // entries with a deadline, or fields that have one
	mem  int64

	volatile int64 // entries with a deadline of their own
}

// stats are counted under the stripe's lock.
type stats struct {
	hits, misses, expired, evicted int64
}

// space returns what the stripe holds of a database, nil if that is nothing yet.
func (s *stripe) space(db int) *space {
	if db >= len(s.spaces) {
		return nil
	}
	return s.spaces[db]
}

// setSpace puts a space, or nil, in the place of a database.
func (s *stripe) setSpace(db int, sp *space) {
	for db >= len(s.spaces) {
		s.spaces = append(s.spaces, nil)
	}
	s.spaces[db] = sp
	if sp != nil {
		sp.db = db
	}
}

func (s *stripe) lookup(k Key) *Entry {
	sp := s.space(k.DB)
	if sp == nil {
		return nil
	}
	_, e := sp.keys.find(k.B, k.Hash)
	return e
}

// link puts the entry into a database, which must not have the key.
func (s *stripe) link(e *Entry, db int) {
	if s.space(db) == nil {
		s.setSpace(db, new(space))
	}
	e.space = s.spaces[db]
	if invariants.Enabled && s.lookup(e.ref()) != nil {
		panic("engine: a key is linked twice")
	}
	e.space.keys.add(e)
	s.eng.counts[db].Add(1)
	s.account(e, e.size())
	s.schedule(e)
}

// unlink takes the entry out of its database.
func (s *stripe) unlink(e *Entry) {
	e.space.keys.remove(e)
	e.space.due.remove(e)
	e.countVolatile(false)
	s.eng.counts[e.space.db].Add(-1)
	s.account(e, 0)
	e.space = nil
}

// account sets what the entry is accounted for.
func (s *stripe) account(e *Entry, mem int64) {
	if d := mem - e.mem; d != 0 {
		e.mem = mem
		e.space.mem += d
		s.eng.memory.Add(d)
	}
}

// random is the stripe's source of random numbers.
func (s *stripe) random() *rand.Rand {
	if s.rng == nil {
		s.rng = s.eng.newRand(s.index)
	}
	return s.rng
}
