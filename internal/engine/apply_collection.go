package engine

import (
	"math"

	"github.com/residedb/reside/internal/effect"
)

func applyListPush(tx *Tx, k Key, ef *effect.Effect) error {
	_, err := tx.ListPush(k, ef.Ints[0] != 0, ef.Blobs...)
	return err
}

func applyListPop(tx *Tx, k Key, ef *effect.Effect) error {
	return tx.checkedList(k, ef.Ints[1], func(int64) error { return tx.ListPop(k, ef.Ints[0] != 0, int(ef.Ints[1])) })
}

func applyListSet(tx *Tx, k Key, ef *effect.Effect) error {
	return tx.checkedList(k, ef.Ints[0]+1, func(int64) error { return tx.ListSet(k, int(ef.Ints[0]), ef.Blobs[0]) })
}

func applyListInsert(tx *Tx, k Key, ef *effect.Effect) error {
	return tx.checkedList(k, ef.Ints[0], func(int64) error {
		_, err := tx.ListInsert(k, int(ef.Ints[0]), ef.Blobs[0])
		return err
	})
}

func applyListRemove(tx *Tx, k Key, ef *effect.Effect) error {
	_, err := tx.ListRemove(k, int(ef.Ints[0]), ef.Blobs[0])
	return err
}

func applyListTrim(tx *Tx, k Key, ef *effect.Effect) error {
	return tx.checkedList(k, ef.Ints[1]+1, func(n int64) error {
		if ef.Ints[0] < 0 || ef.Ints[0] > n {
			return ErrMalformed
		}
		return tx.ListTrim(k, int(ef.Ints[0]), int(ef.Ints[1]))
	})
}

// checkedList runs f if the key is a list of at least n elements.
func (tx *Tx) checkedList(k Key, n int64, f func(length int64) error) error {
	e, err := tx.Peek(k)
	if err != nil {
		return err
	}
	if e == nil || e.kind != List || n < 0 || n > int64(e.List().Len()) {
		return ErrMalformed
	}
	return f(int64(e.List().Len()))
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
	score := math.Float64frombits(uint64(ef.Ints[0]))
	if math.IsNaN(score) {
		return ErrMalformed
	}
	_, err := tx.ZSetPut(k, ef.Blobs[0], score)
	return err
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
	if e == nil || e.kind != ZSet || ef.Ints[0] < 0 || ef.Ints[1] >= int64(e.ZSet().Len()) {
		return ErrMalformed
	}
	return tx.ZSetRemoveRange(k, int(ef.Ints[0]), int(ef.Ints[1]))
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
	if e == nil || e.kind != Hash {
		return ErrMalformed
	}
	for _, f := range ef.Blobs {
		if _, ok := e.Hash().Get(f); !ok {
			return ErrMalformed
		}
	}
	return tx.HashDeadline(k, ef.Ints[0], ef.Blobs...)
}
