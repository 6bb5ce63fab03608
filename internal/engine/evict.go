package engine

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/residedb/reside/internal/event"
)

// MakeRoom evicts keys by the policy until the entries fit MaxMemory again. It
// returns ErrNoMemory if they do not and nothing more can be evicted. The
// caller holds no transaction. O(1) while there is room.
func (e *Engine) MakeRoom() error {
	c := e.config.Load()
	if c.MaxMemory == 0 || e.Memory() <= c.MaxMemory {
		return nil
	}
	if c.Policy == NoEviction || e.replica.Load() {
		return ErrNoMemory
	}
	v := &e.evictor
	v.mu.Lock()
	defer v.mu.Unlock()
	for e.Memory() > c.MaxMemory {
		if !v.evict(e, c) {
			return ErrNoMemory
		}
	}
	return nil
}

// leeway is the part of MaxMemory by which writes that have their keys may find the
// memory overdrawn and go on. What is written between MakeRoom and the lock of the keys
// is mostly less, so that nobody has to wait twice.
const leeway = 128

// Crowded reports whether others have used the room that was made before the
// transaction had its keys, so that it must not add to them: as many callers as there are may
// pass MakeRoom at the same moment, but only one for each stripe passes here. The
// transaction has changed nothing yet. O(1).
func (tx *Tx) Crowded() bool {
	c := tx.eng.config.Load()
	if c.MaxMemory == 0 {
		return false
	}
	most := c.MaxMemory
	if c.Policy != NoEviction && !tx.eng.replica.Load() {
		most += most / leeway
	}
	return tx.eng.Memory() > most
}

// MakeRoom gives the stripes back until there is room, and begins again, as Restart
// does: the old Tx must not be used any more. With ErrNoMemory there is none.
func (tx *Tx) MakeRoom() (*Tx, error) {
	for tx.Crowded() {
		e, set, all, undo := tx.eng, slices.Clone(tx.held), tx.all, tx.keepUndo
		tx.unlock()
		err := e.MakeRoom()
		tx = e.beginAgain(set, all, undo)
		if err != nil {
			return tx, err
		}
	}
	return tx, nil
}

// Full reports whether the entries take more than MaxMemory and the policy evicts
// none. O(1).
func (e *Engine) Full() bool {
	c := e.config.Load()
	return c.MaxMemory != 0 && c.Policy == NoEviction && e.Memory() > c.MaxMemory
}

// evictor picks the keys to evict as Redis does: it looks at a few, and remembers
// the best it has seen for the next time.
type evictor struct {
	mu     sync.Mutex
	policy Policy      // by which the pool was filled
	pool   []candidate // ascending by score
	order  []*stripe   // all stripes, shuffled over and over
	rng    *rand.Rand
}

// poolSize is how many candidates are remembered.
const poolSize = 16

// candidate is a key that could be evicted.
type candidate struct {
	id    keyID
	hash  uint64
	score int64 // higher the sooner the policy would let it go
}

// evict deletes one key; it reports false if there was none to take.
func (v *evictor) evict(e *Engine, c *Config) bool {
	if v.policy != c.Policy {
		v.policy, v.pool = c.Policy, nil
	}
	for v.sample(e, c) > 0 {
		for len(v.pool) > 0 {
			last := len(v.pool) - 1
			best := v.pool[last]
			v.pool = v.pool[:last]
			if e.evictKey(best, c) {
				return true
			}
		}
	}
	return false
}

// sample puts some keys into the pool and returns how many it has looked at. A big
// stripe gives all of them, small ones what they have, in random order.
func (v *evictor) sample(e *Engine, c *Config) (seen int) {
	want := max(c.Samples, 1)
	if c.Policy.random() {
		want = 1
	}
	for i := range e.stripes {
		s := v.draw(e, i)
		s.lock()
		tx := s.begin()
		s.sample(c.Policy, want-seen, func(sp *space, ent *Entry) {
			v.offer(sp.nameOf(ent), tx.evictionScore(c, s, ent))
			seen++
		})
		tx.Commit()
		if seen >= want {
			break
		}
	}
	return seen
}

// draw is stripe i of a random order, which is drawn as it is needed.
func (v *evictor) draw(e *Engine, i int) *stripe {
	if v.order == nil {
		v.rng = e.newRand(len(e.stripes))
		for i := range e.stripes {
			v.order = append(v.order, &e.stripes[i])
		}
	}
	j := i + v.rng.IntN(len(v.order)-i)
	v.order[i], v.order[j] = v.order[j], v.order[i]
	return v.order[i]
}

// offer puts a key into the pool if it is new there and better than another or there
// is room.
func (v *evictor) offer(k Key, score int64) {
	id := idOf(k)
	if slices.ContainsFunc(v.pool, func(x candidate) bool { return x.id == id }) {
		return
	}
	at, _ := slices.BinarySearchFunc(v.pool, score, func(x candidate, score int64) int { return cmp.Compare(x.score, score) })
	if len(v.pool) < poolSize {
		v.pool = slices.Insert(v.pool, at, candidate{id, k.Hash, score})
	} else if at > 0 {
		copy(v.pool, v.pool[1:at])
		v.pool[at-1] = candidate{id, k.Hash, score}
	}
}

// evictKey deletes a candidate if it is still one and was not used since.
func (e *Engine) evictKey(x candidate, c *Config) bool {
	s := e.stripe(x.hash)
	s.lock()
	tx := s.begin()
	defer tx.Commit()
	k := Key{B: []byte(x.id.key), Hash: x.hash, DB: x.id.db}
	ent := s.lookup(k)
	if ent == nil || c.Policy.volatile() && ent.Deadline() == 0 || tx.evictionScore(c, s, ent) < x.score {
		return false
	}
	if c.Policy.tiny() {
		c.uses[s.index].remember(k.Hash, ent.access, s.keys())
	}
	tx.remove(s, k, ent, event.Evicted)
	tx.removals++
	s.stats.evicted++
	return true
}

// sample draws up to n entries, of those with a deadline if the policy is volatile.
func (s *stripe) sample(p Policy, n int, take func(*space, *Entry)) {
	total := 0
	for _, sp := range s.spaces {
		total += sp.candidates(p)
	}
	if total <= n {
		s.allCandidates(p, take)
		return
	}
	for range n {
		take(s.candidate(p, s.random().IntN(total)))
	}
}

// allCandidates are the entries that could be evicted.
func (s *stripe) allCandidates(p Policy, take func(*space, *Entry)) {
	for _, sp := range s.spaces {
		if sp.candidates(p) == 0 {
			continue
		}
		for e := range sp.keys.all() {
			if !p.volatile() || e.Deadline() != 0 {
				take(sp, e)
			}
		}
	}
}

// candidate draws one of the entries that could be evicted, from the database
// where number i of all is.
func (s *stripe) candidate(p Policy, i int) (*space, *Entry) {
	db := 0
	for ; i >= s.spaces[db].candidates(p); db++ {
		i -= s.spaces[db].candidates(p)
	}
	sp := s.spaces[db]
	if !p.volatile() {
		return sp, sp.keys.pick(s.random())
	}
	// Hashes stand there too whose fields alone have deadlines.
	for refs := sp.due.refs; ; i++ {
		if e := sp.keys.entry(refs[i%len(refs)]); e.Deadline() != 0 {
			return sp, e
		}
	}
}

func (sp *space) candidates(p Policy) int {
	switch {
	case sp == nil:
		return 0
	case p.volatile():
		return int(sp.volatile)
	}
	return sp.keys.len()
}

// evictionScore is higher the sooner the policy would let the entry go.
func (tx *Tx) evictionScore(c *Config, s *stripe, e *Entry) int64 {
	switch {
	case c.Policy.tiny():
		return c.uses[s.index].score(e.access)
	case c.Policy.lru():
		return idle(tx.Now(), e.access)
	case c.Policy.lfu():
		return 255 - int64(c.decayed(e.access, uint32(tx.Now()/1000)))
	case c.Policy == VolatileTTL:
		return -e.Deadline()
	}
	return 0
}
