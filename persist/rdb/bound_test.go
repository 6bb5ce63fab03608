package rdb

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/persist"
)

// taken is how many bytes a function has taken in all.
func taken(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestNoLengthIsBelieved: a short file that claims to be long takes little memory.
func TestNoLengthIsBelieved(t *testing.T) {
	long := binary.BigEndian.AppendUint64([]byte{0x81}, 500<<20)
	for name, body := range map[string]string{
		"a string":      "\x00\x01k" + string(long),
		"a list":        "\x01\x01k" + string(long),
		"a set":         "\x02\x01k" + string(long) + "\x01a",
		"a hash":        "\x04\x01k" + string(long) + "\x01a\x01b",
		"a zset":        "\x05\x01k" + string(long),
		"nodes":         "\x0e\x01k" + string(long),
		"a packed one":  "\x00\x01k\xc3" + string(long) + string(long) + "abc",
		"an unpacked":   "\x00\x01k\xc3\x03" + string(long) + "abc",
		"a key":         "\x00" + string(long),
		"an aux":        "\xfa" + string(long),
		"an intset":     "\x0b\x01k\x08\x08\x00\x00\x00\xff\xff\xff\xff",
		"a ziplist":     "\x0a\x01k\x0b\xff\xff\xff\x7f\x0a\x00\x00\x00\xff\xff\xff",
		"a listpack":    "\x10\x01k\x07\xff\xff\xff\x7f\xff\xff\xff",
		"a list of big": "\x01\x01k\x02" + string(long),
	} {
		b := []byte("REDIS0009" + body)
		n := taken(func() {
			_, _, err := readAll(b, Options{})
			require.ErrorIs(t, err, persist.ErrDamaged, name)
		})
		require.Less(t, n, uint64(2<<20), name)
	}
}

// TestBigCollectionsAreStreamed: what is gathered of one is no more than some chunks.
func TestBigCollectionsAreStreamed(t *testing.T) {
	const elements = 200_000
	var out bytes.Buffer
	w, err := NewWriter(&out, persist.Snapshot{Keys: 1, Parts: 1}, Options{})
	require.NoError(t, err)
	c := effect.Chunks{Emit: func(keys int, b []byte) error { return w.Write(persist.Chunk{Keys: keys, Effects: b}) }}
	c.Key(effect.Made{Key: []byte("big"), Kind: effect.Set, Len: elements})
	for i := range elements {
		require.NoError(t, c.Element(binary.BigEndian.AppendUint64(make([]byte, 24), uint64(i))))
	}
	require.NoError(t, c.Flush())
	require.NoError(t, w.Close())
	require.Greater(t, out.Len(), 6<<20)

	r, err := NewReader(&out, Options{Parts: 1})
	require.NoError(t, err)
	largest, chunks := 0, 0
	for {
		c, err := r.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		require.Less(t, len(r.ready), 3)
		largest, chunks = max(largest, len(c.Effects)), chunks+1
	}
	require.Less(t, largest, 70_000)
	require.Greater(t, chunks, 100)
	require.Len(t, r.in.buf, inputSize)
}

// TestCRC: the one that Redis's own test has, and pieces.
func TestCRC(t *testing.T) {
	require.Equal(t, uint64(0xe9c6d914c4b8d9ca), crcOf(0, []byte("123456789")))
	b := make([]byte, 1000)
	for i := range b {
		b[i] = byte(i * i)
	}
	for _, n := range []int{0, 1, 15, 16, 17, 500, 999, 1000} {
		require.Equal(t, crcOf(0, b), crcOf(crcOf(0, b[:n]), b[n:]))
		require.Equal(t, crcOf(0, b), crcJoin(crcOf(0, b[:n]), crcOf(0, b[n:]), int64(len(b)-n)))
	}
}

func TestLZF(t *testing.T) {
	for _, s := range []string{"", "abc", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", string(bytes.Repeat([]byte("abcdefgh"), 5000)), string(make([]byte, 100_000))} {
		table := new(lzfTable)
		packed, shorter := pack(nil, []byte(s), table)
		again, _ := pack(nil, []byte(s), table)
		require.Equal(t, packed, again, "what was seen of another string is not used")
		table.base = math.MaxInt32 - int32(len(s))/2
		again, _ = pack(nil, []byte(s), table)
		require.Equal(t, packed, again)
		require.Equal(t, len(s) > 20, shorter)
		if !shorter {
			continue // it may have been given up
		}
		out, ok := unpack(nil, packed, len(s))
		require.True(t, ok)
		require.Equal(t, s, string(out))
		_, ok = unpack(nil, packed, len(s)-1)
		require.False(t, ok)
	}
}

// TestChunksAreReadIntoWhatIsLeft: who leaves the memory of chunks to the Reader has it
// take new memory for the first ones only.
func TestChunksAreReadIntoWhatIsLeft(t *testing.T) {
	var out bytes.Buffer
	w, err := NewWriter(&out, persist.Snapshot{Keys: 10_000, Parts: 1}, Options{})
	require.NoError(t, err)
	value := make([]byte, 1000)
	for i := range 10_000 {
		key := binary.BigEndian.AppendUint64(nil, uint64(i))
		require.NoError(t, w.Write(persist.Chunk{Keys: 1, Effects: effect.Append(nil, false, effect.StringPut, 0, key, []int64{0, 0}, [][]byte{value})}))
	}
	require.NoError(t, w.Close())
	read := func(leave bool) uint64 {
		return taken(func() {
			r, err := NewReader(bytes.NewReader(out.Bytes()), Options{Parts: 4})
			require.NoError(t, err)
			var room []byte
			for {
				c, err := r.NextInto(room)
				if err == io.EOF {
					break
				}
				require.NoError(t, err)
				if leave {
					room = c.Effects
				}
			}
			require.EqualValues(t, 10_000, r.Report().Keys)
		})
	}
	require.Greater(t, read(false), uint64(9<<20))
	require.Less(t, read(true), uint64(2<<20))
}
