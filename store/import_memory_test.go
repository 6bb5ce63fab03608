package store_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist/rdb"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// heavy is a store with some 80 MB of values that cannot be packed: strings, small and big
// collections, and one of long elements.
func heavy(t testing.TB) *store.Store {
	s := store.New(store.Options{})
	t.Cleanup(func() { _ = s.Close() })
	random, value := rand.NewChaCha8([32]byte{7}), make([]byte, 100)
	next := func() []byte {
		_, _ = random.Read(value)
		return value
	}
	for i := range 100_000 {
		require.NoError(t, types.NewString[[]byte](s, fmt.Sprint("string:", i)).Set(t.Context(), next()))
		_, err := types.NewHash[string, []byte](s, fmt.Sprint("hash:", i/10)).Set(t.Context(), fmt.Sprint(i), next())
		require.NoError(t, err)
		_, err = types.NewSet[[]byte](s, "big").Add(t.Context(), next()[:50])
		require.NoError(t, err)
	}
	long := make([]byte, 1<<20)
	for range 60 {
		_, _ = random.Read(long)
		_, err := types.NewList[[]byte](s, "long").PushBack(t.Context(), long)
		require.NoError(t, err)
	}
	return s
}

// live is how many bytes of the heap are in use, without garbage.
func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestImportTakesTheMemoryOfItsContent: while a file is read into a store without keys, or
// in place of them, there is never more than what the store has in the end, and some
// buffers.
func TestImportTakesTheMemoryOfItsContent(t *testing.T) {
	b, _ := exported(t, heavy(t), store.ExportOptions{})
	const buffers = 2 << 20
	for name, replace := range map[string]bool{"no keys": false, "in place of others": true} {
		t.Run(name, func(t *testing.T) {
			s := store.New(store.Options{})
			defer func() { _ = s.Close() }()
			if replace {
				require.NoError(t, types.NewString[string](s, "other").Set(t.Context(), "value"))
			}
			before, most, calls := live(), int64(0), 0
			_, err := s.Import(t.Context(), bytes.NewReader(b), store.ImportOptions{Replace: replace, Progress: func(rdb.Report) {
				if calls++; calls%4 == 0 {
					most = max(most, live()-before)
				}
			}})
			require.NoError(t, err)
			content := live() - before
			require.Greater(t, content, int64(len(b)))
			require.Less(t, most, content+content/20+buffers)
			t.Logf("a file of %d bytes, content of %d (accounted %d), at most %d", len(b), content, s.Stats().Memory, most)
		})
	}
}
