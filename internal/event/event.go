// Package event names what can happen to a key, as Redis's keyspace notifications
// do. Who changes a key notes a Name; who listens gets it, with its text and the
// letter of its class.
package event

// Name is what happened to a key.
type Name uint8

// None is no event. New stands before the first event of a key that was not there,
// Expired and Evicted are deletions by the store itself.
const (
	None Name = iota
	New
	Expired
	Evicted
)

// What happens to keys of any type.
const (
	Del Name = iota + Evicted + 1
	Expire
	Persist
	RenameFrom
	RenameTo
	MoveFrom
	MoveTo
	CopyTo
	Restore
)

// What happens to strings.
const (
	Set Name = iota + Restore + 1
	SetRange
	Append
	IncrBy
	IncrByFloat
)

// What happens to lists.
const (
	LPush Name = iota + IncrByFloat + 1
	RPush
	LPop
	RPop
	LSet
	LInsert
	LRem
	LTrim
	SortStore
)

// What happens to sets.
const (
	SAdd Name = iota + SortStore + 1
	SRem
	SPop
	SInterStore
	SUnionStore
	SDiffStore
)

// What happens to sorted sets.
const (
	ZAdd Name = iota + SDiffStore + 1
	ZIncr
	ZRem
	ZRemRangeByRank
	ZRemRangeByScore
	ZRemRangeByLex
	ZPopMin
	ZPopMax
	ZRangeStore
	ZUnionStore
	ZInterStore
	ZDiffStore
)

// What happens to hashes.
const (
	HSet Name = iota + ZDiffStore + 1
	HIncrBy
	HIncrByFloat
	HDel
	HExpire
	HPersist
	HExpired
)

// Last is the highest name there is.
const Last = HExpired

var texts = [...]string{
	None: "none", New: "new", Expired: "expired", Evicted: "evicted",

	Del: "del", Expire: "expire", Persist: "persist", RenameFrom: "rename_from", RenameTo: "rename_to",
	MoveFrom: "move_from", MoveTo: "move_to", CopyTo: "copy_to", Restore: "restore",

	Set: "set", SetRange: "setrange", Append: "append", IncrBy: "incrby", IncrByFloat: "incrbyfloat",

	LPush: "lpush", RPush: "rpush", LPop: "lpop", RPop: "rpop", LSet: "lset", LInsert: "linsert", LRem: "lrem",
	LTrim: "ltrim", SortStore: "sortstore",

	SAdd: "sadd", SRem: "srem", SPop: "spop", SInterStore: "sinterstore", SUnionStore: "sunionstore",
	SDiffStore: "sdiffstore",

	ZAdd: "zadd", ZIncr: "zincr", ZRem: "zrem", ZRemRangeByRank: "zremrangebyrank",
	ZRemRangeByScore: "zremrangebyscore", ZRemRangeByLex: "zremrangebylex", ZPopMin: "zpopmin", ZPopMax: "zpopmax",
	ZRangeStore: "zrangestore", ZUnionStore: "zunionstore", ZInterStore: "zinterstore", ZDiffStore: "zdiffstore",

	HSet: "hset", HIncrBy: "hincrby", HIncrByFloat: "hincrbyfloat", HDel: "hdel", HExpire: "hexpire",
	HPersist: "hpersist", HExpired: "hexpired",
}

// String is Redis's name of the event.
func (n Name) String() string { return texts[n] }

// Class is the letter under which notify-keyspace-events has a group of events.
type Class byte

// The classes.
const (
	Generic Class = 'g'
	String  Class = '$'
	List    Class = 'l'
	Sets    Class = 's'
	Hash    Class = 'h'
	ZSet    Class = 'z'
	Timed   Class = 'x' // Expired
	Pressed Class = 'e' // Evicted
	Fresh   Class = 'n' // New, which is not among those that A stands for
)

// Class is the class of the event.
func (n Name) Class() Class {
	switch {
	case n == New:
		return Fresh
	case n == Expired:
		return Timed
	case n == Evicted:
		return Pressed
	case n <= Restore:
		return Generic
	case n <= IncrByFloat:
		return String
	case n <= SortStore:
		return List
	case n <= SDiffStore:
		return Sets
	case n <= ZDiffStore:
		return ZSet
	}
	return Hash
}
