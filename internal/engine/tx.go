package engine

import (
	"github.com/residedb/reside/internal/event"
	"github.com/residedb/reside/internal/invariants"
)

// Tx is a running transaction: the stripes it holds, and what it has done.
// One goroutine uses it, between Begin and Commit or Rollback.
type Tx struct {
	eng  *Engine
	held []*stripe  // ascending by index
	one  [1]*stripe // what held is as long as one is enough
	flags
	purpose  purpose
	changes  int32  // mutations noted
	removals int32  // keys dropped by time or for room
	stamp    uint32 // access stamp for entries that are found, 0 for none

	now     int64 // unix ms, 0 until asked for
	undo    []func()
	touched []touch
	ears    *ears    // who listens, nil for nobody
	sharer  *sharer  // of which it is part if others read beside it
	want    *stripe  // what a failed growth needs
	by      *Tracker // for whom the transaction works, if it is one

	log    []byte // effects so far
	logDB  int    // and the key of the last one
	logKey []byte
	events []Event // so far
	arena  arena   // of results
}

// flags are what a transaction begins with, and what it is in the middle of.
type flags struct {
	all      bool // every stripe is held
	whole    bool // every stripe is needed, but could not be had
	wary     bool // its caller may hold another transaction: growing must not wait
	raw      bool // effects are applied: they alone say which key's time has come
	keepUndo bool
	logging  bool       // a journal is attached
	flushed  bool       // all keys may have changed
	isNew    bool       // the mutator's key was not there
	as       event.Name // what As says of the next mutator
	name     event.Name // and of this one
}

// Engine is the engine the transaction runs on.
func (tx *Tx) Engine() *Engine { return tx.eng }

// Now is the time of the transaction in unix milliseconds. The clock is read
// once, at the first call, and the time stands still from then on.
func (tx *Tx) Now() int64 {
	if tx.now == 0 {
		tx.now = tx.eng.Now()
	}
	return tx.now
}

// SetNow fixes the transaction's time, as replay needs.
func (tx *Tx) SetNow(ms int64) { tx.now = ms }

// Limits are the packing thresholds in force.
func (tx *Tx) Limits() *Limits { return &tx.eng.config.Load().Limits }

// Changes is how many mutations were noted. Dropping an expired key does not count.
func (tx *Tx) Changes() int { return int(tx.changes) }

// IntN draws a uniform random number in [0, n).
func (tx *Tx) IntN(n int) int { return tx.random().IntN(n) }

// Find looks the key up for a command that uses its value, and marks the entry as used.
// It counts a hit or a miss unless the command looks in order to write (ToWrite). It
// returns nil if there is no such key.
func (tx *Tx) Find(k Key) (*Entry, error) {
	s, err := tx.need(k.Hash)
	if err != nil {
		return nil, err
	}
	e, err := tx.live(s, k)
	if err != nil {
		return nil, err
	}
	if tx.purpose == reading {
		tx.looked(s, e)
	} else {
		tx.purpose = writingFound
	}
	if e != nil {
		tx.use(s, e)
	}
	return e, nil
}

// Look is Find for a command that asks about the key alone: it counts a hit or a miss,
// but does not mark the entry as used.
func (tx *Tx) Look(k Key) (*Entry, error) {
	s, err := tx.need(k.Hash)
	if err != nil {
		return nil, err
	}
	e, err := tx.live(s, k)
	if err == nil {
		tx.looked(s, e)
	}
	return e, err
}

// FindAs is Find for a command that works on one kind of value; another kind is
// ErrWrongType.
func (tx *Tx) FindAs(k Key, kind Kind) (*Entry, error) {
	e, err := tx.Find(k)
	if e != nil && e.Kind() != kind {
		return nil, ErrWrongType
	}
	return e, err
}

// Peek looks the key up without a trace in statistics or access times.
func (tx *Tx) Peek(k Key) (*Entry, error) {
	s, err := tx.need(k.Hash)
	if err != nil {
		return nil, err
	}
	return tx.live(s, k)
}

// live returns the entry if it is there and its time has not come. A primary
// drops an expired entry, a replica only hides it. Effects see all there is: the
// primary has told of every key that it dropped before.
func (tx *Tx) live(s *stripe, k Key) (*Entry, error) {
	e := s.lookup(k)
	if e == nil || tx.raw {
		return e, nil
	}
	if at := e.Deadline(); at == 0 || tx.Now() <= at {
		return e, nil
	}
	switch {
	case tx.eng.replica.Load():
	case tx.sharer != nil:
		return nil, ErrRestart
	default:
		tx.drop(s, k, e)
	}
	return nil, nil
}

// drop deletes an entry whose time has come.
func (tx *Tx) drop(s *stripe, k Key, e *Entry) {
	s.stats.expired++
	if tx.keepUndo {
		tx.onUndo(func() { s.stats.expired-- })
	}
	tx.removals++
	by := tx.by
	tx.by = nil // time has made the change
	tx.remove(s, k, e, event.Expired)
	tx.by = by
}

// edit is the first half of a mutator: it finds the entry to change, checks its
// kind, and makes sure that whoever waits for the key can be served. It returns
// nil if there is no such key.
func (tx *Tx) edit(k Key, kind Kind) (*stripe, *Entry, error) {
	if invariants.Enabled && tx.sharer != nil {
		panic("engine: a transaction that only reads is to change something")
	}
	tx.name, tx.as = tx.as, event.None
	s, err := tx.need(k.Hash)
	if err != nil {
		return nil, nil, err
	}
	e, err := tx.live(s, k)
	if err != nil {
		return nil, nil, err
	}
	tx.isNew = e == nil
	if e != nil && tx.purpose != writingFound {
		tx.use(s, e)
	}
	if e != nil && kind != None && e.Kind() != kind {
		return nil, nil, ErrWrongType
	}
	if err := tx.enlist(s, k); err != nil {
		return nil, nil, err
	}
	if e != nil {
		if kind != None && e.shared() { // or else the value is not changed but replaced
			s.own(e.box())
		}
		if !e.packed() {
			s.keep(e.box())
		}
		tx.keepEncoding(s, e)
	}
	return s, e, nil
}

// keepEncoding makes rollback bring a collection's encoding back. Its undo record
// stands before those of the change, so it runs after them.
func (tx *Tx) keepEncoding(s *stripe, e *Entry) {
	if !tx.keepUndo || e.Kind() == String {
		return
	}
	obj := e.Object()
	was := obj.Encoding()
	tx.undoing(s, e, func() { obj.Restore(was) })
}

// create links a new box, which takes the collection over: only the entry's own is valid
// from now on. The mutator fills it before it notes the change.
func (tx *Tx) create(s *stripe, k Key, kind Kind, obj Object) *Entry {
	return tx.createUsed(s, k, kind, obj, tx.newStamp(k))
}

// createUsed is create for a key that was there with another value.
func (tx *Tx) createUsed(s *stripe, k Key, kind Kind, obj Object, access uint32) *Entry {
	b := newBoxOf(obj)
	b.name(k, kind, access)
	tx.link(s, b, k.DB)
	return &b.Entry
}

// link puts a box into a database, for rollback to take it out again.
func (tx *Tx) link(s *stripe, b *box, db int) {
	s.link(b, db)
	if tx.keepUndo {
		tx.onUndo(func() { s.unlink(b.ref(), &b.Entry) })
	}
}
