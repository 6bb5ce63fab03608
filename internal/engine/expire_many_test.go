package engine

import (
	"flag"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/effect"
)

var longFlag = flag.Bool("long", false, "let 5 million keys expire, take 5000 cuts, export collections of a million")

// TestVeryManyKeysExpireWithinOneMinute has ten keys of eleven expire within one minute.
// What is held to a bound is how much is done under one lock, and what memory is left; how
// long that took is printed.
func TestVeryManyKeysExpireWithinOneMinute(t *testing.T) {
	n, stripes := 100_000, 4
	if *longFlag {
		n, stripes = 5_000_000, 64
	}
	clock := newFakeClock()
	var e *Engine
	before := heapInUse()
	full := heapOf(func() {
		e = newEngine(t, Options{Clock: clock, Stripes: stripes})
		for i := range n {
			at := clock.ms() + 1 + int64(i)*time.Minute.Milliseconds()/int64(n)
			putUntil(t, e, string(key("volatile:%08d", i).B), at)
			if i%10 == 0 {
				put(t, e, string(key("stays:%08d", i).B))
			}
		}
	})
	var holds []time.Duration
	most, last := 0, time.Now()
	e.Attach(e.Tap(func(r Record) {
		most = max(most, effects(t, r))
		now := time.Now()
		holds, last = append(holds, now.Sub(last)), now
	}))
	began := time.Now()
	clock.advance(time.Minute + expiryGap*time.Millisecond)
	took := time.Since(began)
	e.Attach(nil)
	slices.Sort(holds)
	left := heapInUse() - before
	t.Logf("%d keys: %d ns each, %d holds of up to %d keys; 1 in 1000 takes longer than %v, the longest %v; heap %d MB, then %d",
		n, took.Nanoseconds()/int64(n), len(holds), most, holds[len(holds)*999/1000], holds[len(holds)-1], full>>20, left>>20)
	require.EqualValues(t, n/10, e.Len(0))
	require.LessOrEqual(t, most, expiryBatch, "keys that are deleted under one lock")
	require.Less(t, left, full/4, "an eleventh of the keys is left")
	checkAccounts(t, e)
}

// TestFieldsThatExpireCountAsKeys has many fields of many hashes expire at once.
func TestFieldsThatExpireCountAsKeys(t *testing.T) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock, Stripes: 1})
	for i := range 100 {
		change(t, e, func(tx *Tx) error {
			fields, pairs := [][]byte{}, [][]byte{}
			for f := range 2*expiryBatch - 1 {
				name := key("field%d", f).B
				fields, pairs = append(fields, name), append(pairs, name, nil)
			}
			_, err := tx.HashPut(key("hash%d", i), pairs...)
			if err != nil {
				return err
			}
			return tx.HashDeadline(key("hash%d", i), clock.ms()+10, fields...)
		})
	}
	most := 0
	e.Attach(e.Tap(func(r Record) { most = max(most, effects(t, r)) }))
	clock.advance(time.Second)
	e.Attach(nil)
	require.Zero(t, e.Len(0))
	require.Less(t, most, 2*expiryBatch)
}

// effects is how many keys and fields a record deletes.
func effects(t testing.TB, rec Record) (n int) {
	r := effect.NewReader(rec.Effects)
	for ef, ok := r.Next(); ok; ef, ok = r.Next() {
		n += max(1, len(ef.Blobs))
	}
	require.NoError(t, r.Err())
	return n
}
