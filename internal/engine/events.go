package engine

import (
	"slices"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/internal/event"
)

// Event is what happened to a key in a transaction that is committed.
type Event struct {
	Name   event.Name
	Key    string
	DB     int
	Kind   Kind // of the value
	Other  string
	InDB   int    // of a rename or a move: the other name and its database
	Old    *Entry // what expired or was evicted; nobody changes it any more
	Memory int64  // bytes that Old was accounted for
}

// Ear hears what happened in each transaction, in order, when it is committed and
// while its keys are locked. It copies what it keeps of the slice, returns
// quickly, and never calls the engine.
type Ear func([]Event)

// ears are those who listen; nil while nobody does. It is never modified.
type ears []*Ear

// Listen lets ear hear of every transaction that is committed after Listen has
// returned, until stop is called; a transaction under way then may still come.
// The caller holds no transaction: those that began before are waited for, one
// stripe after another.
func (e *Engine) Listen(ear Ear) (stop func()) {
	e.changeEars(func(list ears) ears { return append(list, &ear) })
	for i := range e.stripes {
		s := &e.stripes[i]
		s.lock()
		s.begin().unlock()
	}
	return func() {
		e.changeEars(func(list ears) ears {
			return slices.DeleteFunc(list, func(x *Ear) bool { return x == &ear })
		})
	}
}

func (e *Engine) changeEars(change func(ears) ears) {
	e.configMu.Lock()
	defer e.configMu.Unlock()
	var list ears
	if old := e.ears.Load(); old != nil {
		list = slices.Clone(*old)
	}
	if list = change(list); len(list) == 0 {
		e.ears.Store(nil)
		return
	}
	e.ears.Store(&list)
}

// As gives the event of the next mutator another name than the one that follows
// from its effect: INCR puts a string, and what happens is event.IncrBy.
//
//	return n, tx.As(event.IncrBy).PutString(k, text, deadline)
func (tx *Tx) As(name event.Name) *Tx {
	tx.as = name
	return tx
}

// hear keeps an event for the commit. Its caller has seen that somebody listens.
func (tx *Tx) hear(name event.Name, kind Kind, k Key) *Event {
	tx.events = append(tx.events, Event{Name: name, Key: string(k.B), DB: k.DB, Kind: kind})
	return &tx.events[len(tx.events)-1]
}

// hearEffect keeps what an effect on an entry has for events.
func (tx *Tx) hearEffect(e *Entry, k Key, op effect.Op, ints []int64) {
	kind := e.Kind()
	if tx.isNew || tx.name == event.CopyTo || tx.name == event.Restore { // which delete before they write
		tx.hear(event.New, kind, k)
	}
	switch name := tx.name; {
	case name != event.None:
		tx.hear(name, kind, k)
	case op == effect.StringPut && ints[0] != 0:
		tx.hear(event.Set, kind, k)
		tx.hear(event.Expire, kind, k)
	default:
		tx.hear(nameOf(op, ints), kind, k)
	}
	if !e.linked() {
		tx.hear(event.Del, kind, k)
	}
}

// hearRemoval keeps the deletion of an entry, which is there still; what the store
// deletes by itself goes with its value.
func (tx *Tx) hearRemoval(name event.Name, e *Entry, k Key) {
	ev := tx.hear(name, e.Kind(), k)
	if name == event.Expired || name == event.Evicted {
		ev.Old, ev.Memory = e.detached(), e.Memory()
	}
}

// hearRename keeps what happens to the two names when an entry moves.
func (tx *Tx) hearRename(src, dst Key, kind Kind) {
	from, to := event.RenameFrom, event.RenameTo
	if src.DB != dst.DB {
		from, to = event.MoveFrom, event.MoveTo
	}
	tx.hear(event.New, kind, dst) // also where there was one: it went first
	ev := tx.hear(from, kind, src)
	ev.Other, ev.InDB = string(dst.B), dst.DB
	ev = tx.hear(to, kind, dst)
	ev.Other, ev.InDB = string(src.B), src.DB
}

// nameOf is what an effect is called where no command has another name for it: as
// the command would be that it is written as.
func nameOf(op effect.Op, ints []int64) event.Name {
	i := 0
	switch op {
	case effect.ListPush, effect.ListPop, effect.Deadline, effect.HashDeadline:
		if ints[0] != 0 {
			i = 1
		}
	}
	return eventNames[op][i]
}

// eventNames by effect. Those with two choose the second if the first number is not 0:
// the back of a list, a deadline that is one.
var eventNames = [...][2]event.Name{
	effect.Delete:          {event.Del},
	effect.Deadline:        {event.Persist, event.Expire},
	effect.Replace:         {event.Restore},
	effect.StringPut:       {event.Set},
	effect.StringWrite:     {event.SetRange},
	effect.ListPush:        {event.LPush, event.RPush},
	effect.ListPop:         {event.LPop, event.RPop},
	effect.ListSet:         {event.LSet},
	effect.ListInsert:      {event.LInsert},
	effect.ListRemove:      {event.LRem},
	effect.ListTrim:        {event.LTrim},
	effect.SetAdd:          {event.SAdd},
	effect.SetRemove:       {event.SRem},
	effect.ZSetPut:         {event.ZAdd},
	effect.ZSetRemove:      {event.ZRem},
	effect.ZSetRemoveRange: {event.ZRemRangeByRank},
	effect.HashPut:         {event.HSet},
	effect.HashUpdate:      {event.HSet},
	effect.HashDelete:      {event.HDel},
	effect.HashDeadline:    {event.HPersist, event.HExpire},
}

// announce tells everybody who listens what happened.
func (tx *Tx) announce() {
	if len(tx.events) == 0 {
		return
	}
	for _, ear := range *tx.ears {
		(*ear)(tx.events)
	}
	tx.events = emptied(tx.events)
}
