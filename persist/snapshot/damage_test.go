package snapshot

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/require"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/residedb/reside/persist"
)

// TestEveryFlippedBitIsFound flips each bit of a small snapshot.
func TestEveryFlippedBitIsFound(t *testing.T) {
	about, chunks := sample()
	b := written(t, about, chunks, Options{})
	for bit := range len(b) * 8 {
		b[bit/8] ^= 1 << (bit % 8)
		_, got, err := readAll(bytes.NewReader(b), Options{Name: "file"})
		b[bit/8] ^= 1 << (bit % 8)
		d := damage(t, err, "bit %d", bit)
		require.Equal(t, "file", d.File)
		require.LessOrEqual(t, d.Offset, int64(bit/8), "bit %d", bit)
		require.Equal(t, chunks[:len(got)], append([]persist.Chunk{}, got...), "bit %d: what came before it is right", bit)
	}
	verified(t, b)
}

// TestEveryTruncationIsFound cuts a small snapshot off at each byte.
func TestEveryTruncationIsFound(t *testing.T) {
	about, chunks := sample()
	b := written(t, about, chunks, Options{})
	for n := range len(b) {
		_, _, err := readAll(bytes.NewReader(b[:n]), Options{})
		require.EqualValues(t, n, damage(t, err, n).Offset)
	}
}

func TestNothingMayFollow(t *testing.T) {
	about, chunks := sample()
	b := written(t, about, chunks, Options{})
	for _, more := range [][]byte{{0}, b} {
		_, _, err := readAll(bytes.NewReader(append(bytes.Clone(b), more...)), Options{})
		require.EqualValues(t, len(b), damage(t, err).Offset)
	}
}

// frames are the pieces of a stream: prefix, header, chunks, trailer.
func frames(t *testing.T, b []byte) (all [][]byte) {
	t.Helper()
	all = append(all, b[:prefixSize])
	for b = b[prefixSize:]; len(b) > 0; {
		h, why := headIn((*[headSize]byte)(b))
		require.Empty(t, why)
		n := headSize + h.stored
		all = append(all, b[:n])
		b = b[n:]
	}
	return all
}

// TestNoFrameCanBeMoved leaves frames out, doubles them and changes their places.
func TestNoFrameCanBeMoved(t *testing.T) {
	about, chunks := sample()
	all := frames(t, written(t, about, chunks, Options{}))
	require.Len(t, all, 7)
	other := about
	other.Position++
	foreign := frames(t, written(t, other, chunks, Options{}))
	for i := range all {
		for name, changed := range map[string][][]byte{
			"left out": append(append([][]byte{}, all[:i]...), all[i+1:]...),
			"doubled":  append(append([][]byte{}, all[:i+1]...), all[i:]...),
		} {
			_, _, err := readAll(bytes.NewReader(bytes.Join(changed, nil)), Options{})
			isDamage(t, err, "%d %s", i, name)
		}
		for j := range i {
			changed := append([][]byte{}, all...)
			changed[i], changed[j] = changed[j], changed[i]
			_, _, err := readAll(bytes.NewReader(bytes.Join(changed, nil)), Options{})
			isDamage(t, err, "%d and %d", i, j)
		}
	}
	all[1] = foreign[1]
	_, _, err := readAll(bytes.NewReader(bytes.Join(all, nil)), Options{})
	isDamage(t, err, "the header of another snapshot")
}

func TestALaterVersionIsToldFromDamage(t *testing.T) {
	about, chunks := sample()
	b := written(t, about, chunks, Options{})
	copy(b, prefix(version+1))
	_, _, err := readAll(bytes.NewReader(b), Options{Name: "it"})
	require.ErrorIs(t, err, persist.ErrVersion)
	require.NotErrorIs(t, err, persist.ErrDamaged)
	require.ErrorContains(t, err, "it has version 2")
	copy(b, prefix(0))
	_, _, err = readAll(bytes.NewReader(b), Options{})
	isDamage(t, err)
}

func TestOtherFilesAreNoSnapshots(t *testing.T) {
	for name, b := range map[string][]byte{"empty": nil, "short": []byte(magic), "text": []byte("REDIS0011 and so on, and so on"), "zeros": make([]byte, 1<<10)} {
		t.Run(name, func(t *testing.T) {
			_, _, err := readAll(bytes.NewReader(b), Options{})
			isDamage(t, err)
		})
	}
}

// forged is a stream whose checksums are right, but that no writer writes.
func forged(header []byte, frames ...[]byte) []byte {
	b := append(prefix(version), frame(headOf(kindHeader, header), header)...)
	return append(b, bytes.Join(frames, nil)...)
}

// spare is a chunk with something where nothing may be.
func spare(payload string) []byte {
	b := frame(headOf(kindChunk, []byte(payload)), []byte(payload))
	b[3] = 1
	binary.LittleEndian.PutUint64(b[28:], xxhash.Sum64(b[:28]))
	return b
}

func frame(h head, payload []byte) []byte {
	b := h.layout()
	return append(b[:], payload...)
}

// ended is a stream with the trailer that it should have.
func ended(b []byte, t trailer) []byte {
	sum := xxhash.New()
	_, _ = sum.Write(b[:prefixSize])
	for rest := b[prefixSize:]; len(rest) > 0; {
		_, _ = sum.Write(rest[:headSize])
		rest = rest[headSize+binary.LittleEndian.Uint32(rest[12:]):]
	}
	t.sum = sum.Sum64()
	return append(b, frame(headOf(kindTrailer, t.layout()), t.layout())...)
}

// TestForgeriesAreRefused reads what has the right checksums, and is wrong.
func TestForgeriesAreRefused(t *testing.T) {
	good, err := headerOf(persist.Snapshot{Parts: 1, Keys: 1}, "")
	require.NoError(t, err)
	encode := func(v any) []byte {
		b, err := msgpack.Marshal(v)
		require.NoError(t, err)
		return b
	}
	chunk := func(change func(h *head), payload string) []byte {
		h := headOf(kindChunk, []byte(payload))
		change(&h)
		return frame(h, []byte(payload))
	}
	nothing := func(*head) {}
	one := chunk(func(h *head) { h.keys = 1 }, "x")
	require.NoError(t, func() error {
		_, _, err := readAll(bytes.NewReader(ended(forged(good, one), trailer{chunks: 1, keys: 1, effects: 1})), Options{})
		return err
	}(), "the forger knows the format")
	for name, b := range map[string][]byte{
		"no map":            forged([]byte("x")),
		"empty header":      forged(nil),
		"half a header":     forged(good[:len(good)-1]),
		"more than header":  forged(append(bytes.Clone(good), 0)),
		"negative position": forged(encode(header{Position: -1})),
		"negative keys":     forged(encode(header{Keys: -1})),
		"huge parts":        forged(encode(header{Parts: 1 << 40})),
		"long header":       forged(encode(map[string]string{"more": string(make([]byte, maxHeader))})),
		"second header":     forged(good, frame(headOf(kindHeader, good), good)),
		"chunk first":       append(prefix(version), one...),
		"kind":              forged(good, chunk(func(h *head) { h.kind = 'X' }, "x")),
		"coding":            forged(good, chunk(func(h *head) { h.coding = 2 }, "x")),
		"part":              forged(good, chunk(func(h *head) { h.part = 1 }, "x")),
		"part overflow":     forged(good, chunk(func(h *head) { h.part = 1 << 31 }, "x")),
		"two lengths":       forged(good, chunk(func(h *head) { h.raw = 2 }, "x")),
		"no block":          forged(good, chunk(func(h *head) { h.raw, h.coding = 2, packed }, "x")),
		"packed, larger":    forged(good, chunk(func(h *head) { h.raw, h.coding = 1, packed }, "xx")),
		"packed, huge":      forged(good, chunk(func(h *head) { h.raw, h.coding = maxPacked+1, packed }, "xx")),
		"too long":          forged(good, chunk(func(h *head) { h.raw, h.stored = 1<<31, 1<<31 }, "x")),
		"trailer's size":    forged(good, frame(headOf(kindTrailer, make([]byte, 31)), make([]byte, 31))),
		"spare bytes":       forged(good, spare("x")),
		"too few keys":      ended(forged(good, chunk(nothing, "x")), trailer{chunks: 1, effects: 1}),
		"trailer's keys":    ended(forged(good, one), trailer{chunks: 1, keys: 2, effects: 1}),
		"trailer's chunks":  ended(forged(good, one), trailer{chunks: 2, keys: 1, effects: 1}),
		"trailer's bytes":   ended(forged(good, one), trailer{chunks: 1, keys: 1, effects: 2}),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := readAll(bytes.NewReader(b), Options{})
			isDamage(t, err)
		})
	}
}

func TestUnknownFieldsOfTheHeaderArePassedOver(t *testing.T) {
	b, err := msgpack.Marshal(map[string]any{"position": 7, "later": []any{map[string]any{"a": 1}, "b"}})
	require.NoError(t, err)
	about, _, err := readAll(bytes.NewReader(ended(forged(b), trailer{})), Options{})
	require.NoError(t, err)
	require.Equal(t, persist.Snapshot{Position: 7}, about)
}

// TestMemoryIsThatOfWhatIsThere reads a chunk that says it has 2 GiB, and has 2 MiB.
func TestMemoryIsThatOfWhatIsThere(t *testing.T) {
	good, err := headerOf(persist.Snapshot{Parts: 1}, "")
	require.NoError(t, err)
	h := head{kind: kindChunk, stored: MaxChunk, raw: MaxChunk}
	b := forged(good, frame(h, make([]byte, 2<<20)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err = readAll(bytes.NewReader(b), Options{})
	runtime.ReadMemStats(&after)
	require.EqualValues(t, len(b), damage(t, err).Offset)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
}
