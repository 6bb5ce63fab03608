package snapshot_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/snapshot"
)

const benchKeys = 1_000_000

// chunksOf are the effects of a million strings with keys of 16 bytes, in chunks of
// 64 KiB in 64 parts.
func chunksOf(b *testing.B, value func(r *rand.ChaCha8) []byte) (all []persist.Chunk, bytes int64) {
	b.Helper()
	r := rand.NewChaCha8([32]byte{1})
	c := persist.Chunk{}
	for i := range benchKeys {
		key := fmt.Appendf(nil, "key:%012d", i*7919%benchKeys)
		c.Effects = effect.Append(c.Effects, false, effect.StringPut, 0, key, nil, [][]byte{value(r)})
		c.Keys++
		if len(c.Effects) > 64<<10 || i == benchKeys-1 {
			bytes += int64(len(c.Effects))
			all = append(all, c)
			c = persist.Chunk{Part: len(all) % 64}
		}
	}
	return all, bytes
}

func randomValue(r *rand.ChaCha8) []byte {
	v := make([]byte, 64)
	_, _ = r.Read(v)
	return v
}

func jsonValue(r *rand.ChaCha8) []byte {
	n := r.Uint64()
	return fmt.Appendf(nil, `{"id":%06d,"name":"user-%05d","mail":"u%05d@example.com"}`, n%1e6, n>>20%1e5, n>>40%1e5)
}

// BenchmarkSnapshot writes and reads a million strings. With to=disk a file is written
// by two goroutines and synced, and the file that was just written is read.
func BenchmarkSnapshot(b *testing.B) {
	for _, values := range []struct {
		name string
		of   func(r *rand.ChaCha8) []byte
	}{{"random", randomValue}, {"json", jsonValue}} {
		chunks, size := chunksOf(b, values.of)
		for _, plain := range []bool{true, false} {
			o := snapshot.Options{Uncompressed: plain}
			name := fmt.Sprintf("values=%s/compress=%t", values.name, !plain)
			b.Run("op=write/to=memory/"+name, func(b *testing.B) {
				b.SetBytes(size)
				for b.Loop() {
					benchWrite(b, io.Discard, chunks, o)
				}
			})
			b.Run("op=write/to=disk/"+name, func(b *testing.B) {
				b.SetBytes(size)
				benchDisk(b, chunks, o)
			})
			var file bytes.Buffer
			benchWrite(b, &file, chunks, o)
			b.Run("op=read/to=memory/"+name, func(b *testing.B) {
				b.SetBytes(size)
				for b.Loop() {
					benchRead(b, bytes.NewReader(file.Bytes()))
				}
				b.ReportMetric(float64(file.Len())/1e6, "MB")
			})
			b.Run("op=read/to=disk/"+name, func(b *testing.B) {
				b.SetBytes(size)
				path := filepath.Join(b.TempDir(), "f")
				require.NoError(b, os.WriteFile(path, file.Bytes(), 0o600))
				for b.Loop() {
					f, err := os.Open(path)
					require.NoError(b, err)
					benchRead(b, f)
					require.NoError(b, f.Close())
				}
			})
		}
	}
}

func benchDisk(b *testing.B, chunks []persist.Chunk, o snapshot.Options) {
	path := filepath.Join(b.TempDir(), "f")
	for b.Loop() {
		f, err := os.Create(path)
		require.NoError(b, err)
		benchWrite(b, f, chunks, o)
		require.NoError(b, f.Sync())
		require.NoError(b, f.Close())
		b.StopTimer()
		require.NoError(b, os.Remove(path))
		b.StartTimer()
	}
}

// benchWrite writes the chunks, as a store with two cores does.
func benchWrite(b *testing.B, to io.Writer, chunks []persist.Chunk, o snapshot.Options) {
	w, err := snapshot.NewWriter(to, persist.Snapshot{Keys: benchKeys, Parts: 64}, o)
	require.NoError(b, err)
	var both sync.WaitGroup
	for half := range 2 {
		both.Go(func() {
			for i := half; i < len(chunks); i += 2 {
				if err := w.Write(chunks[i]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	both.Wait()
	require.NoError(b, w.Close())
}

func benchRead(b *testing.B, from io.Reader) {
	r, err := snapshot.NewReader(from, snapshot.Options{})
	require.NoError(b, err)
	for {
		if _, err = r.Next(); err != nil {
			break
		}
	}
	require.ErrorIs(b, err, io.EOF)
}
