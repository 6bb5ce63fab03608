package engine

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// heapOf is how many bytes of heap are in use after f that were not before.
func heapOf(f func()) int64 {
	before := heapInUse()
	f()
	return heapInUse() - before
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestSmallStores(t *testing.T) {
	t.Run("empty", func(t *testing.T) {
		var e *Engine
		require.Less(t, heapOf(func() { e = New(Options{}) }), int64(256<<10))
		e.Close()
	})
	t.Run("1000 keys", func(t *testing.T) {
		var e *Engine
		require.Less(t, heapOf(func() {
			e = New(Options{})
			for i := range 1000 {
				k := key("key:%d", i)
				tx := e.BeginKey(k)
				_ = tx.PutString(k, []byte("value"), 0)
				tx.Commit()
			}
		}), int64(1<<20))
		e.Close()
	})
}

func TestThousandStores(t *testing.T) {
	stores := make([]*Engine, 1000)
	start := time.Now()
	heap := heapOf(func() {
		for i := range stores {
			stores[i] = New(Options{})
			putUntil(t, stores[i], "k", stores[i].Now()+time.Hour.Milliseconds())
		}
	})
	require.Less(t, heap, int64(1000*128<<10))
	for _, e := range stores {
		e.Close()
	}
	require.Less(t, time.Since(start), 5*time.Second)
}

// TestHonestAccounts compares what entries are accounted for with the heap.
func TestHonestAccounts(t *testing.T) {
	const n = 20_000
	many := func(add func(tx *Tx, k Key) error) func(tx *Tx) error {
		return func(tx *Tx) error {
			for i := range n {
				if err := add(tx, key("key:%08d", i)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	one := func(add func(tx *Tx, k Key, member []byte, i int) error) func(tx *Tx) error {
		return func(tx *Tx) error {
			k := key("k")
			for i := range n {
				if err := add(tx, k, key("member:%08d", i*7919%n).B, i); err != nil {
					return err
				}
			}
			return nil
		}
	}
	hour := time.Now().Add(time.Hour).UnixMilli()
	for _, c := range []struct {
		name string
		fill func(tx *Tx) error
	}{
		{"strings", many(func(tx *Tx, k Key) error { return tx.PutString(k, []byte("a value of some bytes"), 0) })},
		{"volatile strings", many(func(tx *Tx, k Key) error { return tx.PutString(k, []byte("a value of some bytes"), hour) })},
		{"lists", many(func(tx *Tx, k Key) error {
			_, err := tx.ListPush(k, true, bytesOf("a", "bc", "def")...)
			return err
		})},
		{"intsets", many(func(tx *Tx, k Key) error {
			_, err := tx.SetAdd(k, bytesOf("1", "2", "3")...)
			return err
		})},
		{"sets", many(func(tx *Tx, k Key) error {
			_, err := tx.SetAdd(k, bytesOf("a", "bc", "def")...)
			return err
		})},
		{"sorted sets", many(func(tx *Tx, k Key) error {
			return errors.Join(zput(tx, k, []byte("member:1"), 1), zput(tx, k, []byte("member:2"), 2))
		})},
		{"hashes", many(func(tx *Tx, k Key) error {
			_, err := tx.HashPut(k, bytesOf("f1", "value 1", "f2", "value 2")...)
			return err
		})},
		{"hashes with deadlines", many(func(tx *Tx, k Key) error {
			if _, err := tx.HashPut(k, bytesOf("f1", "value 1", "f2", "value 2")...); err != nil {
				return err
			}
			return tx.HashDeadline(k, hour, bytesOf("f1", "f2")...)
		})},
		{"one list", one(func(tx *Tx, k Key, m []byte, _ int) error {
			_, err := tx.ListPush(k, true, m)
			return err
		})},
		{"one intset", one(func(tx *Tx, k Key, _ []byte, i int) error {
			_, err := tx.SetAdd(k, key("%d", i).B)
			return err
		})},
		{"one set", one(func(tx *Tx, k Key, m []byte, _ int) error {
			_, err := tx.SetAdd(k, m)
			return err
		})},
		{"one sorted set in order", one(func(tx *Tx, k Key, m []byte, i int) error {
			return zput(tx, k, m, float64(i))
		})},
		{"one sorted set", one(func(tx *Tx, k Key, m []byte, i int) error {
			return zput(tx, k, m, float64(i*7919%n))
		})},
		{"one hash", one(func(tx *Tx, k Key, m []byte, _ int) error {
			_, err := tx.HashPut(k, m, []byte("a value of some bytes"))
			return err
		})},
		{"one hash with deadlines", one(func(tx *Tx, k Key, m []byte, i int) error {
			if _, err := tx.HashPut(k, m, []byte("a value of some bytes")); err != nil {
				return err
			}
			return tx.HashDeadline(k, hour+int64(i), m)
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e *Engine
			heap := heapOf(func() {
				e = New(Options{})
				change(t, e, c.fill)
			})
			ratio := float64(e.Memory()) / float64(heap)
			t.Logf("accounted %d, heap %d, ratio %.2f", e.Memory(), heap, ratio)
			require.InDelta(t, 1, ratio, 0.35)
			checkAccounts(t, e)
			e.Close()
		})
	}
}
