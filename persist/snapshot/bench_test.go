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
	"github.com/residedb/reside/internal/vfs"
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

// BenchmarkSnapshot writes a million strings by two goroutines and reads them by one.
// With to=disk it makes snapshots in a Directory, durable ones, and reads a file that was
// just written.
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
	dir, err := vfs.OS(b.TempDir())
	require.NoError(b, err)
	d := snapshot.Dir(dir, o)
	for b.Loop() {
		w, err := d.Create(b.Context(), benchAbout())
		require.NoError(b, err)
		benchChunks(b, w.Write, chunks)
		require.NoError(b, w.Commit())
	}
}

func benchAbout() persist.Snapshot { return persist.Snapshot{Keys: benchKeys, Parts: 64} }

func benchWrite(b *testing.B, to io.Writer, chunks []persist.Chunk, o snapshot.Options) {
	w, err := snapshot.NewWriter(to, benchAbout(), o)
	require.NoError(b, err)
	benchChunks(b, w.Write, chunks)
	require.NoError(b, w.Close())
}

// benchChunks writes the chunks, as a store with two cores does.
func benchChunks(b *testing.B, write func(persist.Chunk) error, chunks []persist.Chunk) {
	var both sync.WaitGroup
	for half := range 2 {
		both.Go(func() {
			for i := half; i < len(chunks); i += 2 {
				if err := write(chunks[i]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	both.Wait()
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
