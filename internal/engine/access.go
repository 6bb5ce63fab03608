package engine

import (
	"math/rand/v2"
	"sync/atomic"
)

// An entry's access field holds, under an LFU policy, the minute of the last
// decay in its upper 24 bits and a logarithmic counter in its lower 8; under a
// TinyLFU policy what uses.go says; under every other policy the second of its last
// use.

// lfuInit is the counter of a new key, so that it is not evicted at once.
const lfuInit = 5

// prepareAccess reads the clock for access stamps if the policy needs them.
func (tx *Tx) prepareAccess() {
	switch p := tx.eng.config.Load().Policy; {
	case p.tiny():
		tx.stamp = 1 // its time is not the clock's
	case p.TracksUse():
		tx.stamp = uint32(tx.Now() / 1000)
	}
}

// Stamp makes the transaction mark the entries it finds as used in the given
// unix second, or, with 0, not at all.
func (tx *Tx) Stamp(second uint32) { tx.stamp = second }

// purpose is what a command looks keys up for. As in Redis a lookup is a hit or a miss
// if it is for reading, and one use of the key in any case: what a command has found in
// order to write is not used once more when a mutator edits it.
type purpose uint8

const (
	reading      purpose = iota // Find counts hits and misses; so does whoever tells of no purpose
	writing                     // Find does not; a mutator marks what it edits as used
	writingFound                // Find has marked it
)

// ToRead makes Find count hits and misses from now on, and a mutator marks what it edits
// as used in any case. A transaction begins so.
func (tx *Tx) ToRead() {
	if tx.purpose != reading {
		tx.purpose = reading
	}
}

// ToWrite says that the command which begins looks keys up in order to write them. A
// mutator marks a key as used only if the command has not looked.
func (tx *Tx) ToWrite() {
	if tx.purpose != writing {
		tx.purpose = writing
	}
}

// ToEdit says that the command goes on to edit what it has found by reading.
func (tx *Tx) ToEdit() { tx.purpose = writingFound }

// use marks an entry of the stripe as used.
func (tx *Tx) use(s *stripe, e *Entry) {
	if tx.stamp == 0 {
		return
	}
	if tx.sharer != nil {
		tx.useTogether(s, e)
		return
	}
	e.access = tx.used(s, e.access)
}

// used is what an access field becomes when its entry is used now.
func (tx *Tx) used(s *stripe, access uint32) uint32 {
	switch c := tx.eng.config.Load(); {
	case c.Policy.tiny():
		u := &c.uses[s.index]
		return u.stamp(u.count(access) + 1)
	case c.Policy.lfu():
		n := c.decayed(access, tx.stamp)
		return tx.stamp/60<<8 | uint32(c.increment(n, tx.random()))
	}
	return tx.stamp
}

// SetUse says how a key was used that the transaction has made: for how many seconds it was
// not, or how often, as a logarithmic counter; -1 for what is not known, as of a key that
// is new. (RESTORE IDLETIME, FREQ)
func (tx *Tx) SetUse(k Key, idle, freq int64) {
	e := tx.eng.stripe(k.Hash).lookup(k)
	switch p := tx.eng.config.Load().Policy; {
	case e == nil || p.tiny():
	case p.lfu() && freq >= 0:
		e.access = uint32(tx.Now()/60000)<<8 | uint32(freq)
	case !p.lfu() && idle >= 0:
		e.access = uint32(max(tx.Now()/1000-idle, 1))
	default:
		e.access = tx.newStamp(k)
	}
}

// newStamp is what the entry of a new key is marked with.
func (tx *Tx) newStamp(k Key) uint32 {
	switch c := tx.eng.config.Load(); {
	case c.Policy.tiny():
		s := tx.eng.stripe(k.Hash)
		u := &c.uses[s.index]
		u.added(s.keys())
		return u.stamp(u.recall(k.Hash) + 1)
	case c.Policy.lfu():
		return uint32(tx.Now()/60000)<<8 | lfuInit
	}
	return tx.stamp
}

// decayed is the LFU counter after the minutes since its last decay.
func (c *Config) decayed(access, second uint32) uint8 {
	n := uint8(access)
	if c.LFUDecay == 0 {
		return n
	}
	periods := (second/60 - access>>8) & 0xffffff / uint32(c.LFUDecay)
	if periods > uint32(n) {
		return 0
	}
	return n - uint8(periods)
}

// increment counts one more use with a chance that falls as the counter grows.
func (c *Config) increment(n uint8, r *rand.Rand) uint8 {
	if n == 255 {
		return n
	}
	base := max(float64(n)-lfuInit, 0)
	if r.Float64() < 1/(base*float64(c.LFULogFactor)+1) {
		n++
	}
	return n
}

// idle is for how many seconds an LRU policy takes a key to be unused. What is far in the
// future was written under another policy: nothing is known of its use.
func idle(now int64, access uint32) int64 {
	seconds := now/1000 - int64(access)
	if seconds < -24*60*60 {
		return now / 1000
	}
	return max(seconds, 0)
}

// used is the access field of an entry that others may mark as used at the same time.
func (e *Entry) used() uint32 { return atomic.LoadUint32(&e.access) }

// Idle is how many seconds the entry was not used, under a policy that is not LFU.
func (e *Entry) Idle(now int64) int64 {
	access := e.used()
	if access == 0 {
		return 0
	}
	return max(now/1000-int64(access), 0)
}

// Freq is how often the entry was used, under a policy that counts: a logarithmic
// counter, or, under a TinyLFU policy, the uses themselves.
func (tx *Tx) Freq(e *Entry) uint8 {
	c := tx.eng.config.Load()
	if c.Policy.tiny() {
		s := tx.eng.stripe(KeyOf(e.Key()).Hash)
		return uint8(c.uses[s.index].count(e.used()))
	}
	return c.decayed(e.used(), uint32(tx.Now()/1000))
}
