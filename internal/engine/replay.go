package engine

import (
	"fmt"

	"github.com/residedb/reside/internal/effect"
)

// tidyEvery is after how many records memory that was freed is given back.
const tidyEvery = 256

// replay is what a recovery keeps from record to record.
type replay struct {
	tx      *Tx // holds the whole store once records are replayed
	in      effect.Reader
	records int
}

// Replay does what a record's transaction did, whose number is the one behind that of
// the last. The record is borrowed for the call. Load was called before, if at all.
// ErrMalformed is of a record that cannot be, in this place at least.
func (r *Recovery) Replay(rec Record) error {
	if r.tx == nil {
		if err := r.complete(); err != nil {
			return err
		}
		r.hold()
	}
	if err := r.run(rec); err != nil {
		return fmt.Errorf("record %d: %w", rec.Seq, err)
	}
	return nil
}

func (r *Recovery) run(rec Record) error {
	j, tx := &r.eng.journal, r.tx
	if rec.Seq != j.seq+1 {
		return fmt.Errorf("it comes behind %d: %w", j.seq, ErrMalformed)
	}
	tx.SetNow(rec.Clock)
	r.in.Reset(rec.Effects)
	for ef, ok := r.in.Next(); ok; ef, ok = r.in.Next() {
		if err := tx.Apply(ef); err != nil {
			return err
		}
	}
	if err := r.in.Err(); err != nil {
		return err
	}
	j.seq++
	tx.reset()
	tx.Forget()
	if r.records++; r.records%tidyEvery == 0 {
		tx.tidy()
	}
	return nil
}
