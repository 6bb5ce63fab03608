package snapshot

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
)

// mend gives bytes the checksums that they should have, as far as they are frames, so
// that what stands behind a checksum is reached.
func mend(b []byte) []byte {
	b = bytes.Clone(b)
	if len(b) < prefixSize {
		return b
	}
	binary.LittleEndian.PutUint64(b[len(magic)+2:], xxhash.Sum64(b[:len(magic)+2]))
	sum := xxhash.New()
	_, _ = sum.Write(b[:prefixSize])
	for rest := b[prefixSize:]; len(rest) >= headSize; {
		payload := rest[headSize:]
		n := min(int(binary.LittleEndian.Uint32(rest[12:])), len(payload))
		if rest[0] == kindTrailer && n == trailerSize {
			binary.LittleEndian.PutUint64(payload[24:], sum.Sum64())
		}
		binary.LittleEndian.PutUint64(rest[20:], xxhash.Sum64(payload[:n]))
		binary.LittleEndian.PutUint64(rest[28:], xxhash.Sum64(rest[:28]))
		_, _ = sum.Write(rest[:headSize])
		rest = payload[n:]
	}
	return b
}

// FuzzReader reads anything. What is a snapshot can be written again, and is the same.
func FuzzReader(f *testing.F) {
	about, chunks := sample()
	for _, b := range [][]byte{
		written(f, about, chunks, Options{}),
		written(f, about, chunks, Options{Uncompressed: true}),
		written(f, persist.Snapshot{}, nil, Options{}),
		written(f, persist.Snapshot{}, nil, Options{})[:60],
		[]byte(magic),
	} {
		f.Add(b, false)
		f.Add(b, true)
	}
	f.Fuzz(func(t *testing.T, b []byte, checksums bool) {
		if checksums {
			b = mend(b)
		}
		about, chunks, err := readAll(bytes.NewReader(b), Options{})
		report, verr := Verify(t.Context(), bytes.NewReader(b), Options{})
		require.Equal(t, err, verr)
		if err != nil {
			return
		}
		require.EqualValues(t, len(chunks), report.Counts.Chunks)
		require.EqualValues(t, len(b), report.Counts.Bytes)
		again, got, err := readAll(bytes.NewReader(written(t, about, chunks, Options{})), Options{})
		require.NoError(t, err)
		require.Equal(t, about, again)
		require.Equal(t, chunks, got)
	})
}

// TestMended holds FuzzReader to reach what is behind the checksums.
func TestMended(t *testing.T) {
	about, chunks := sample()
	b := written(t, about, chunks, Options{Uncompressed: true})
	require.Equal(t, b, mend(b))
	i := bytes.Index(b, []byte("first"))
	copy(b[i:], "other")
	_, _, err := readAll(bytes.NewReader(b), Options{})
	isDamage(t, err)
	_, chunks, err = readAll(bytes.NewReader(mend(b)), Options{})
	require.NoError(t, err)
	require.Equal(t, "the other chunk", string(chunks[0].Effects))
}
