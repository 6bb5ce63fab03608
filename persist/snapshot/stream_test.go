package snapshot

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
)

func TestASnapshotIsReadAsItWasWritten(t *testing.T) {
	about, chunks := sample()
	for name, o := range map[string]Options{"compressed": {}, "uncompressed": {Uncompressed: true}} {
		t.Run(name, func(t *testing.T) {
			b := written(t, about, chunks, o)
			for _, from := range []io.Reader{bytes.NewReader(b), iotest.OneByteReader(bytes.NewReader(b)), iotest.DataErrReader(bytes.NewReader(b))} {
				gotAbout, got, err := readAll(from, Options{})
				require.NoError(t, err)
				require.Equal(t, about, gotAbout)
				require.Equal(t, chunks, got)
			}
		})
	}
	require.Less(t, len(written(t, about, chunks, Options{})), len(written(t, about, chunks, Options{Uncompressed: true})), "nothing was compressed")
}

func TestASnapshotCanBeEmpty(t *testing.T) {
	about, chunks, err := readAll(bytes.NewReader(written(t, persist.Snapshot{}, nil, Options{})), Options{})
	require.NoError(t, err)
	require.Equal(t, persist.Snapshot{}, about)
	require.Empty(t, chunks)
}

func TestTheEndIsTheEnd(t *testing.T) {
	r, err := NewReader(bytes.NewReader(written(t, persist.Snapshot{}, nil, Options{})), Options{})
	require.NoError(t, err)
	for range 3 {
		_, err = r.Next()
		require.Equal(t, io.EOF, err)
	}
}

func TestACloseEndsTheReading(t *testing.T) {
	about, chunks := sample()
	r, err := NewReader(bytes.NewReader(written(t, about, chunks, Options{})), Options{})
	require.NoError(t, err)
	_, err = r.Next()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	_, err = r.Next()
	require.ErrorIs(t, err, fs.ErrClosed)
}

// numbered is a chunk of a part that says where it belongs. Some can be compressed, and
// some are too big for the buffer.
func numbered(r *rand.Rand, part, i int) persist.Chunk {
	size := r.IntN(4 << 10)
	if r.IntN(50) == 0 {
		size = sinkBig + r.IntN(sinkSize)
	}
	b := make([]byte, 2+size)
	b[0], b[1] = byte(part), byte(i)
	if r.IntN(2) == 0 {
		for j := range b[2:] {
			b[2+j] = byte(r.Uint32())
		}
	}
	return persist.Chunk{Part: part, Keys: i, Effects: b}
}

// TestManyWriteAtOnce holds each part to its order while all are written at once, from
// buffers that are overwritten after the call.
func TestManyWriteAtOnce(t *testing.T) {
	const parts, each = 8, 100
	seed := rand.Uint64()
	t.Log("seed", seed)
	want := make([][]persist.Chunk, parts)
	about := persist.Snapshot{Parts: parts}
	for part := range want {
		r := rand.New(rand.NewPCG(seed, uint64(part)))
		for i := range each {
			want[part] = append(want[part], numbered(r, part, i))
			about.Keys += int64(i)
		}
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, about, Options{})
	require.NoError(t, err)
	var all sync.WaitGroup
	for part := range want {
		all.Go(func() {
			var borrowed []byte
			for _, c := range want[part] {
				borrowed = append(borrowed[:0], c.Effects...)
				c.Effects = borrowed
				if err := w.Write(c); err != nil {
					t.Error(err)
				}
				clear(borrowed)
			}
		})
	}
	all.Wait()
	require.NoError(t, w.Close())
	_, chunks, err := readAll(&b, Options{})
	require.NoError(t, err)
	got := make([][]persist.Chunk, parts)
	for _, c := range chunks {
		got[c.Part] = append(got[c.Part], c)
	}
	require.Equal(t, want, got)
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	for name, about := range map[string]persist.Snapshot{
		"position":  {Position: -1},
		"keys":      {Keys: -1},
		"databases": {Databases: -1},
		"parts":     {Parts: -1},
		"history":   {History: string(make([]byte, maxHeader))},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewWriter(io.Discard, about, Options{})
			require.ErrorIs(t, err, ErrInvalid)
		})
	}
	chunks := []persist.Chunk{{Part: 1}, {Part: -1}, {Keys: -1}}
	if math.MaxInt > math.MaxUint32 {
		tooMany := int64(math.MaxUint32) + 1
		chunks = append(chunks, persist.Chunk{Keys: int(tooMany)})
	}
	for _, c := range chunks {
		w, err := NewWriter(io.Discard, persist.Snapshot{Parts: 1}, Options{})
		require.NoError(t, err)
		require.ErrorIs(t, w.Write(c), ErrInvalid)
		require.ErrorIs(t, w.Write(persist.Chunk{}), ErrInvalid)
		require.ErrorIs(t, w.Close(), ErrInvalid, "it lacks a chunk")
	}
}

func TestKeysAreCounted(t *testing.T) {
	about, chunks := sample()
	for _, wrong := range []int64{about.Keys - 1, about.Keys + 1} {
		about.Keys = wrong
		w, err := NewWriter(io.Discard, about, Options{})
		require.NoError(t, err)
		for _, c := range chunks {
			require.NoError(t, w.Write(c))
		}
		require.ErrorIs(t, w.Close(), ErrIncomplete)
		require.ErrorIs(t, w.Close(), ErrIncomplete, "it did not become whole")
	}
}

func TestCounts(t *testing.T) {
	about, chunks := sample()
	b := written(t, about, chunks, Options{})
	var effects int64
	for _, c := range chunks {
		effects += int64(len(c.Effects))
	}
	require.Equal(t, Counts{Chunks: 4, Keys: 7, Effects: effects, Bytes: int64(len(b))}, verified(t, b).Counts)
	r, err := NewReader(bytes.NewReader(b), Options{})
	require.NoError(t, err)
	begun := r.Counts()
	require.Positive(t, begun.Bytes)
	_, err = r.Next()
	require.NoError(t, err)
	require.Equal(t, Counts{Chunks: 1, Keys: 3, Effects: 15, Bytes: begun.Bytes + headSize + 15}, r.Counts())
}

func TestVerify(t *testing.T) {
	about, chunks := sample()
	b := written(t, about, chunks, Options{Creator: "a test"})
	report := verified(t, b)
	require.Equal(t, about, report.About)
	require.Equal(t, "a test", report.Creator)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Verify(ctx, bytes.NewReader(b), Options{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = Verify(t.Context(), bytes.NewReader(b[:len(b)-1]), Options{})
	isDamage(t, err)
}

// failing accepts some bytes.
type failing struct{ left int }

func (f *failing) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errDisk
	}
	return len(b), nil
}

func TestAnErrorOfTheStreamStays(t *testing.T) {
	w, err := NewWriter(&failing{1 << 20}, persist.Snapshot{Parts: 1}, Options{Uncompressed: true})
	require.NoError(t, err)
	for range 100 {
		if err = w.Write(persist.Chunk{Effects: make([]byte, 64<<10)}); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, errDisk)
	w.out.to = io.Discard
	require.ErrorIs(t, w.Write(persist.Chunk{}), errDisk)
	require.ErrorIs(t, w.Close(), errDisk)
}

// short takes less than it is given, and does not say so.
type short struct{}

func (short) Write(b []byte) (int, error) { return len(b) / 2, nil }

func TestAShortWriteIsAnError(t *testing.T) {
	w, err := NewWriter(short{}, persist.Snapshot{}, Options{})
	require.NoError(t, err)
	require.ErrorIs(t, w.Close(), io.ErrShortWrite)
}

func TestNothingIsWrittenBehindTheEnd(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, persist.Snapshot{Parts: 1}, Options{})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.ErrorIs(t, w.Write(persist.Chunk{}), fs.ErrClosed)
	require.ErrorIs(t, w.Close(), fs.ErrClosed)
	verified(t, b.Bytes())
}

func TestErrorsOfReadingAreNotDamage(t *testing.T) {
	about, chunks := sample()
	b := written(t, about, chunks, Options{})
	for n := range len(b) + 1 {
		_, _, err := readAll(io.MultiReader(bytes.NewReader(b[:n]), iotest.ErrReader(errDisk)), Options{Name: "it"})
		require.ErrorIs(t, err, errDisk, n)
		require.NotErrorIs(t, err, persist.ErrDamaged, n)
		require.ErrorContains(t, err, "it cannot be read")
	}
}
