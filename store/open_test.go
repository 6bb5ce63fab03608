package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

func open(t testing.TB, dir string, d store.Durability) *store.Store {
	s, err := store.Open(dir, store.Options{Durability: d})
	require.NoError(t, err)
	return s
}

func digest(t testing.TB, s *store.Store) string {
	d, err := s.Digest(t.Context())
	require.NoError(t, err)
	return d
}

// fillAll writes some keys of every type.
func fillAll(t testing.TB, s *store.Store, name string) {
	ctx := t.Context()
	for i := range 20 {
		key := fmt.Sprint(name, i)
		require.NoError(t, types.NewString[string](s, key).Set(ctx, key))
		_, err := types.NewHash[string, int](s, "hash"+key).Set(ctx, "field", i)
		require.NoError(t, err)
		_, err = types.NewList[int](s, "list"+name).PushBack(ctx, i, i+1)
		require.NoError(t, err)
		_, err = types.NewSet[int](s, "set"+name).Add(ctx, i)
		require.NoError(t, err)
		_, err = types.NewZSet[int](s.Select(1), "zset"+name).Add(ctx, i, float64(i))
		require.NoError(t, err)
	}
}

// TestOpenedAgain: what was written is there, whether it was saved or is in the log.
func TestOpenedAgain(t *testing.T) {
	for name, d := range map[string]store.Durability{
		"log": {}, "always": {Sync: store.SyncAlways}, "never": {Sync: store.SyncNever}, "no log": {NoLog: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new")
			want, position := "", int64(0)
			for round := range 4 {
				s := open(t, dir, d)
				if round > 0 {
					require.Equal(t, want, digest(t, s))
					require.Equal(t, position, s.Position())
				}
				fillAll(t, s, fmt.Sprint("round", round))
				if round == 1 {
					require.NoError(t, s.Save(t.Context()))
				}
				fillAll(t, s, fmt.Sprint("more", round))
				want, position = digest(t, s), s.Position()
				require.NoError(t, s.Close())
				require.NoError(t, s.Close())
			}
		})
	}
}

// TestADirectoryIsOneStores: the second gets a clear error.
func TestADirectoryIsOneStores(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Durability{})
	_, err := store.Open(dir, store.Options{})
	require.ErrorIs(t, err, persist.ErrLocked)
	require.NoError(t, s.Close())
	require.NoError(t, open(t, dir, store.Durability{}).Close())
}

// TestBackupAndRestore: a backup is the store, in memory or on disk.
func TestBackupAndRestore(t *testing.T) {
	memory, disk := store.New(store.Options{}), open(t, t.TempDir(), store.Durability{})
	defer func() { require.NoError(t, errors.Join(memory.Close(), disk.Close())) }()
	for _, from := range []*store.Store{memory, disk} {
		fillAll(t, from, "a")
		var b bytes.Buffer
		position, err := from.Backup(t.Context(), &b)
		require.NoError(t, err)
		require.Equal(t, from.Position(), position)
		dir := t.TempDir()
		to := open(t, dir, store.Durability{Sync: store.SyncAlways})
		fillAll(t, to, "b")
		before := digest(t, to)
		for _, bad := range [][]byte{nil, b.Bytes()[:b.Len()-1], flipped(b.Bytes(), b.Len()/2)} {
			require.Error(t, to.Restore(t.Context(), bytes.NewReader(bad)))
			require.Equal(t, before, digest(t, to))
		}
		require.NoError(t, to.Restore(t.Context(), bytes.NewReader(b.Bytes())))
		require.Equal(t, digest(t, from), digest(t, to))
		fillAll(t, to, "c")
		want := digest(t, to)
		require.NoError(t, to.Close())
		to = open(t, dir, store.Durability{})
		require.Equal(t, want, digest(t, to))
		require.NoError(t, to.Close())
		require.NoError(t, memory.Restore(t.Context(), bytes.NewReader(b.Bytes())))
		require.Equal(t, digest(t, from), digest(t, memory))
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

// TestDamageIsReported with file and offset; a repaired store has what came before.
func TestDamageIsReported(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Durability{})
	fillAll(t, s, "a")
	require.NoError(t, s.Close())
	logs, err := filepath.Glob(filepath.Join(dir, "log-*"))
	require.NoError(t, err)
	require.Len(t, logs, 1)
	b, err := os.ReadFile(logs[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(logs[0], flipped(b, len(b)/2), 0o600))
	_, err = store.Open(dir, store.Options{})
	var damage *persist.DamageError
	require.ErrorAs(t, err, &damage)
	require.Equal(t, filepath.Base(logs[0]), damage.File)
	require.InDelta(t, len(b)/2, damage.Offset, 100)
}

// TestSyncOfOneWrite and of all so far.
func TestSyncOfOneWrite(t *testing.T) {
	s := open(t, t.TempDir(), store.Durability{Sync: store.SyncNever})
	defer func() { require.NoError(t, s.Close()) }()
	require.NoError(t, types.NewString[string](s, "k").Set(store.WithSync(t.Context()), "v"))
	require.EqualValues(t, 1, s.KeptStatus().Durable)
	fillAll(t, s, "a")
	require.NoError(t, s.Sync(t.Context()))
	require.Equal(t, s.Position(), s.KeptStatus().Durable)
	require.ErrorIs(t, store.New(store.Options{}).Sync(t.Context()), store.ErrNoPlace)
}
