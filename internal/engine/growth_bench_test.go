package engine

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkGrowthHolds tells for how long a stripe is held by those who add keys to a table
// that grows to 5 million, and fields to one hash that grows to a million. The processor is
// taken from some of them in the middle, so the longest is told beside the one that a
// hundred thousandth takes longer than.
func BenchmarkGrowthHolds(b *testing.B) {
	const keys, fields = 5 * benchKeys, benchKeys
	b.Run("keys", func(b *testing.B) {
		for b.Loop() {
			e := newEngine(b, Options{})
			reportHolds(b, e, keys, func(i int) Key { return key("key:%012d", i) }, func(tx *Tx, k Key, i int) error {
				return tx.PutString(k, number(i), 0)
			})
		}
	})
	b.Run("fields", func(b *testing.B) {
		for b.Loop() {
			e, k := newEngine(b, Options{}), key("hash")
			reportHolds(b, e, fields, func(int) Key { return k }, func(tx *Tx, k Key, i int) error {
				_, err := tx.HashPut(k, number(i), number(i))
				return err
			})
		}
	})
}

// reportHolds lets put run so often, each time in a transaction of its own.
func reportHolds(b *testing.B, e *Engine, n int, of func(i int) Key, put func(tx *Tx, k Key, i int) error) {
	all := make([]time.Duration, n)
	for i := range n {
		k := of(i)
		tx := e.BeginKey(k)
		began := time.Now()
		err := put(tx, k, i)
		all[i] = time.Since(began)
		tx.Commit()
		require.NoError(b, err)
	}
	slices.Sort(all)
	b.ReportMetric(us(all[n-1-n/100_000]), "us/hold-p99.999")
	b.ReportMetric(us(all[n-1]), "us/hold-max")
}
