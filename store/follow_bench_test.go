package store_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// arriving knows the last record that a follower has.
type arriving struct {
	replicate.Follower
	last atomic.Int64
}

// Append notes it.
func (a *arriving) Append(ctx context.Context, records []persist.Record) error {
	err := a.Follower.Append(ctx, records)
	a.last.Store(records[len(records)-1].Position)
	return err
}

// BenchmarkFollowed sets strings of 64 bytes, with so many followers that are stores, and
// ends when they have all of them.
func BenchmarkFollowed(b *testing.B) {
	for _, followers := range []int{0, 1, 2} {
		b.Run(fmt.Sprintf("followers=%d", followers), func(b *testing.B) {
			ctx := context.Background()
			p := store.New(store.Options{Backlog: replicate.Backlog{Lag: 1 << 40}})
			all, told := make([]*store.Store, followers), make([]arriving, followers)
			for i := range all {
				all[i] = store.New(store.Options{Follower: true})
				told[i].Follower = all[i].Follower()
				follow(b, p, &told[i], replicate.Options{})
			}
			keys := make([]types.String[string], 1<<14)
			for i := range keys {
				keys[i] = types.NewString[string](p, fmt.Sprintf("key:%012d", i))
			}
			value := string(make([]byte, 64))
			b.ResetTimer()
			for i := range b.N {
				if err := keys[i&(len(keys)-1)].Set(ctx, value); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "written/s")
			for i := range told {
				for told[i].last.Load() < p.Position() {
					runtime.Gosched()
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "followed/s")
			b.StopTimer()
			for _, s := range append(all, p) {
				require.NoError(b, s.Close())
			}
		})
	}
}
