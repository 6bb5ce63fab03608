package snapshot

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFilesOfVersion1StayReadable reads files that were written when the format was
// new. They are never written again.
func TestFilesOfVersion1StayReadable(t *testing.T) {
	about, chunks := sample()
	for _, name := range []string{"version1.rsnap", "version1-uncompressed.rsnap"} {
		b, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		gotAbout, got, err := readAll(bytes.NewReader(b), Options{})
		require.NoError(t, err)
		require.Equal(t, about, gotAbout)
		require.Equal(t, chunks, got)
	}
}

// TestVersion1IsWrittenAsItWas: another layout is another version.
func TestVersion1IsWrittenAsItWas(t *testing.T) {
	about, chunks := sample()
	b, err := os.ReadFile("testdata/version1-uncompressed.rsnap")
	require.NoError(t, err)
	require.Equal(t, b, written(t, about, chunks, Options{Uncompressed: true, Creator: "a test"}))
}
