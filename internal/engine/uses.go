package engine

import "unsafe"

// The TinyLFU policies are the engine's own, beside Redis's. They learn from W-TinyLFU
// (Einziger, Friedman, Manes: TinyLFU, 2017) that how often a key was used must outlive
// the key: one that comes back begins with the uses that it had when it was evicted. A
// cache that forgets them keeps what it has, and hardly learns what else is asked for.
// Of some keys the one goes that was used least often, of equals the one that was not
// used for longest; and all counts are halved now and then, so that old fame fades.
//
// A stripe's time runs by the keys that are added and not by a clock: a turnover is as
// many as the stripe has. (By its uses, the stripe of a key that everybody asks for would
// forget all others sooner.) An entry's access field holds the tick of its last use and
// how often it was used:
//
//	access | tick  24 | count 8 |
//
// What is known of evicted keys are ghosts: words in buckets of one cache line, twice as
// many as the stripe has keys, which is 8 bytes a key. They are made at the first
// eviction. So a hit costs no more misses of the cache than under any other policy, an
// insertion and an eviction one.
//
//	ghost  | part of the hash 12 | tick 12 | count 8 |

const (
	turnover    = 32 // ticks
	halvingTick = 10 // counts are halved when so many bits of the tick are 0: 32 turnovers
	tickMask    = 1<<24 - 1
	ghostTicks  = 3 // a ghost's tick leaves out so many bits
	ghostMask   = 1<<12 - 1
	ghostEra    = halvingTick - ghostTicks
)

// uses is what the policy knows of a stripe; its lock guards it.
type uses struct {
	time   uint64 // ticks, with 32 bits behind the point
	ghosts []bucket
	_      [64 - 8 - unsafe.Sizeof([]bucket{})]byte // stripes share no cache line
}

// bucket holds the ghosts of keys with the same hash, but for a few bits.
type bucket [16]uint32

// tick is the time in the bits of an access field.
func (u *uses) tick() uint32 { return uint32(u.time>>32) & tickMask }

// added lets the time pass for one key more than so many.
func (u *uses) added(keys int) { u.time += turnover << 32 / uint64(max(keys, 1)) }

// stamp is an access field for a key that is used now.
func (u *uses) stamp(count uint32) uint32 { return u.tick()<<8 | min(count, 255) }

// age is how many ticks the last use is ago. What another stripe has written may be in
// the future: that is now.
func (u *uses) age(access uint32) uint32 {
	age := (u.tick() - access>>8) & tickMask
	if age > tickMask/2 {
		return 0
	}
	return age
}

// foreign reports whether another policy has written the access field: no stripe is so
// far ahead of another.
func (u *uses) foreign(access uint32) bool {
	ahead := (access>>8 - u.tick()) & tickMask
	return ahead > 1<<halvingTick && ahead <= tickMask/2
}

// count is how often the key was used, halved as often as it should have been since.
func (u *uses) count(access uint32) uint32 {
	if u.foreign(access) {
		return 1
	}
	if u.age(access) == 0 {
		return access & 255
	}
	return halved(access&255, u.tick()>>halvingTick-access>>8>>halvingTick, tickMask>>halvingTick)
}

func halved(count, times, mask uint32) uint32 { return count >> min(times&mask, 8) }

// score is higher the sooner a key should go.
func (u *uses) score(access uint32) int64 {
	return int64(u.age(access)) - int64(u.count(access))<<24
}

// bucket is where the ghost of a key is, and how a ghost of it begins.
func (u *uses) bucket(hash uint64) (b *bucket, mark uint32) {
	at := uint64(uint32(hash)) * uint64(len(u.ghosts)) >> 32
	return &u.ghosts[at], uint32(hash>>32) & ghostMask << 20
}

// ghostTick is the time in the bits of a ghost.
func (u *uses) ghostTick() uint32 { return u.tick() >> ghostTicks & ghostMask }

// ghostCount is count for a ghost.
func (u *uses) ghostCount(g uint32) uint32 {
	return halved(g&255, u.ghostTick()>>ghostEra-g>>8&ghostMask>>ghostEra, ghostMask>>ghostEra)
}

// recall is how often a key was used before it was evicted; it is no ghost any more.
func (u *uses) recall(hash uint64) uint32 {
	if len(u.ghosts) == 0 {
		return 0
	}
	b, mark := u.bucket(hash)
	for i, g := range b {
		if g != 0 && g&^(1<<20-1) == mark {
			b[i] = 0
			return u.ghostCount(g)
		}
	}
	return 0
}

// remember makes a ghost of a key that goes, in the place of one that is worth less:
// that was used less often, or as often but before.
func (u *uses) remember(hash uint64, access uint32, keys int) {
	count := u.count(access)
	if count == 0 {
		return
	}
	u.fit(keys)
	b, mark := u.bucket(hash)
	worst, least := 0, u.worth(b[0])
	for i, g := range b {
		if w := u.worth(g); w < least {
			worst, least = i, w
		}
	}
	if least>>12 <= count {
		b[worst] = mark | u.ghostTick()<<8 | count
	}
}

// worth orders ghosts; a place without one is worth nothing.
func (u *uses) worth(g uint32) uint32 {
	if g == 0 {
		return 0
	}
	age := (u.ghostTick() - g>>8) & ghostMask
	return u.ghostCount(g)<<12 | ghostMask - age
}

// fit makes room for the ghosts of so many keys. If their number was very different,
// all are forgotten.
func (u *uses) fit(keys int) {
	want := keys*2/len(bucket{}) + 1
	if have := len(u.ghosts); have < want/2 || have > 4*want || have == 0 {
		u.ghosts = make([]bucket, want)
	}
}
