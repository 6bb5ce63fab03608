package bench

import (
	"hash/maphash"
	"sync"
)

// maps is the peer that everybody writes: Go's map and a lock, or several of them
// chosen by the key's hash.
type maps[V any] struct {
	seed   maphash.Seed
	shards []shard[V]
}

type shard[V any] struct {
	sync.RWMutex
	m map[string]V
	_ [64]byte // a cache line of its own
}

// shardCount is a power of two.
const shardCount = 64

func newMaps[V any](shards int) *maps[V] {
	m := &maps[V]{maphash.MakeSeed(), make([]shard[V], shards)}
	for i := range m.shards {
		m.shards[i].m = map[string]V{}
	}
	return m
}

func (m *maps[V]) of(key string) *shard[V] {
	if len(m.shards) == 1 {
		return &m.shards[0]
	}
	return &m.shards[maphash.String(m.seed, key)&(shardCount-1)]
}
