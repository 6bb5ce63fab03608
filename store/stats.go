package store

import "github.com/residedb/reside/internal/engine"

// Stats are what a store counts, and what it holds now.
type Stats struct {
	Hits    int64 // keys that reading calls found
	Misses  int64 // keys that they did not find
	Expired int64 // keys and hash fields deleted because their time had come
	Evicted int64 // keys deleted to keep MaxMemory
	Waiting int64 // calls that are blocked now
	Memory  int64 // bytes that all keys are accounted for
}

// Stats counts since the store was made. It holds the whole store for a moment.
//
// Redis: INFO stats, INFO memory
func (s *Store) Stats() Stats {
	t := s.eng.Stats()
	return Stats{t.Hits, t.Misses, t.Expired, t.Evicted, t.Waiting, s.eng.Memory()}
}

// SetMaxMemory changes Options.MaxMemory and Options.Eviction. Keys are evicted
// when the next call makes room.
//
// Redis: CONFIG SET maxmemory, maxmemory-policy
func (s *Store) SetMaxMemory(bytes int64, eviction Policy) {
	s.eng.Configure(func(c *engine.Config) { c.MaxMemory, c.Policy = bytes, eviction })
}
