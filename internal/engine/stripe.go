package engine

import (
	"math/rand/v2"

	"github.com/residedb/reside/internal/ds/slab"
	"github.com/residedb/reside/internal/invariants"
)

// stripe is a part of the keys behind one lock. What a transaction on one key touches
// stands in few cache lines, as they move from one processor to another with the lock:
// a read that finds its key writes to the first alone, a write to the Tx's first too.
// Where many read together they write to none of them (see readers).
type stripe struct {
	gate    gate
	spaces  []*space // by database, nil until it has a key
	commits int64    // transactions published from here while no journal is attached
	stats   stats    // its last two stand in the next line

	eng      *Engine
	interest *interest // watchers and waiters, nil while there are none
	rng      *rand.Rand
	seq      int64 // of the last transaction that changed something, while a journal is attached
	index    int32
	loose    bool // a heap of packed strings is to be tidied

	_   [8]byte
	tx  Tx // of whoever has the stripe alone and began here; it begins a line
	jam jam
}

// space is what one stripe holds of one database. FLUSHDB and SWAPDB move
// spaces, not entries.
type space struct {
	db   int
	keys index
	due  dueHeap // entries with a deadline, or fields that have one
	mem  int64
	cut  *spaceCut // that reads the space as it was, nil for none

	volatile int64 // entries with a deadline of their own
	timed    int64 // hashes with fields that have one
}

// lock waits until the caller has the stripe alone.
func (s *stripe) lock() {
	if out := s.gate.lock(); out != nil {
		s.leftBy(out)
	}
}

// tryLock is lock for a caller who may hold other stripes, see gate.
func (s *stripe) tryLock() bool {
	out, ok := s.gate.tryLock()
	if out != nil {
		s.leftBy(out)
	}
	return ok
}

func (s *stripe) unlock() { s.gate.unlock() }

// leftBy counts what those found who came in together.
func (s *stripe) leftBy(out *readers) {
	n, hits, misses := out.total()
	s.stats.hits += hits
	s.stats.misses += misses
	s.jam.came(n)
}

// stats are counted by whoever has the stripe alone.
type stats struct {
	hits, misses, expired, evicted int64
}

// lookup counts a hit, or a miss if there is no entry.
func (t *stats) lookup(e *Entry) {
	if e == nil {
		t.misses++
	} else {
		t.hits++
	}
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

// keys is how many keys the stripe has.
func (s *stripe) keys() (n int) {
	for _, sp := range s.spaces {
		if sp != nil {
			n += sp.keys.len()
		}
	}
	return n
}

func (s *stripe) lookup(k Key) *Entry {
	sp := s.space(k.DB)
	if sp == nil {
		return nil
	}
	_, e := sp.keys.find(k.B, k.Hash)
	return e
}

// enterable is the space of a database, which must not have the key.
func (s *stripe) enterable(k Key) *space {
	if s.space(k.DB) == nil {
		s.setSpace(k.DB, new(space))
	}
	if invariants.Enabled && s.lookup(k) != nil {
		panic("engine: a key is linked twice")
	}
	return s.spaces[k.DB]
}

// link puts a box into a database, which must not have the key.
func (s *stripe) link(b *box, db int) {
	b.space = s.enterable(Key{B: b.Key(), Hash: b.hash, DB: db})
	b.space.keys.addBox(b)
	if c := b.space.cut; c != nil {
		b.cut = c.number // it is not part of it
	}
	if b.image != nil {
		b.image.follow(s, b)
	}
	s.eng.counts[db].Add(1)
	s.account(b, b.size())
	s.schedule(b)
}

// add makes a packed string, which must not be there.
func (s *stripe) add(k Key, p plan, value []byte) *Entry {
	sp := s.enterable(k)
	r, e := sp.keys.add(k.Hash, p)
	e.fill(value)
	s.eng.counts[k.DB].Add(1)
	s.enter(sp, e, r)
	return e
}

// enter counts a packed string in.
func (s *stripe) enter(sp *space, e *Entry, r slab.Ref) {
	s.weigh(sp, e.size())
	if at := e.Deadline(); at != 0 {
		sp.volatile++
		sp.setDue(e, r, at)
		s.eng.timer.arm(at)
	}
}

// leave counts an entry out.
func (s *stripe) leave(sp *space, e *Entry) {
	sp.removeDue(e)
	if !e.packed() {
		b := e.box()
		s.keep(b)
		b.countVolatile(false)
		b.countTimed(false)
		s.account(b, 0)
		b.space = nil
		return
	}
	s.weigh(sp, -e.size())
	if e.marks&dueBit != 0 {
		sp.volatile--
	}
}

// relink puts back what was taken out, by whatever name it has now.
func (s *stripe) relink(k Key, e *Entry) {
	if e.packed() {
		s.add(k, planOf(e), e.Bytes())
	} else {
		s.link(e.box(), k.DB)
	}
}

// unlink takes the entry out of its database. What was packed is gone.
func (s *stripe) unlink(k Key, e *Entry) {
	sp := s.space(k.DB)
	at, _ := sp.keys.find(k.B, k.Hash)
	s.leave(sp, e)
	sp.keys.remove(at)
	s.eng.counts[k.DB].Add(-1)
	s.loose = s.loose || sp.keys.sparse()
}

// replace puts a packed string in the place of the key's entry. The value may be that
// of the entry.
func (s *stripe) replace(k Key, p plan, value []byte) *Entry {
	sp := s.space(k.DB)
	r, block := sp.keys.heap.Alloc(p.length())
	e := p.write(block)
	e.fill(value)
	at, old := sp.keys.find(k.B, k.Hash)
	s.leave(sp, old)
	sp.keys.release(at.Ref())
	at.Set(r)
	s.enter(sp, e, r)
	s.loose = s.loose || sp.keys.sparse()
	return e
}

// account sets what a box is accounted for.
func (s *stripe) account(b *box, mem int64) {
	if d := mem - b.mem; d != 0 {
		b.mem = mem
		s.weigh(b.space, d)
	}
}

func (s *stripe) weigh(sp *space, d int64) {
	sp.mem += d
	s.eng.memory.Add(d)
}

// tidy gives back some memory of heaps of which most is free. Nobody has an entry of
// the stripe.
func (s *stripe) tidy() {
	s.loose = false
	for _, sp := range s.spaces {
		if sp != nil && sp.keys.sparse() {
			sp.keys.tidy(&sp.due)
			s.loose = s.loose || sp.keys.sparse()
		}
	}
}

// random is the stripe's source of random numbers.
func (s *stripe) random() *rand.Rand {
	if s.rng == nil {
		s.rng = s.eng.newRand(int(s.index))
	}
	return s.rng
}
