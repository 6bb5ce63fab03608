package appendlog

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// offsets are where the records of a segment begin, and its end.
func offsets(t testing.TB, d vfs.FS, name string) (list []int64) {
	t.Helper()
	end := int64(headerSize)
	_, err := Dump(t.Context(), FS(d), name, func(e Entry) error {
		list, end = append(list, e.Offset), e.Offset+e.Size
		return nil
	})
	require.NoError(t, err)
	return append(list, end)
}

// TestEveryFlippedBitIsSeen: as damage, with file and offset, or in the last record as a
// torn tail.
func TestEveryFlippedBitIsSeen(t *testing.T) {
	m := twoSegments(t)
	for i, name := range logs(t, m) {
		content := read(t, m, name)
		starts := offsets(t, m, name)
		for bit := range 8 * len(content) {
			flipped := bytes.Clone(content)
			flipped[bit/8] ^= 1 << (bit % 8)
			d := m.Clone()
			put(t, d, name, flipped)
			got, found, err := replay(t, d, 0)
			require.Equal(t, records(1, int64(len(got))), got, "bit %d: what came before it is right", bit)
			if i == 1 && int64(bit/8) >= starts[9] {
				require.NoError(t, err)
				require.EqualValues(t, 20, found.Lost)
				require.Equal(t, starts[10]-starts[9], found.Torn)
				require.Len(t, got, 19)
				continue
			}
			e := damage(t, err, "bit %d", bit)
			require.Equal(t, name, e.File)
			require.LessOrEqual(t, e.Offset, int64(bit/8))
			require.Equal(t, flipped, read(t, d, name), "nothing is cut off that is damaged")
		}
	}
}

// TestEveryTruncation: at the end of the log that is a torn tail, elsewhere damage.
func TestEveryTruncation(t *testing.T) {
	m := twoSegments(t)
	names := logs(t, m)
	for i, name := range names {
		content := read(t, m, name)
		starts := offsets(t, m, name)
		for n := range len(content) {
			d := m.Clone()
			put(t, d, name, content[:n])
			got, found, err := replay(t, d, 0)
			require.Equal(t, records(1, int64(len(got))), got)
			if i == 0 || n < headerSize {
				e := damage(t, err)
				require.Equal(t, name, e.File)
				require.LessOrEqual(t, e.Offset, int64(n))
				continue
			}
			whole := 0
			for whole < 10 && starts[whole+1] <= int64(n) {
				whole++
			}
			require.NoError(t, err)
			require.Len(t, got, 10+whole)
			require.Equal(t, int64(n)-starts[whole], found.Torn)
			if found.Torn > 0 {
				require.EqualValues(t, 11+whole, found.Lost)
			}
			require.Len(t, read(t, d, name), int(starts[whole]), "it is cut off")
			again, found, err := replay(t, d, 0)
			require.NoError(t, err)
			require.Equal(t, got, again)
			require.Zero(t, found.Torn)
		}
	}
}

// TestAClosedLog has no record that could be torn.
func TestAClosedLog(t *testing.T) {
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 0)
	require.NoError(t, l.Append(records(1, 10)))
	require.NoError(t, l.Sync())
	require.NoError(t, l.Close())
	name := logs(t, m)[0]
	content, mark := read(t, m, name), offsets(t, m, name)[10]
	require.EqualValues(t, len(content), l.Size())
	require.EqualValues(t, headSize+3, l.Size()-mark)
	for at := range content {
		flipped := bytes.Clone(content)
		flipped[at] ^= 4
		d := m.Clone()
		put(t, d, name, flipped)
		got, found, err := replay(t, d, 0)
		if int64(at) < mark {
			require.LessOrEqual(t, damage(t, err).Offset, int64(at))
			continue
		}
		require.NoError(t, err)
		require.Equal(t, records(1, 10), got)
		require.EqualValues(t, headSize+3, found.Torn)
	}
}

// TestTails: what may stand behind the last whole record, where nothing was synced.
func TestTails(t *testing.T) {
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 0)
	require.NoError(t, l.Append(records(1, 10)))
	require.NoError(t, l.Sync())
	require.NoError(t, l.Append(records(11, 15)))
	require.NoError(t, l.Close())
	name := logs(t, m)[0]
	content, starts := read(t, m, name), offsets(t, m, name)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	zeros, noise := make([]byte, 5000), bytes.Repeat([]byte{0xA5, 0x17, 3}, 2000)
	hole := bytes.Clone(content)
	clear(hole[starts[11]+3 : starts[12]])
	synced := bytes.Clone(content)
	clear(synced[starts[9]+3 : starts[10]])
	for _, c := range []struct {
		what    string
		content []byte
		last    int64
		damaged bool
	}{
		{"zeros", join(content, zeros), 15, false},
		{"noise", join(content, noise), 15, false},
		{"zeros and noise", join(content[:starts[12]], zeros, noise), 12, false},
		{"a hole in what was not synced", hole, 11, false},
		{"a hole in what was synced", synced, 9, true},
		{"records again", join(content, content[starts[0]:]), 15, false},
		{"a record of a user's, in a torn one", join(content[:starts[15]], content[starts[2]:starts[3]], zeros), 15, false},
		{"a record is missing that was not synced", join(content[:starts[12]], content[starts[13]:]), 12, false},
		{"a record is missing that was synced", join(content[:starts[8]], content[starts[9]:]), 8, true},
		{"a record is doubled", join(content[:starts[9]], content[starts[8]:]), 9, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			d := m.Clone()
			put(t, d, name, c.content)
			got, found, err := replay(t, d, 0)
			require.Equal(t, records(1, c.last), got)
			if c.damaged {
				require.Equal(t, starts[c.last], damage(t, err).Offset)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.last+1, found.Lost)
			require.Equal(t, int64(len(c.content))-starts[c.last], found.Torn)
		})
	}
}

// TestRecordsOfAnotherFile: what a block of the disk had before is not taken for a record.
func TestRecordsOfAnotherFile(t *testing.T) {
	m := vfs.NewMem()
	for _, h := range []string{history, other} {
		l := Open(m, Options{})
		require.NoError(t, l.Begin(h, 0))
		require.NoError(t, l.Append(records(1, 5)))
		require.NoError(t, l.Close())
	}
	names := logs(t, m)
	first, second := read(t, m, names[0]), read(t, m, names[1])
	at := offsets(t, m, names[0])[3]
	put(t, m, names[1], append(bytes.Clone(second[:at]), first[at:]...))
	got, found, err := replay(t, m, 0)
	require.NoError(t, err)
	require.Equal(t, records(1, 3), got)
	require.EqualValues(t, 4, found.Lost)
}

// TestMissingSegments: a file that is not there is missed.
func TestMissingSegments(t *testing.T) {
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 0)
	for at := int64(0); at < 30; at += 10 {
		require.NoError(t, l.Append(records(at+1, at+10)))
		require.NoError(t, l.Begin(history, at+10))
	}
	require.NoError(t, l.Close())
	names := logs(t, m)
	d := m.Clone()
	require.NoError(t, d.Remove(names[0]))
	_, _, err := replay(t, d, 0)
	require.ErrorIs(t, err, persist.ErrGap)
	_, _, err = replay(t, d, 10)
	require.NoError(t, err)

	d = m.Clone()
	require.NoError(t, d.Remove(names[1]))
	got, _, err := replay(t, d, 0)
	e := damage(t, err)
	require.Equal(t, names[0], e.File)
	require.EqualValues(t, len(read(t, d, names[0])), e.Offset)
	require.Equal(t, records(1, 10), got)
	_, _, err = replay(t, d, 20)
	require.NoError(t, err)
}

// TestTheWrongName: a file is what its header says.
func TestTheWrongName(t *testing.T) {
	for _, n := range []fileName{{history, 10, 12}, {history, 11, 11}, {other, 10, 11}} {
		m := twoSegments(t)
		require.NoError(t, m.Rename(logs(t, m)[1], n.String()))
		_, _, err := replay(t, m, 11)
		require.Equal(t, n.String(), damage(t, err).File)
	}
}

func TestALaterVersionIsToldFromDamage(t *testing.T) {
	m := twoSegments(t)
	name := logs(t, m)[1]
	b := read(t, m, name)
	binary.LittleEndian.PutUint16(b[len(magic):], version+1)
	binary.LittleEndian.PutUint64(b[8:], xxhash.Sum64(b[:8]))
	put(t, m, name, b)
	_, _, err := replayWith(t, m, 0, Options{Repair: true})
	require.ErrorIs(t, err, persist.ErrVersion)
	require.ErrorContains(t, err, "version 2")
	require.NotErrorIs(t, err, persist.ErrDamaged)
	require.Equal(t, b, read(t, m, name), "repair leaves it as it is")
}

// TestAnOldTornTailDoesNotMatter: after a disk failure the old segment ends anywhere, and
// the next one begins at a snapshot's position.
func TestAnOldTornTailDoesNotMatter(t *testing.T) {
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 0)
	appendSynced(t, l, records(1, 10))
	require.NoError(t, l.Begin(history, 20))
	appendSynced(t, l, records(21, 30))
	require.NoError(t, l.Close())
	name := logs(t, m)[0]
	put(t, m, name, append(read(t, m, name), 1, 2, 3))
	for _, after := range []int64{20, 25, 30} {
		got, found, err := replay(t, m, after)
		require.NoError(t, err)
		require.Equal(t, records(after+1, 30), got)
		require.Zero(t, found.Torn)
	}
	_, _, err := replay(t, m, 19)
	require.Equal(t, name, damage(t, err).File)
}
