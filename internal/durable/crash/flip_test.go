package crash

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// TestEveryFlippedBit of a directory with a snapshot and a log of two segments: opening
// fails with the file and an offset, or the last record was it and is reported as a torn
// tail. What is opened is always what was there at its position. The short version flips
// one bit of each byte.
func TestEveryFlippedBit(t *testing.T) {
	w := newWorld(t, durable.Options{Policy: durable.Always})
	w.open()
	for c := range change(3) {
		require.NoError(t, w.write(t.Context(), c))
	}
	require.NoError(t, w.store.keeper.Save(t.Context()))
	for c := range change(8) {
		require.NoError(t, w.write(t.Context(), 3+c))
	}
	last := w.store.Position()
	left := w.disk.Clone().Kill()
	names, err := left.List()
	require.NoError(t, err)
	require.Len(t, names, 2)
	torn := 0
	for _, name := range names {
		content := readFile(t, left, name)
		for at := range content {
			for bit := range 8 {
				if *long || bit == at%8 {
					torn += w.flip(left.Clone(), name, content, 8*at+bit, last)
				}
			}
		}
	}
	require.Positive(t, torn, "the last record looks like a torn tail")
	require.NoError(t, w.store.close())
	w.past.close()
}

// flip opens a directory with one bit flipped, and returns 1 if the end of the log was
// taken for torn.
func (w *world) flip(d *vfs.Mem, name string, content []byte, bit int, last int64) (torn int) {
	w.t.Helper()
	content[bit/8] ^= 1 << (bit % 8)
	replaceFile(w.t, d, name, content)
	content[bit/8] ^= 1 << (bit % 8)
	s, err := open(w.t.Context(), d, w.o, w.clock)
	if err != nil {
		var damage *persist.DamageError
		require.ErrorAs(w.t, err, &damage, "bit %d of %s", bit, name)
		require.Equal(w.t, name, damage.File)
		require.LessOrEqual(w.t, damage.Offset, int64(bit/8), "it is known no later")
		return 0
	}
	found := s.keeper.Found().Log
	require.Positive(w.t, found.Torn, "bit %d of %s was not seen", bit, name)
	require.Equal(w.t, last, found.Lost, "only the last record can be torn")
	require.Equal(w.t, last-1, s.Position())
	w.check(s, last-1)
	require.NoError(w.t, s.close())
	return 1
}

func readFile(t testing.TB, d vfs.FS, name string) []byte {
	f, err := d.Open(name)
	require.NoError(t, err)
	b, err := io.ReadAll(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return b
}

func replaceFile(t testing.TB, d vfs.FS, name string, b []byte) {
	require.NoError(t, d.Remove(name))
	f, err := d.Create(name)
	require.NoError(t, err)
	_, err = f.Write(b)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}
