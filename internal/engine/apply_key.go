package engine

import "github.com/residedb/reside/internal/effect"

func applyDeadline(tx *Tx, k Key, ef *effect.Effect) error {
	if ef.Ints[0] < 0 {
		return ErrMalformed
	}
	_, err := tx.SetDeadline(k, ef.Ints[0])
	return err
}

func applyRename(tx *Tx, k Key, ef *effect.Effect) error {
	if !tx.hasDB(ef.Ints[0]) {
		return ErrMalformed
	}
	_, err := tx.Rename(k, KeyOf(ef.Blobs[0]).In(int(ef.Ints[0])))
	return err
}

func applySwapDB(tx *Tx, k Key, ef *effect.Effect) error {
	if !tx.hasDB(ef.Ints[0]) {
		return ErrMalformed
	}
	return tx.SwapDB(k.DB, int(ef.Ints[0]))
}

func (tx *Tx) hasDB(db int64) bool { return db >= 0 && db < int64(tx.eng.Databases()) }

func applyReplace(tx *Tx, k Key, ef *effect.Effect) error {
	kind, deadline := ef.Ints[0], ef.Ints[1]
	if kind < int64(None) || kind > int64(Hash) || deadline < 0 {
		return ErrMalformed
	}
	obj, err := tx.Assemble(Kind(kind), ef.Blobs, ef.Ints[2])
	if err != nil {
		return err
	}
	return tx.Replace(k, Kind(kind), obj, deadline)
}

func applyStringPut(tx *Tx, k Key, ef *effect.Effect) error {
	deadline, as := ef.Ints[0], ef.Ints[1]
	if deadline < 0 || as < int64(formAuto) || as > int64(formRaw) {
		return ErrMalformed
	}
	return tx.putString(k, ef.Blobs[0], deadline, form(as))
}

func applyStringWrite(tx *Tx, k Key, ef *effect.Effect) error {
	offset := ef.Ints[0]
	if offset < 0 || offset > MaxString-int64(len(ef.Blobs[0])) {
		return ErrMalformed
	}
	_, err := tx.WriteString(k, int(offset), ef.Blobs[0])
	return err
}
