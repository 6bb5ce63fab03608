package engine

import (
	"unsafe"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/internal/invariants"
)

// touch remembers a key that was changed while somebody watches, waits or tracks.
type touch struct {
	s    *stripe
	hash uint64
	id   keyID
	by   *Tracker  // who made the change
	had  *trackers // for whom the key was remembered, nil for nobody
	cast bool      // somebody wants to be told of keys with a prefix of it
}

// note is the second half of every mutator: the memory is accounted anew, the
// effect goes to the journal's buffer, and watchers and waiters will hear of it
// at commit. A collection that became empty is deleted; replay runs the same
// mutator, so the effect says it all.
func (tx *Tx) note(s *stripe, k Key, e *Entry, op effect.Op, ints []int64, blobs ...[]byte) {
	tx.changes++
	if !e.packed() {
		if b := e.box(); b.obj != nil && b.obj.Len() == 0 {
			tx.unlink(s, k, e)
		} else {
			s.account(b, b.size())
		}
	}
	tx.record(k, op, ints, blobs)
	tx.touch(s, k)
	if tx.ears != nil {
		tx.hearEffect(e, k, op, ints)
	}
}

// touch remembers that the key was changed if anybody cares.
func (tx *Tx) touch(s *stripe, k Key) {
	if s.interest != nil {
		tx.touchInterest(s, k)
	}
}

func (tx *Tx) touchInterest(s *stripe, k Key) {
	had := tx.recall(s, k)
	cast := s.interest.prefixes != nil && s.interest.prefixes.fits(k.B)
	if had != nil || cast || s.interest.in(k) {
		tx.touched = append(tx.touched, touch{s, k.Hash, idOf(k), tx.by, had, cast})
	}
}

// unlink takes the entry out of the table, for rollback to put it back.
func (tx *Tx) unlink(s *stripe, k Key, e *Entry) {
	if !tx.keepUndo {
		s.unlink(k, e)
		return
	}
	was := e.detached()
	s.unlink(k, e)
	k.B = was.Key()
	tx.onUndo(func() { s.relink(k, was) })
}

// record lays the effect out in the transaction's buffer if a journal is there.
func (tx *Tx) record(k Key, op effect.Op, ints []int64, blobs [][]byte) {
	if !tx.logging {
		return
	}
	same := len(tx.log) > 0 && tx.logDB == k.DB && string(tx.logKey) == string(k.B)
	tx.log = effect.Append(tx.log, same, op, k.DB, k.B, ints, blobs)
	tx.logDB, tx.logKey = k.DB, append(tx.logKey[:0], k.B...)
}

// onUndo keeps the inverse of a change. Inverses run in reverse order.
func (tx *Tx) onUndo(f func()) { tx.undo = append(tx.undo, f) }

// undoing keeps the inverse of a change of the value in a box; its memory and its due
// time are computed anew afterwards.
func (tx *Tx) undoing(s *stripe, e *Entry, f func()) {
	b := e.box()
	tx.onUndo(func() {
		f()
		s.account(b, b.size())
		s.schedule(b)
	})
}

// Commit publishes what was done and gives the stripes back. Every waiter of a
// changed key is served before anybody else can see the key. Who shows anything of it
// to others settles its mark before.
func (tx *Tx) Commit() (m Mark) {
	wrote := tx.changes != 0
	if wrote || tx.removals != 0 || len(tx.undo) != 0 {
		tx.publish()
	}
	if tx.logging {
		m = tx.mark(wrote)
	}
	tx.unlock()
	return m
}

// seal gives the transaction its number and lets go of what happened in it.
func (tx *Tx) seal() {
	tx.number()
	tx.announce()
}

// publish numbers the transaction and tells everybody who cares.
func (tx *Tx) publish() {
	if invariants.Enabled && tx.sharer != nil {
		panic("engine: a transaction that only reads has changed something")
	}
	tx.seal()
	if len(tx.touched) > 0 || tx.flushed {
		tx.tell()
	}
	tx.reset()
	tx.touched = emptied(tx.touched)
	tx.tidy()
}

// tell tells everybody who cares of what was touched.
func (tx *Tx) tell() {
	flushed := tx.flushed // serving waiters makes other transactions of it
	tx.serve()
	if flushed {
		tx.eng.tracking.tellAll()
	}
	tx.broadcast()
}

// Rollback undoes everything and gives the stripes back. The transaction was
// begun with undo, or has changed nothing.
func (tx *Tx) Rollback() (m Mark) {
	tx.rewind()
	if tx.logging {
		m = tx.mark(false)
	}
	tx.unlock()
	return m
}

// rewind undoes everything. Expired keys that were dropped on the way come back,
// to be dropped again by the next who looks; without undo they stay deleted.
func (tx *Tx) rewind() {
	if invariants.Enabled && tx.changes > 0 && !tx.keepUndo {
		panic("engine: a transaction without undo failed after a change")
	}
	if !tx.keepUndo && tx.removals > 0 {
		tx.publish()
		return
	}
	for i := len(tx.undo) - 1; i >= 0; i-- {
		tx.undo[i]()
	}
	tx.reset()
	tx.touched = emptied(tx.touched)
}

// reset forgets what was noted; watchers and waiters are still to be told.
func (tx *Tx) reset() {
	tx.undo = emptied(tx.undo)
	tx.log, tx.logKey = emptied(tx.log), emptied(tx.logKey)
	tx.events = emptied(tx.events)
	tx.changes, tx.removals, tx.flushed, tx.purpose = 0, 0, false, reading
}

// maxKept is how many bytes of effects, or undo records, a stripe keeps room for.
const maxKept = 64 << 10

// emptied is the slice without items, for the next transaction; a big one is not
// kept.
func emptied[T any](s []T) []T {
	if cap(s) > maxKept/int(unsafe.Sizeof(*new(T))) {
		return nil
	}
	clear(s)
	return s[:0]
}
