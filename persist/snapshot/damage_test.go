package snapshot

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/s2"
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
	h := headOf(kindChunk, []byte(payload))
	h.keys = 1
	b := frame(h, []byte(payload))
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
	// whole has a chunk of one key, and the trailer that fits.
	whole := func(header []byte, chunk []byte) []byte {
		h, _ := headIn((*[headSize]byte)(chunk))
		return ended(forged(header, chunk), trailer{chunks: 1, keys: 1, effects: int64(h.raw)})
	}
	chunk := func(payload string, change func(h *head)) []byte {
		h := headOf(kindChunk, []byte(payload))
		h.keys = 1
		change(&h)
		return frame(h, []byte(payload))
	}
	one := chunk("x", func(*head) {})
	_, _, err = readAll(bytes.NewReader(whole(good, one)), Options{})
	require.NoError(t, err, "the forger knows the format")

	long := encode(map[string]any{"parts": 1, "keys": 1, "more": string(make([]byte, maxHeader))})
	block := string(s2.Encode(nil, make([]byte, maxPacked+1)))
	magicless := whole(good, one)
	magicless[0]++
	for name, c := range map[string]struct {
		b      []byte
		reason string
	}{
		"magic":             {mend(magicless), "does not begin as a snapshot does"},
		"version":           {mend(append(prefix(0), whole(good, one)[prefixSize:]...)), "no version 0"},
		"no map":            {whole([]byte("x"), one), "malformed"},
		"empty header":      {whole(nil, one), "malformed"},
		"half a header":     {whole(good[:len(good)-1], one), "malformed"},
		"more than header":  {whole(append(bytes.Clone(good), 0), one), "something behind it"},
		"negative position": {whole(encode(header{Position: -1}), one), "the position is -1"},
		"negative keys":     {whole(encode(header{Keys: -1}), one), "there are -1 keys"},
		"huge parts":        {whole(encode(header{Parts: 1 << 40}), one), "parts"},
		"huge databases":    {whole(encode(header{Databases: 1 << 40}), one), "databases"},
		"long header":       {whole(long, one), "there is no header"},
		"header's kind":     {mend(append(prefix(version), append(chunk(string(good), func(*head) {}), whole(good, one)[prefixSize+headSize+len(good):]...)...)), "there is no header"},
		"second header":     {whole(good, frame(headOf(kindHeader, good), good)), "unknown kind"},
		"kind":              {whole(good, chunk("x", func(h *head) { h.kind = 'X' })), "unknown kind"},
		"coding":            {whole(good, chunk("x", func(h *head) { h.coding = 2 })), "unknown coding"},
		"spare bytes":       {whole(good, spare("x")), "something that is not known"},
		"part":              {whole(good, chunk("x", func(h *head) { h.part = 1 })), "part 1 of 1"},
		"part overflow":     {whole(good, chunk("x", func(h *head) { h.part = 1 << 31 })), "part 2147483648 of 1"},
		"two lengths":       {whole(good, chunk("x", func(h *head) { h.raw = 2 })), "two lengths"},
		"no block":          {whole(good, chunk("x", func(h *head) { h.raw, h.coding = 2, packed })), "cannot be unpacked"},
		"packed, larger":    {whole(good, chunk("\x01\x00x", func(h *head) { h.raw, h.coding = 1, packed })), "not smaller"},
		"packed, huge":      {whole(good, chunk(block, func(h *head) { h.raw, h.coding = maxPacked+1, packed })), "not smaller"},
		"too long":          {forged(good, chunk("x", func(h *head) { h.raw, h.stored = 1<<31, 1<<31 })), "a frame of 2147483648 bytes"},
		"trailer's size":    {forged(good, one, frame(headOf(kindTrailer, make([]byte, 31)), make([]byte, 31))), "trailer of another size"},
		"too few keys":      {ended(forged(good, chunk("x", func(h *head) { h.keys = 0 })), trailer{chunks: 1, effects: 1}), "0 keys, and should have 1"},
		"trailer's keys":    {ended(forged(good, one), trailer{chunks: 1, keys: 2, effects: 1}), "chunks are missing"},
		"trailer's chunks":  {ended(forged(good, one), trailer{chunks: 2, keys: 1, effects: 1}), "chunks are missing"},
		"trailer's bytes":   {ended(forged(good, one), trailer{chunks: 1, keys: 1, effects: 2}), "chunks are missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := readAll(bytes.NewReader(c.b), Options{})
			require.Contains(t, damage(t, err).Reason, c.reason)
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
