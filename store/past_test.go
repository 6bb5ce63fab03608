package store_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/appendlog"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// TestThePast: what a store was at any position or time can be opened, from any backup
// before, with what the archive and the directory have.
func TestThePast(t *testing.T) {
	dir, archived := t.TempDir(), t.TempDir()
	archive, err := appendlog.ArchiveTo(archived)
	require.NoError(t, err)
	clock := &steps{now: time.UnixMilli(1_800_000_000_000)}
	s, err := store.Open(dir, store.Options{Clock: clock, Durability: store.Durability{Archive: archive, Sync: store.SyncAlways}})
	require.NoError(t, err)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	digests, times := []string{digest(t, s)}, []time.Time{clock.now}
	var backups [][]byte
	for i := range 60 {
		clock.now = clock.now.Add(time.Second)
		key := fmt.Sprint("k", random.IntN(10))
		switch random.IntN(3) {
		case 0:
			_, err = types.NewSet[int](s, "set"+key).Add(t.Context(), i)
		case 1:
			_, err = types.NewString[int](s, key).SetWith(t.Context(), i, types.SetOptions{Expiry: types.After(time.Hour)})
		default:
			_, err = types.NewList[int](s, "list"+key).PushBack(t.Context(), i, i)
		}
		require.NoError(t, err)
		require.EqualValues(t, i+1, s.Position())
		digests, times = append(digests, digest(t, s)), append(times, clock.now)
		switch i % 20 {
		case 9:
			require.NoError(t, s.Save(t.Context())) // drops what the archive has
		case 19:
			var b bytes.Buffer
			_, err := s.Backup(t.Context(), &b)
			require.NoError(t, err)
			backups = append(backups, b.Bytes())
		}
	}
	require.Eventually(t, func() bool {
		names, err := os.ReadDir(archived)
		return err == nil && len(names) >= 3
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, s.Close())
	past := func(backup []byte, p store.Point, dirs ...string) (string, error) {
		var b io.Reader
		if backup != nil {
			b = bytes.NewReader(backup)
		}
		s, err := store.OpenPast(t.Context(), b, p, store.Options{Clock: clock}, folders(dirs)...)
		if err != nil {
			return "", err
		}
		return digest(t, s), s.Close()
	}
	for i, backup := range slices.Insert(backups, 0, nil) {
		for position := 1; position < len(digests); position++ {
			for _, p := range []store.Point{{Position: int64(position)}, {Time: times[position]}, {Time: times[position].Add(time.Second - time.Millisecond)}} {
				d, err := past(backup, p, archived, dir)
				if position < 20*i {
					require.ErrorIs(t, err, store.ErrTooLate)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, digests[position], d, "%v", p)
			}
		}
	}
	_, err = past(nil, store.Point{Position: 61}, archived, dir)
	require.ErrorIs(t, err, persist.ErrGap)
	_, err = past(nil, store.Point{Position: 40}, dir)
	require.ErrorIs(t, err, persist.ErrGap)
	_, err = past(nil, store.Point{}, dir)
	require.ErrorIs(t, err, store.ErrOptions)
}

// steps is a clock that stands still until a test moves it, and never rings.
type steps struct{ now time.Time }

func (c *steps) Now() time.Time { return c.now }

func (c *steps) AfterFunc(time.Duration, func()) store.Timer { return silent{} }

type silent struct{}

func (silent) Stop() bool { return true }

func folders(dirs []string) (all []fs.FS) {
	for _, dir := range dirs {
		all = append(all, os.DirFS(dir))
	}
	return all
}
