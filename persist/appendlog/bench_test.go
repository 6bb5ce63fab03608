package appendlog

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// allocated is how many bytes were allocated so far.
func allocated() uint64 {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.TotalAlloc
}

// batchOf are records of 100 bytes.
func batchOf(n int) []persist.Record {
	batch := make([]persist.Record, n)
	for i := range batch {
		batch[i].Effects = bytes.Repeat([]byte("effects-"), 13)[:100]
	}
	return batch
}

func appendNext(b *testing.B, l *Log, batch []persist.Record, at *int64) {
	for i := range batch {
		*at++
		batch[i].Position, batch[i].Clock = *at, 1_700_000_000_000+*at/100
	}
	if err := l.Append(batch); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAppend appends records of 100 bytes, on a real disk.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 50} {
		for _, sync := range []bool{false, true} {
			b.Run(fmt.Sprintf("batch=%d/sync=%v", size, sync), func(b *testing.B) {
				d, err := vfs.OS(b.TempDir())
				require.NoError(b, err)
				l := begin(b, d, Options{}, 0)
				batch, at := batchOf(size), int64(0)
				b.SetBytes(int64(size) * 100)
				b.ReportAllocs()
				for b.Loop() {
					appendNext(b, l, batch, &at)
					if !sync {
						if at%2_000_000 < int64(size) { // so that the disk does not fill up
							require.NoError(b, l.Trim(at))
						}
						continue
					}
					if err := l.Sync(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
			})
		}
	}
}

// BenchmarkReplay replays a million records of 100 bytes from files that the system has
// in memory.
func BenchmarkReplay(b *testing.B) {
	const n = 1_000_000
	d, err := vfs.OS(b.TempDir())
	require.NoError(b, err)
	l := begin(b, d, Options{}, 0)
	batch, at := batchOf(50), int64(0)
	for at < n {
		appendNext(b, l, batch, &at)
	}
	require.NoError(b, l.Sync())
	require.NoError(b, l.Close())
	b.SetBytes(l.Size())
	b.ReportAllocs()
	for b.Loop() {
		l := Open(d, Options{})
		found, err := l.Replay(context.Background(), history, 0, func(persist.Record) error { return nil })
		if err != nil || found.Records != n {
			b.Fatal(found, err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
