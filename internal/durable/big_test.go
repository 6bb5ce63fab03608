package durable

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

var long = flag.Bool("long", false, "collections of a million elements in tests of snapshots, for a minute")

// bigKeys are a hash, a set and a sorted set of n elements.
func bigKeys(t *testing.T, e *engine.Engine, n int) {
	for from := 0; from < n; from += 1000 {
		var members, pairs [][]byte
		for i := from; i < from+1000; i++ {
			m := fmt.Appendf(nil, "element %08d", i)
			members, pairs = append(members, m), append(pairs, m, m)
		}
		tx := e.Begin(nil, true, false)
		_, err := tx.HashPut(key("hash"), pairs...)
		require.NoError(t, err)
		_, err = tx.SetAdd(key("set"), members...)
		require.NoError(t, err)
		i := 0
		require.NoError(t, tx.ZSetPut(key("zset"), func(*zset.ZSet) ([]byte, float64, bool) {
			if i == len(members) {
				return nil, 0, false
			}
			i++
			return members[i-1], float64(from + i), true
		}))
		tx.Commit()
	}
}

func key(name string) engine.Key { return engine.KeyOf([]byte(name)) }

// TestBigCollectionsAreWrittenToMeanwhile: a snapshot has collections as they were at its
// cut, whatever becomes of them, and no writer waits for long.
func TestBigCollectionsAreWrittenToMeanwhile(t *testing.T) {
	n := 50_000
	if *long {
		n = 1_000_000
	}
	ends := map[string]func(tx *engine.Tx) error{
		"written all over": func(*engine.Tx) error { return nil },
		"renamed": func(tx *engine.Tx) error {
			for _, name := range []string{"hash", "set", "zset"} {
				if _, err := tx.Rename(key(name), key(name+" that was")); err != nil {
					return err
				}
			}
			return nil
		},
		"swapped": func(tx *engine.Tx) error { return tx.SwapDB(0, 1) },
		"flushed": func(tx *engine.Tx) error { _, err := tx.FlushDB(0); return err },
		"deleted": func(tx *engine.Tx) error {
			for _, name := range []string{"hash", "set", "zset"} {
				if _, err := tx.Delete(key(name)); err != nil {
					return err
				}
			}
			return nil
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			e := engine.New(engine.Options{})
			defer e.Close()
			bigKeys(t, e, n)
			want, err := e.Digest(t.Context())
			require.NoError(t, err)
			begun, over := make(chan struct{}), make(chan struct{})
			var writers sync.WaitGroup
			writers.Go(func() {
				<-begun
				writeAllOver(t, e, n, over)
			})
			writers.Go(func() {
				<-begun
				runtime.Gosched()
				tx := e.Begin(nil, true, false)
				require.NoError(t, end(tx))
				tx.Commit()
			})
			var place persist.MemorySnapshots
			snapshot := taking{eng: e, how: gently, counts: new(counts), at: func(*engine.Tx) string {
				close(begun)
				return newHistory(0)
			}}
			_, err = snapshot.to(t.Context(), &place)
			require.NoError(t, err)
			close(over)
			writers.Wait()
			in, err := place.Open(t.Context())
			require.NoError(t, err)
			other, err := ReadAside(t.Context(), e, in, nil)
			require.NoError(t, err)
			defer other.Close()
			got, err := other.Digest(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

// writeAllOver changes elements all over the collections, if they are there still, and
// tells of the longest time that one change took.
func writeAllOver(t *testing.T, e *engine.Engine, n int, over <-chan struct{}) {
	var longest time.Duration
	writes := 0
	for i := 0; ; i = (i + 7919) % n {
		select {
		case <-over:
			t.Logf("%d writes, the longest took %v", writes, longest)
			return
		default:
		}
		m, began := fmt.Appendf(nil, "element %08d", i), time.Now()
		for _, change := range []struct {
			name string
			do   func(tx *engine.Tx) error
		}{
			{"hash", func(tx *engine.Tx) error { _, err := tx.HashPut(key("hash"), m, []byte("another value")); return err }},
			{"set", func(tx *engine.Tx) error { _, err := tx.SetRemove(key("set"), m); return err }},
			{"zset", func(tx *engine.Tx) error { _, err := tx.ZSetRemove(key("zset"), m); return err }},
		} {
			tx := e.BeginKey(key(change.name))
			require.NoError(t, change.do(tx))
			tx.Commit()
		}
		longest = max(longest, time.Since(began))
		writes++
	}
}
