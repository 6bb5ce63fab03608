package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
)

// EventName is what happened to a key, under the name of Redis's keyspace
// notifications: String gives "set", "expired", "rename_from". A command tells of
// itself as in Redis: INCR is EventIncrBy, and the LPOP that takes the last element
// of a list is EventLPop and EventDel.
type EventName = event.Name

// What the store does by itself, and what happens to keys of any type.
const (
	EventNew        = event.New // stands before the first event of a key that was not there; only who asks for it gets it
	EventExpired    = event.Expired
	EventEvicted    = event.Evicted
	EventDel        = event.Del // also of a collection that became empty
	EventExpire     = event.Expire
	EventPersist    = event.Persist
	EventRenameFrom = event.RenameFrom
	EventRenameTo   = event.RenameTo
	EventMoveFrom   = event.MoveFrom
	EventMoveTo     = event.MoveTo
	EventCopyTo     = event.CopyTo
	EventRestore    = event.Restore
)

// What happens to strings.
const (
	EventSet         = event.Set
	EventSetRange    = event.SetRange
	EventAppend      = event.Append
	EventIncrBy      = event.IncrBy
	EventIncrByFloat = event.IncrByFloat
)

// What happens to lists.
const (
	EventLPush     = event.LPush
	EventRPush     = event.RPush
	EventLPop      = event.LPop
	EventRPop      = event.RPop
	EventLSet      = event.LSet
	EventLInsert   = event.LInsert
	EventLRem      = event.LRem
	EventLTrim     = event.LTrim
	EventSortStore = event.SortStore
)

// What happens to sets.
const (
	EventSAdd        = event.SAdd
	EventSRem        = event.SRem
	EventSPop        = event.SPop
	EventSInterStore = event.SInterStore
	EventSUnionStore = event.SUnionStore
	EventSDiffStore  = event.SDiffStore
)

// What happens to sorted sets.
const (
	EventZAdd             = event.ZAdd
	EventZIncr            = event.ZIncr
	EventZRem             = event.ZRem
	EventZRemRangeByRank  = event.ZRemRangeByRank
	EventZRemRangeByScore = event.ZRemRangeByScore
	EventZRemRangeByLex   = event.ZRemRangeByLex
	EventZPopMin          = event.ZPopMin
	EventZPopMax          = event.ZPopMax
	EventZRangeStore      = event.ZRangeStore
	EventZUnionStore      = event.ZUnionStore
	EventZInterStore      = event.ZInterStore
	EventZDiffStore       = event.ZDiffStore
)

// What happens to hashes.
const (
	EventHSet         = event.HSet
	EventHIncrBy      = event.HIncrBy
	EventHIncrByFloat = event.HIncrByFloat
	EventHDel         = event.HDel
	EventHExpire      = event.HExpire
	EventHPersist     = event.HPersist
	EventHExpired     = event.HExpired // of fields, by the store itself
)

// Event is a change of a key.
type Event struct {
	Name EventName
	Key  string
	DB   int  // the database of the key
	Type Type // of the value that the key has, or had if it is gone

	// Other and OtherDB are the key's other name: of EventRenameFrom and
	// EventMoveFrom the new one, of EventRenameTo and EventMoveTo the old one.
	Other   string
	OtherDB int

	// Old is what the key held when it expired or was evicted; nothing for other
	// events.
	Old OldValue
}

// ErrGap is the error of events that were lost because they were not read in time. It
// is a *GapError.
var ErrGap = errors.New("reside: events were lost")

// GapError stands in a stream of events where some are missing. What is known from
// events before it has to be looked up again.
type GapError struct {
	Lost int64 // events
}

// Error says how many events were lost.
func (e *GapError) Error() string { return fmt.Sprintf("%v: %d", ErrGap, e.Lost) }

// Is makes a GapError an ErrGap.
func (e *GapError) Is(target error) bool { return target == ErrGap }

// newEvent copies the names: those of the engine keep the whole key in memory.
func newEvent(e *engine.Event) Event {
	return Event{
		Name: e.Name, Key: strings.Clone(e.Key), DB: e.DB, Type: Type(e.Kind.String()),
		Other: strings.Clone(e.Other), OtherDB: e.InDB, Old: OldValue{e.Old},
	}
}
