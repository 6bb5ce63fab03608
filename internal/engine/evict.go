package engine

import "math/rand/v2"

// MakeRoom evicts keys by the policy until the entries fit MaxMemory again. It
// returns ErrNoMemory if they do not and nothing more can be evicted. The
// caller holds no transaction. O(1) while there is room.
func (e *Engine) MakeRoom() error {
	c := e.config.Load()
	if c.MaxMemory == 0 {
		return nil
	}
	for e.Memory() > c.MaxMemory {
		if c.Policy == NoEviction || e.replica || !e.evictOne(c) {
			return ErrNoMemory
		}
	}
	return nil
}

// Full reports whether the entries take more than MaxMemory and the policy evicts
// none. O(1).
func (e *Engine) Full() bool {
	c := e.config.Load()
	return c.MaxMemory != 0 && c.Policy == NoEviction && e.Memory() > c.MaxMemory
}

// evictOne deletes the best of some sampled keys; it reports false if there was
// none.
func (e *Engine) evictOne(c *Config) bool {
	start := rand.IntN(len(e.stripes))
	for i := range e.stripes {
		s := &e.stripes[(start+i)%len(e.stripes)]
		s.mu.Lock()
		tx := s.begin()
		victim := s.victim(c, tx.Now())
		if victim != nil {
			tx.remove(s, victim)
			tx.removals++
			s.stats.evicted++
		}
		tx.Commit()
		if victim != nil {
			return true
		}
	}
	return false
}

// victim picks the entry that the policy would miss least among some samples.
func (s *stripe) victim(c *Config, now int64) *Entry {
	var best *Entry
	var bestScore int64
	for range max(c.Samples, 1) {
		e := s.sample(c.Policy)
		if e == nil {
			return nil
		}
		if score := e.evictionScore(c, now); best == nil || score > bestScore {
			best, bestScore = e, score
		}
	}
	return best
}

// sample draws an entry, of those with a deadline if the policy is volatile.
func (s *stripe) sample(p Policy) *Entry {
	total := 0
	for _, sp := range s.spaces {
		total += sp.candidates(p)
	}
	if total == 0 {
		return nil
	}
	at := s.intN(total)
	for _, sp := range s.spaces {
		n := sp.candidates(p)
		if at < n {
			return sp.candidate(p, at)
		}
		at -= n
	}
	return nil
}

func (sp *space) candidates(p Policy) int {
	switch {
	case sp == nil:
		return 0
	case p.volatile():
		return len(sp.due.items)
	}
	return sp.table.Len()
}

func (sp *space) candidate(p Policy, i int) *Entry {
	if p.volatile() {
		return sp.due.items[i]
	}
	_, e := sp.table.At(i)
	return *e
}

// evictionScore is higher the sooner the policy would let the entry go.
func (e *Entry) evictionScore(c *Config, now int64) int64 {
	switch {
	case c.Policy.lru():
		return now/1000 - int64(e.access)
	case c.Policy.lfu():
		return 255 - int64(e.Freq(c, now))
	case c.Policy == VolatileTTL:
		return -e.due
	}
	return 0
}
