package engine

import (
	"math"

	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/effect"
)

func applyListPush(tx *Tx, k Key, ef *effect.Effect) error {
	_, err := tx.ListPush(k, ef.Ints[0] != 0, ef.Blobs...)
	return err
}

func applyListPop(tx *Tx, k Key, ef *effect.Effect) error {
	n := ef.Ints[1]
	if err := tx.checkList(k, func(length int64) bool { return n > 0 && n <= length }); err != nil {
		return err
	}
	_, err := tx.ListPop(k, ef.Ints[0] != 0, n)
	return err
}

func applyListSet(tx *Tx, k Key, ef *effect.Effect) error {
	i := ef.Ints[0]
	if err := tx.checkList(k, func(length int64) bool { return i >= 0 && i < length }); err != nil {
		return err
	}
	return tx.ListSet(k, int(i), ef.Blobs[0])
}

func applyListInsert(tx *Tx, k Key, ef *effect.Effect) error {
	i := ef.Ints[0]
	if err := tx.checkList(k, func(length int64) bool { return i >= 0 && i <= length }); err != nil {
		return err
	}
	_, err := tx.ListInsert(k, int(i), ef.Blobs[0])
	return err
}

func applyListRemove(tx *Tx, k Key, ef *effect.Effect) error {
	_, err := tx.ListRemove(k, int(ef.Ints[0]), ef.Blobs[0])
	return err
}

func applyListTrim(tx *Tx, k Key, ef *effect.Effect) error {
	first, last := ef.Ints[0], ef.Ints[1]
	if err := tx.checkList(k, func(length int64) bool { return first >= 0 && last < length }); err != nil {
		return err
	}
	return tx.ListTrim(k, int(first), int(last))
}

// checkList refuses an effect on what is not a list, or not one that it fits.
func (tx *Tx) checkList(k Key, fits func(length int64) bool) error {
	e, err := tx.Peek(k)
	if err != nil {
		return err
	}
	if e == nil || e.Kind() != List || !fits(int64(e.List().Len())) {
		return ErrMalformed
	}
	return nil
}

func applySetAdd(tx *Tx, k Key, ef *effect.Effect) error {
	_, err := tx.SetAdd(k, ef.Blobs...)
	return err
}

func applySetRemove(tx *Tx, k Key, ef *effect.Effect) error {
	_, err := tx.SetRemove(k, ef.Blobs...)
	return err
}

func applyZSetPut(tx *Tx, k Key, ef *effect.Effect) error {
	if len(ef.Ints) != len(ef.Blobs) {
		return ErrMalformed
	}
	score := func(i int) float64 { return math.Float64frombits(uint64(ef.Ints[i])) }
	for i := range ef.Ints {
		if math.IsNaN(score(i)) {
			return ErrMalformed
		}
	}
	i := -1
	return tx.ZSetPut(k, func(*zset.ZSet) ([]byte, float64, bool) {
		if i++; i == len(ef.Blobs) {
			return nil, 0, false
		}
		return ef.Blobs[i], score(i), true
	})
}

func applyZSetRemove(tx *Tx, k Key, ef *effect.Effect) error {
	_, err := tx.ZSetRemove(k, ef.Blobs...)
	return err
}

func applyZSetRemoveRange(tx *Tx, k Key, ef *effect.Effect) error {
	e, err := tx.Peek(k)
	if err != nil {
		return err
	}
	first, last := ef.Ints[0], ef.Ints[1]
	if e == nil || e.Kind() != ZSet || first < 0 || first > last || last >= int64(e.ZSet().Len()) {
		return ErrMalformed
	}
	return tx.ZSetRemoveRange(k, int(first), int(last))
}

func applyHashPut(tx *Tx, k Key, ef *effect.Effect) error {
	if len(ef.Blobs)%2 != 0 {
		return ErrMalformed
	}
	_, err := tx.hashPut(k, ef.Op, ef.Blobs)
	return err
}

func applyHashDelete(tx *Tx, k Key, ef *effect.Effect) error {
	_, err := tx.HashDelete(k, ef.Blobs...)
	return err
}

func applyHashDeadline(tx *Tx, k Key, ef *effect.Effect) error {
	e, err := tx.Peek(k)
	if err != nil {
		return err
	}
	if e == nil || e.Kind() != Hash || ef.Ints[0] < 0 {
		return ErrMalformed
	}
	for _, f := range ef.Blobs {
		if _, ok := e.Hash().Get(f); !ok {
			return ErrMalformed
		}
	}
	return tx.HashDeadline(k, ef.Ints[0], ef.Blobs...)
}
