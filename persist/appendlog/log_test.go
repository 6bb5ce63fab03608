package appendlog

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

var history = strings.Repeat("0123456789abcdef", 2)

// records are some from a position on.
func records(from, n int64) (list []persist.Record) {
	for i := range n {
		list = append(list, persist.Record{Position: from + i, Clock: 1000 + i, Effects: fmt.Appendf(nil, "what %d did", from+i)})
	}
	return list
}

// replay opens the log of a directory and returns what Replay hands on.
func replay(t testing.TB, fs vfs.FS, after int64) ([]persist.Record, persist.Recovery, error) {
	l := Open(fs, Options{})
	var got []persist.Record
	found, err := l.Replay(t.Context(), "", after, func(r persist.Record) error {
		r.Effects = bytes.Clone(r.Effects)
		got = append(got, r)
		return nil
	})
	require.NoError(t, l.Close())
	return got, found, err
}

// TestReplayed: what was appended comes back, over segments and openings.
func TestReplayed(t *testing.T) {
	fs := vfs.NewMem()
	want := records(1, 600)
	for i := range int64(3) {
		l := Open(fs, Options{SegmentSize: 2000})
		require.NoError(t, l.Begin(history, i*200))
		for j := range int64(20) {
			require.NoError(t, l.Append(want[i*200+j*10:i*200+j*10+10]))
		}
		require.NoError(t, l.Sync())
		require.NoError(t, l.Close())
	}
	for _, after := range []int64{0, 1, 77, 200, 599, 600} {
		got, found, err := replay(t, fs, after)
		require.NoError(t, err)
		require.Equal(t, want[after:], append([]persist.Record{}, got...))
		require.Equal(t, persist.Recovery{History: history, Position: 600, Records: 600 - after}, found)
	}
	got, found, err := replay(t, fs, 700)
	require.NoError(t, err)
	require.Empty(t, got)
	require.EqualValues(t, 700, found.Position)
}

// TestATornTailIsCut: wherever the last segment ends, what is whole before is there, and
// what is not is reported.
func TestATornTailIsCut(t *testing.T) {
	fs := vfs.NewMem()
	l := Open(fs, Options{})
	require.NoError(t, l.Begin(history, 0))
	require.NoError(t, l.Append(records(1, 3)))
	require.NoError(t, l.Close())
	file := name{1, 0}.String()
	content := read(t, fs, file)
	for n := len(content); n >= 0; n-- {
		fs := vfs.NewMem()
		write(t, fs, file, content[:n])
		for again := range 2 {
			got, found, err := replay(t, fs, 0)
			require.NoError(t, err, "%d bytes", n)
			whole := int64(max(n-headerSize, 0) / (headSize + 10))
			require.Equal(t, records(1, whole), got, "%d bytes", n)
			torn := int64(n)
			if n >= headerSize {
				torn -= int64(headerSize) + whole*(headSize+10)
			}
			if again > 0 {
				torn = 0
			}
			require.Equal(t, torn, found.Torn)
			require.Equal(t, torn > 0 && n >= headerSize, found.Lost == whole+1)
		}
	}
}

// TestEveryFlippedBitIsSeen: as damage, or in the last record as a torn tail.
func TestEveryFlippedBitIsSeen(t *testing.T) {
	fs := vfs.NewMem()
	l := Open(fs, Options{SegmentSize: 250})
	require.NoError(t, l.Begin(history, 0))
	require.NoError(t, l.Append(records(1, 10)))
	require.NoError(t, l.Close())
	files, err := fs.List()
	require.NoError(t, err)
	require.Len(t, files, 2)
	for i, file := range files {
		content := read(t, fs, file)
		for bit := range 8 * len(content) {
			changed := vfs.NewMem()
			write(t, changed, files[1-i], read(t, fs, files[1-i]))
			flipped := bytes.Clone(content)
			flipped[bit/8] ^= 1 << (bit % 8)
			write(t, changed, file, flipped)
			got, found, err := replay(t, changed, 0)
			if err == nil {
				require.NotZero(t, found.Lost, "%s, bit %d", file, bit)
				require.Equal(t, records(1, 9), got)
			}
		}
	}
}

func read(t testing.TB, fs vfs.FS, file string) []byte {
	f, err := fs.Open(file)
	require.NoError(t, err)
	b, err := io.ReadAll(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return b
}

func write(t testing.TB, fs vfs.FS, file string, b []byte) {
	f, err := fs.Create(file)
	require.NoError(t, err)
	_, err = f.Write(b)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}
