package engine

import (
	"fmt"

	"github.com/residedb/reside/internal/effect"
)

// Replica reports whether the engine is a replica: only records change it.
func (e *Engine) Replica() bool { return e.replica.Load() }

// Promote makes a replica an engine that takes writes, and expires and evicts by itself.
// The transaction holds the whole store.
func (tx *Tx) Promote() {
	tx.eng.replica.Store(false)
	tx.eng.timer.arm(tx.nextDue())
}

// Applier applies the records of a primary to a replica that others read meanwhile. It is
// for one goroutine, and nobody else changes the replica.
type Applier struct {
	eng *Engine
	in  effect.Reader
}

// NewApplier makes an applier for an engine.
func NewApplier(e *Engine) *Applier { return &Applier{eng: e} }

// Apply does what a record's transaction did, as one: it holds the stripes of the keys
// that the record is about. The number that the replica gives it is the one behind that
// of its last, whatever the record says, and its own record is the same byte for byte. A
// record that does not fit is ErrMalformed and changes nothing. The record is borrowed
// for the call.
func (a *Applier) Apply(rec Record) error {
	tx := a.eng.Begin([]Key{a.firstKey(rec)}, false, true)
	err := a.run(tx, rec)
	for err == ErrRestart {
		tx = tx.Restart()
		err = a.run(tx, rec)
	}
	if err != nil {
		tx.Rollback()
		return fmt.Errorf("record %d: %w", rec.Seq, err)
	}
	if tx.logging {
		tx.log = append(tx.log[:0], rec.Effects...)
	}
	tx.changes = max(tx.changes, 1) // so that it is numbered, even if all was so already
	tx.Commit()
	return nil
}

// firstKey is the key that the record begins with.
func (a *Applier) firstKey(rec Record) Key {
	a.in.Reset(rec.Effects)
	if ef, ok := a.in.Next(); ok {
		return KeyOf(ef.Key)
	}
	return KeyOf(nil)
}

// run applies the effects of a record.
func (a *Applier) run(tx *Tx, rec Record) error {
	tx.raw = true
	tx.SetNow(rec.Clock)
	a.in.Reset(rec.Effects)
	for ef, ok := a.in.Next(); ok; ef, ok = a.in.Next() {
		if err := tx.Apply(ef); err != nil {
			return err
		}
	}
	return a.in.Err()
}
