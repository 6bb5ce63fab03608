package engine

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/effect"
)

// million is an engine with so many strings of 64 bytes, their keys of 16.
func million(b *testing.B, n int) *Engine {
	e := newEngine(b, Options{})
	value := make([]byte, 64)
	for i := range n {
		k := key("key:%012d", i)
		tx := e.BeginKey(k)
		require.NoError(b, tx.PutString(k, value, 0))
		tx.Commit()
	}
	return e
}

const benchKeys = 1_000_000

// BenchmarkExport writes the chunks of a million strings, by one goroutine.
func BenchmarkExport(b *testing.B) {
	e := million(b, benchKeys)
	bytes := 0
	for b.Loop() {
		c, err := e.Cut()
		require.NoError(b, err)
		bytes = 0
		for part := range c.Parts() {
			require.NoError(b, c.Export(b.Context(), part, func(_ int, effects []byte) error {
				bytes += len(effects)
				return nil
			}))
		}
		c.Close()
	}
	b.ReportMetric(float64(bytes)/benchKeys, "bytes/key")
}

// BenchmarkLoad loads the chunks of a million strings from memory, by two goroutines.
func BenchmarkLoad(b *testing.B) {
	e := million(b, benchKeys)
	parts := exported(b, e)
	b.ReportAllocs()
	for b.Loop() {
		n := New(Options{})
		r := n.Recover()
		var wg sync.WaitGroup
		for g := range 2 {
			wg.Go(func() {
				for i := g; i < len(parts); i += 2 {
					for _, chunk := range parts[i] {
						if err := r.Load(chunk); err != nil {
							b.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		require.NoError(b, r.End(nil))
		require.EqualValues(b, benchKeys, n.Len(0))
		n.Close()
	}
}

// BenchmarkReplay replays a million records of SET.
func BenchmarkReplay(b *testing.B) {
	records, value := make([]Record, benchKeys), make([]byte, 64)
	for i := range records {
		k := key("key:%012d", i)
		records[i] = Record{Seq: int64(i + 1), Clock: 1, Effects: effect.Append(nil, false, effect.StringPut, 0, k.B, []int64{0, 0}, [][]byte{value})}
	}
	b.ReportAllocs()
	for b.Loop() {
		n := New(Options{})
		r := n.Recover()
		for i := range records {
			if err := r.Replay(records[i]); err != nil {
				b.Fatal(err)
			}
		}
		require.NoError(b, r.End(nil))
		n.Close()
	}
}

// BenchmarkDigest digests a million strings.
func BenchmarkDigest(b *testing.B) {
	e := million(b, benchKeys)
	for b.Loop() {
		_, err := e.Digest(b.Context())
		require.NoError(b, err)
	}
}
