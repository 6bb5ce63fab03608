package engine

import (
	"github.com/residedb/reside/internal/effect"
)

// Apply runs one record: the replay of a log, or a replica's stream. It holds the
// whole store, and the transaction's time is the record's.
func (e *Engine) Apply(rec Record) error {
	tx := e.Begin(nil, true, true)
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
	f, ok := appliers[ef.Op]
	if !ok || len(ef.Ints) < f.ints || len(ef.Blobs) < f.blobs {
		return ErrMalformed
	}
	return f.run(tx, KeyOf(ef.Key).In(ef.DB), ef)
}

// applier replays one operation; ints and blobs are the least it needs.
type applier struct {
	ints, blobs int
	run         func(tx *Tx, k Key, ef *effect.Effect) error
}

// appliers by operation. Each family adds its own in its file.
var appliers = map[effect.Op]applier{
	effect.Delete: {0, 0, func(tx *Tx, k Key, _ *effect.Effect) error {
		_, err := tx.Delete(k)
		return err
	}},
	effect.Deadline: {1, 0, func(tx *Tx, k Key, ef *effect.Effect) error {
		_, err := tx.SetDeadline(k, ef.Ints[0])
		return err
	}},
	effect.Rename: {1, 1, func(tx *Tx, k Key, ef *effect.Effect) error {
		db := int(ef.Ints[0])
		if db < 0 || db >= tx.eng.Databases() {
			return ErrMalformed
		}
		_, err := tx.Rename(k, KeyOf(ef.Blobs[0]).In(db))
		return err
	}},
	effect.FlushDB: {0, 0, func(tx *Tx, k Key, _ *effect.Effect) error {
		_, err := tx.FlushDB(k.DB)
		return err
	}},
	effect.SwapDB: {1, 0, func(tx *Tx, k Key, ef *effect.Effect) error {
		b := int(ef.Ints[0])
		if b < 0 || b >= tx.eng.Databases() {
			return ErrMalformed
		}
		return tx.SwapDB(k.DB, b)
	}},
	effect.StringPut: {2, 1, func(tx *Tx, k Key, ef *effect.Effect) error {
		return tx.putString(k, ef.Blobs[0], ef.Ints[0], form(ef.Ints[1]))
	}},
	effect.StringWrite: {1, 1, func(tx *Tx, k Key, ef *effect.Effect) error {
		_, err := tx.WriteString(k, int(ef.Ints[0]), ef.Blobs[0])
		return err
	}},
	effect.Replace:         {2, 1, applyReplace},
	effect.ListPush:        {1, 1, applyListPush},
	effect.ListPop:         {2, 0, applyListPop},
	effect.ListSet:         {1, 1, applyListSet},
	effect.ListInsert:      {1, 1, applyListInsert},
	effect.ListRemove:      {1, 1, applyListRemove},
	effect.ListTrim:        {2, 0, applyListTrim},
	effect.SetAdd:          {0, 1, applySetAdd},
	effect.SetRemove:       {0, 1, applySetRemove},
	effect.ZSetPut:         {1, 1, applyZSetPut},
	effect.ZSetRemove:      {0, 1, applyZSetRemove},
	effect.ZSetRemoveRange: {2, 0, applyZSetRemoveRange},
	effect.HashPut:         {0, 2, applyHashPut},
	effect.HashUpdate:      {0, 2, applyHashPut},
	effect.HashDelete:      {0, 1, applyHashDelete},
	effect.HashDeadline:    {1, 1, applyHashDeadline},
}
