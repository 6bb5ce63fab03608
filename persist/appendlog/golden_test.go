package appendlog

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
)

// sample writes a segment of version 1, with ten records and a mark.
func sample(t *testing.T) (name string, content []byte) {
	t.Helper()
	m := vfs.NewMem()
	l := begin(t, m, Options{}, 1700)
	for at := int64(1701); at <= 1710; at += 5 {
		require.NoError(t, l.Append(records(at, at+4)))
		require.NoError(t, l.Sync())
	}
	require.NoError(t, l.Close())
	name = logs(t, m)[0]
	return name, read(t, m, name)
}

// TestFilesOfVersion1StayReadable reads a file that was written when the format was new. It
// is never written again.
func TestFilesOfVersion1StayReadable(t *testing.T) {
	name, _ := sample(t)
	b, err := os.ReadFile("testdata/version1.rlog")
	require.NoError(t, err)
	m := vfs.NewMem()
	put(t, m, name, b)
	got, found, err := replay(t, m, 1700)
	require.NoError(t, err)
	require.Zero(t, found.Torn)
	require.Equal(t, records(1701, 1710), got)
}

// TestVersion1IsWrittenAsItWas: another layout is another version.
func TestVersion1IsWrittenAsItWas(t *testing.T) {
	_, content := sample(t)
	b, err := os.ReadFile("testdata/version1.rlog")
	require.NoError(t, err)
	require.Equal(t, b, content)
}
