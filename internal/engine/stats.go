package engine

// Stats are counters since the engine was made or ResetStats.
type Stats struct {
	Hits, Misses     int64 // lookups of keys by reading commands
	Expired, Evicted int64 // keys deleted by time or for room
	Waiting          int64 // callers parked in blocking operations
}

// Stats sums the counters of all stripes under all their locks.
func (e *Engine) Stats() Stats {
	tx := e.beginAll(false)
	defer tx.Commit()
	return tx.Stats()
}

// Stats is Engine.Stats inside a transaction that holds the whole store.
func (tx *Tx) Stats() Stats {
	t := Stats{Waiting: tx.eng.waiting.Load()}
	for _, s := range tx.held {
		t.Hits += s.stats.hits
		t.Misses += s.stats.misses
		t.Expired += s.stats.expired
		t.Evicted += s.stats.evicted
	}
	return t
}

// ResetStats sets the counters to 0. The transaction holds the whole store.
func (tx *Tx) ResetStats() {
	for _, s := range tx.held {
		s.stats = stats{}
	}
}

// ttlSamples is how many deadlines are looked at to estimate their average.
const ttlSamples = 64

// Keyspace is what one database holds.
type Keyspace struct {
	Keys     int64
	Volatile int64 // keys with a deadline
	AvgTTL   int64 // estimated mean of the time they have left, in milliseconds
}

// Keyspace describes a database. The transaction holds the whole store.
func (tx *Tx) Keyspace(db int) Keyspace {
	k := Keyspace{Keys: tx.eng.Len(db)}
	var sum, n int64
	for _, s := range tx.held {
		sp := s.space(db)
		if sp == nil {
			continue
		}
		k.Volatile += sp.volatile
		for _, r := range sp.due.refs {
			if n == ttlSamples {
				break
			}
			if at := sp.keys.entry(r).Deadline(); at != 0 {
				sum += max(at-tx.Now(), 0)
				n++
			}
		}
	}
	if n > 0 {
		k.AvgTTL = sum / n
	}
	return k
}
