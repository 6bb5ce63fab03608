package store_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// taped is a log that keeps everything, as an archive does.
type taped struct {
	persist.Log
	records []persist.Record
}

func (l *taped) Append(records []persist.Record) error {
	for _, r := range records {
		r.Effects = bytes.Clone(r.Effects)
		l.records = append(l.records, r)
	}
	return nil
}

func (l *taped) Replay(context.Context, string, int64, func(persist.Record) error) (persist.Recovery, error) {
	return persist.Recovery{}, nil
}
func (l *taped) Begin(string, int64) error { return nil }
func (l *taped) Sync() error               { return nil }
func (l *taped) Trim(int64) error          { return nil }
func (l *taped) Size() int64               { return 0 }
func (l *taped) Close() error              { return nil }

func (l *taped) all() iter.Seq2[persist.Record, error] {
	return func(yield func(persist.Record, error) bool) {
		for _, r := range l.records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// TestThePast: what a store was at any position or time can be opened, from any backup
// before.
func TestThePast(t *testing.T) {
	log, clock := new(taped), &steps{now: time.UnixMilli(1_800_000_000_000)}
	s, err := store.OpenPlaces(t.Context(), store.Options{Clock: clock, Durability: store.Durability{Log: log, Sync: store.SyncAlways}})
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
		if i%20 == 19 {
			var b bytes.Buffer
			_, err := s.Backup(t.Context(), &b)
			require.NoError(t, err)
			backups = append(backups, b.Bytes())
		}
	}
	require.NoError(t, s.Close())
	past := func(backup []byte, p store.Point) (string, error) {
		var s *store.Store
		if backup == nil {
			s, err = store.OpenPast(t.Context(), nil, log.all(), p, store.Options{Clock: clock})
		} else {
			s, err = store.OpenPast(t.Context(), bytes.NewReader(backup), log.all(), p, store.Options{Clock: clock})
		}
		if err != nil {
			return "", err
		}
		return digest(t, s), s.Close()
	}
	for i, backup := range slices.Insert(backups, 0, nil) {
		for position := 1; position < len(digests); position++ {
			for _, p := range []store.Point{{Position: int64(position)}, {Time: times[position]}, {Time: times[position].Add(time.Second - time.Millisecond)}} {
				d, err := past(backup, p)
				if position < 20*i {
					require.ErrorIs(t, err, store.ErrTooLate)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, digests[position], d, "%v", p)
			}
		}
	}
	_, err = past(nil, store.Point{Position: 61})
	require.ErrorIs(t, err, persist.ErrGap)
	log.records = slices.Delete(log.records, 30, 31)
	_, err = past(nil, store.Point{Position: 40})
	require.ErrorIs(t, err, persist.ErrGap)
	_, err = past(nil, store.Point{})
	require.ErrorIs(t, err, store.ErrOptions)
}

// steps is a clock that stands still until a test moves it, and never rings.
type steps struct{ now time.Time }

func (c *steps) Now() time.Time { return c.now }

func (c *steps) AfterFunc(time.Duration, func()) store.Timer { return silent{} }

type silent struct{}

func (silent) Stop() bool { return true }
