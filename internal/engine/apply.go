package engine

import (
	"github.com/residedb/reside/internal/effect"
)

// Apply runs one record: the replay of a log, or a replica's stream. It holds the
// whole store, and the transaction's time is the record's. A record that does not
// fit is refused with an error and changes nothing.
func (e *Engine) Apply(rec Record) error {
	tx := e.Begin(nil, true, true)
	tx.raw = true
	tx.SetNow(rec.Clock)
	r := effect.NewReader(rec.Effects)
	for ef, ok := r.Next(); ok; ef, ok = r.Next() {
		if err := tx.Apply(ef); err != nil {
			tx.Rollback()
			return err
		}
	}
	if r.Err() != nil {
		tx.Rollback()
		return r.Err()
	}
	tx.Commit()
	return nil
}

// Apply runs the mutator that an effect stands for.
func (tx *Tx) Apply(ef *effect.Effect) error {
	if ef.DB < 0 || ef.DB >= tx.eng.Databases() {
		return ErrMalformed
	}
	if int(ef.Op) >= len(appliers) {
		return ErrMalformed
	}
	f := &appliers[ef.Op]
	if f.run == nil || f.ints != anyInts && len(ef.Ints) != f.ints || len(ef.Blobs) < f.blobs {
		return ErrMalformed
	}
	return f.run(tx, KeyOf(ef.Key).In(ef.DB), ef)
}

// applier replays one operation; it needs so many ints (any number of them is its
// own affair), and so many blobs or more.
type applier struct {
	ints, blobs int
	run         func(tx *Tx, k Key, ef *effect.Effect) error
}

const anyInts = -1

// appliers by operation. What stands in snapshots alone has none.
var appliers = [...]applier{
	effect.Delete: {0, 0, func(tx *Tx, k Key, _ *effect.Effect) error {
		_, err := tx.Delete(k)
		return err
	}},
	effect.Deadline: {1, 0, applyDeadline},
	effect.Rename:   {1, 1, applyRename},
	effect.FlushDB: {0, 0, func(tx *Tx, k Key, _ *effect.Effect) error {
		_, err := tx.FlushDB(k.DB)
		return err
	}},
	effect.SwapDB:          {1, 0, applySwapDB},
	effect.StringPut:       {2, 1, applyStringPut},
	effect.StringWrite:     {1, 1, applyStringWrite},
	effect.Replace:         {3, 1, applyReplace},
	effect.ListPush:        {1, 1, applyListPush},
	effect.ListPop:         {2, 0, applyListPop},
	effect.ListSet:         {1, 1, applyListSet},
	effect.ListInsert:      {1, 1, applyListInsert},
	effect.ListRemove:      {1, 1, applyListRemove},
	effect.ListTrim:        {2, 0, applyListTrim},
	effect.SetAdd:          {0, 1, applySetAdd},
	effect.SetRemove:       {0, 1, applySetRemove},
	effect.ZSetPut:         {anyInts, 1, applyZSetPut},
	effect.ZSetRemove:      {0, 1, applyZSetRemove},
	effect.ZSetRemoveRange: {2, 0, applyZSetRemoveRange},
	effect.HashPut:         {0, 2, applyHashPut},
	effect.HashUpdate:      {0, 2, applyHashPut},
	effect.HashDelete:      {0, 1, applyHashDelete},
	effect.HashDeadline:    {1, 1, applyHashDeadline},
}
