package appendlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// mended gives bytes the checksums that they should have, as far as they are a segment, so
// that what stands behind a checksum is reached.
func mended(b []byte) []byte {
	b = bytes.Clone(b)
	if len(b) < headerSize {
		return b
	}
	binary.LittleEndian.PutUint64(b[8:], xxhash.Sum64(b[:8]))
	binary.LittleEndian.PutUint64(b[headerSize-8:], xxhash.Sum64(b[:headerSize-8]))
	h, _, why, err := headerIn(b)
	if why != "" || err != nil {
		return b
	}
	salt := h.salt()
	for rest := b[headerSize:]; len(rest) >= headSize+minBody; {
		length := binary.LittleEndian.Uint32(rest[8:])
		n := headSize + min(int(length), len(rest)-headSize)
		binary.LittleEndian.PutUint16(rest[12:], check(length, salt))
		binary.LittleEndian.PutUint64(rest, xxhash.Sum64(rest[8:n])^salt)
		rest = rest[n:]
	}
	return b
}

// FuzzReplay replays anything as the last segment of a log. What comes out is in order, is
// the same a second time, and Verify says the same.
func FuzzReplay(f *testing.F) {
	m := twoSegments(f)
	for _, name := range logs(f, m) {
		f.Add(read(f, m, name), false)
		f.Add(read(f, m, name), true)
	}
	last := read(f, m, logs(f, m)[1])
	f.Add(append(bytes.Clone(last), make([]byte, 100)...), false)
	f.Add(append(bytes.Clone(last), 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0xFF, 0xFF, 0x7F, 0, 0, 1, 1, 1), true)
	f.Add([]byte(magic), false)
	f.Fuzz(func(t *testing.T, b []byte, checksums bool) {
		if checksums {
			b = mended(b)
		}
		m, name := vfs.NewMem(), fileName{history, 10, 11}
		if h, _, why, err := headerIn(b); why == "" && err == nil {
			name = h.name()
		}
		put(t, m, name.String(), b)
		_, verr := Verify(t.Context(), FS(m), "", name.position)
		got, found, err := replay(t, m, name.position)
		require.Equal(t, err, verr)
		for i, r := range got {
			require.Equal(t, name.position+int64(i)+1, r.Position)
		}
		if err == nil {
			again, after, err := replay(t, m, name.position)
			require.NoError(t, err)
			require.Equal(t, got, again)
			require.Equal(t, found.Position, after.Position)
			require.Zero(t, after.Torn)
			return
		}
		repaired, found, err := replayWith(t, m, name.position, Options{Repair: true})
		if errors.Is(err, persist.ErrVersion) {
			return
		}
		require.NoError(t, err)
		require.Equal(t, got, repaired)
		require.NotEmpty(t, found.Repaired)
	})
}

// TestMended holds FuzzReplay to reach what is behind the checksums.
func TestMended(t *testing.T) {
	m := twoSegments(t)
	name := logs(t, m)[1]
	b := read(t, m, name)
	require.Equal(t, b, mended(b))
	i := bytes.Index(b, []byte("what 15"))
	copy(b[i:], "that")
	put(t, m, name, b)
	_, _, err := replay(t, m, 0)
	require.ErrorIs(t, err, persist.ErrDamaged)
	put(t, m, name, mended(b))
	got, _, err := replay(t, m, 0)
	require.NoError(t, err)
	require.Contains(t, string(got[14].Effects), "that 15")
}

// forged is a segment behind 10 whose checksums are right, with these bodies.
func forged(bodies ...[]byte) []byte {
	h := header{history, 10, 10, 11}
	b := h.layout()
	for _, body := range bodies {
		head := make([]byte, headSize)
		binary.LittleEndian.PutUint32(head[8:], uint32(len(body)))
		b = append(append(b, head...), body...)
	}
	return mended(b)
}

// TestForgeries have right checksums, and are what no log writes.
func TestForgeries(t *testing.T) {
	huge := bytes.Repeat([]byte{0xFF}, 9)
	for what, bodies := range map[string][][]byte{
		"not the next position":      {{2, 1, 0}},
		"the position of the header": {{0, 1, 0}},
		"a position that is too big": {append(append([]byte{}, huge...), 1, 1, 0)},
		"a number without an end":    {append(append([]byte{}, huge...), 0xFF, 0xFF)},
		"no clock":                   {{1, 1, 0x80}},
		"durable before 0":           {{1, 12, 0}},
		"a mark of what is to come":  {{1, 0, 0}},
		"a mark with effects":        {{1, 1, 0}, {1, 0, 0, 'x'}},
		"a mark with a clock":        {{1, 1, 0}, {1, 0, 2}},
	} {
		t.Run(what, func(t *testing.T) {
			m, name := vfs.NewMem(), fileName{history, 10, 11}.String()
			put(t, m, name, forged(bodies...))
			got, found, err := replay(t, m, 10)
			require.Len(t, got, len(bodies)-1)
			if err != nil {
				require.ErrorIs(t, err, persist.ErrDamaged)
				return
			}
			require.Positive(t, found.Torn)
		})
	}
	m, name := vfs.NewMem(), fileName{history, 10, 11}.String()
	put(t, m, name, forged([]byte{1, 1, 0}, []byte{1, 0, 0}, []byte{2, 1, 3, 'x'}))
	got, _, err := replay(t, m, 10)
	require.NoError(t, err)
	require.Equal(t, []persist.Record{{Position: 11, Effects: []byte{}}, {Position: 12, Clock: -2, Effects: []byte("x")}}, got)
}

// TestLengthsAreNotBelieved: memory is for what the file has, and not for what it says.
func TestLengthsAreNotBelieved(t *testing.T) {
	body := append([]byte{1, 1, 0}, make([]byte, 64<<20)...)
	b := forged(body)
	b[len(b)-1] ^= 1 // a record that is not whole, of 64 MiB
	m, name := vfs.NewMem(), fileName{history, 10, 11}.String()
	put(t, m, name, b)
	before := allocated()
	got, found, err := replay(t, m, 10)
	require.NoError(t, err)
	require.Empty(t, got)
	require.EqualValues(t, len(b)-headerSize, found.Torn)
	require.Less(t, allocated()-before, uint64(8<<20))
}

// TestWhatLooksLikeRecords to a search ends it, in time.
func TestWhatLooksLikeRecords(t *testing.T) {
	b := forged([]byte{1, 1, 0})
	h, _, _, _ := headerIn(b)
	head := make([]byte, headSize)
	const size = 4 << 20
	binary.LittleEndian.PutUint32(head[8:], size/2)
	binary.LittleEndian.PutUint16(head[12:], check(size/2, h.salt()))
	b = append(b, bytes.Repeat(head, size/headSize)...)
	m, name := vfs.NewMem(), fileName{history, 10, 11}.String()
	put(t, m, name, b)
	_, _, err := replay(t, m, 10)
	require.ErrorContains(t, damage(t, err), "looks like records")
}
