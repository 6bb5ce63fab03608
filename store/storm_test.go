package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// crowdOf lets so many goroutines write at the same moment, each a value of so
// many bytes, to a store that is all but full. It returns the most that the keys were
// accounted for.
func crowdOf(t *testing.T, o store.Options, writers, size int, write func(s *store.Store, name, value string) error) int64 {
	s := store.New(o)
	defer func() { require.NoError(t, s.Close()) }()
	value := strings.Repeat("v", size)
	for i := 0; s.Stats().Memory+int64(2*size) < o.MaxMemory; i++ {
		require.NoError(t, types.NewString[string](s, fmt.Sprint("old", i)).Set(t.Context(), value))
	}
	var most atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for w := range writers {
		all.Go(func() {
			<-start
			err := write(s, fmt.Sprint("key", w), value)
			if err != nil && o.Eviction != store.NoEviction {
				t.Error(err)
			}
			for m, old := store.Engine(s).Memory(), most.Load(); m > old && !most.CompareAndSwap(old, m); old = most.Load() {
			}
		})
	}
	close(start)
	all.Wait()
	return most.Load()
}

// TestManyWritersAtOnceStayWithinMaxMemory holds what store.Options.MaxMemory promises
// when 8,000 goroutines begin to write at the same moment: 2 percent, and in stores so
// small that this is less than some writes, 1 percent and a write for each of 64 parts.
func TestManyWritersAtOnceStayWithinMaxMemory(t *testing.T) {
	set := func(s *store.Store, name, value string) error {
		return types.NewString[string](s, name).Set(context.Background(), value)
	}
	push := func(s *store.Store, name, value string) error {
		_, err := types.NewList[string](s, name).PushBack(context.Background(), value)
		return err
	}
	update := func(s *store.Store, name, value string) error {
		return s.Update(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			return types.NewString[string](tx, name).Set(ctx, value)
		}, name)
	}
	const large, tiny, writers = 64 << 20, 256 << 10, 8000 // the race detector takes no more
	for _, c := range []struct {
		name  string
		limit int64
		size  int
		evict store.Policy
		write func(s *store.Store, name, value string) error
	}{
		{"set", large, 4000, store.AllKeysLRU, set},
		{"set short values", large, 1000, store.AllKeysTinyLFU, set},
		{"push", large, 4000, store.AllKeysTinyLFU, push},
		{"update", large, 4000, store.AllKeysLFU, update},
		{"refused", large, 4000, store.NoEviction, set},
		{"refused update", large, 4000, store.NoEviction, update},
		{"small store", tiny, 20, store.AllKeysRandom, set},
		{"small store, update", tiny, 20, store.AllKeysTinyLFU, update},
		{"small store, refused", tiny, 20, store.NoEviction, set},
	} {
		t.Run(c.name, func(t *testing.T) {
			most := crowdOf(t, store.Options{MaxMemory: c.limit, Eviction: c.evict}, writers, c.size, c.write)
			t.Logf("%.4f of the limit", float64(most)/float64(c.limit))
			bound := c.limit / 50
			if c.limit < large {
				bound = c.limit/100 + 64*int64(c.size+100)
			}
			require.LessOrEqual(t, most, c.limit+bound)
		})
	}
}
