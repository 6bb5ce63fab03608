package snapshot

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/residedb/reside/persist"
)

// TestMain holds every test to leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDisk = errors.New("the disk is broken")

// sample is a small snapshot: a plain chunk, a packed one, an empty one.
func sample() (persist.Snapshot, []persist.Chunk) {
	about := persist.Snapshot{
		History:   "0123456789abcdef0123456789abcdef",
		Position:  1700,
		Clock:     1_700_000_000_123,
		Databases: 16,
		Keys:      7,
		Parts:     3,
	}
	return about, []persist.Chunk{
		{Part: 0, Keys: 3, Effects: []byte("the first chunk")},
		{Part: 2, Keys: 4, Effects: bytes.Repeat([]byte("compressible "), 100)},
		{Part: 0},
		{Part: 0, Keys: 0, Effects: []byte("the first chunk, too")},
	}
}

// written is the stream of a snapshot.
func written(t testing.TB, about persist.Snapshot, chunks []persist.Chunk, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, about, o)
	require.NoError(t, err)
	for _, c := range chunks {
		require.NoError(t, w.Write(c))
	}
	require.NoError(t, w.Close())
	require.EqualValues(t, b.Len(), w.Counts().Bytes)
	return b.Bytes()
}

// readAll reads a stream to its end or to an error, which is nil at the end.
func readAll(from io.Reader, o Options) (about persist.Snapshot, chunks []persist.Chunk, err error) {
	r, err := NewReader(from, o)
	if err != nil {
		return about, nil, err
	}
	for {
		c, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.About(), chunks, nil
		}
		if err != nil {
			return r.About(), chunks, err
		}
		chunks = append(chunks, c)
	}
}

// damage is the error as a *persist.DamageError, which it has to be.
func damage(t testing.TB, err error, info ...any) *persist.DamageError {
	t.Helper()
	var d *persist.DamageError
	require.ErrorAs(t, err, &d, info...)
	require.ErrorIs(t, err, persist.ErrDamaged)
	return d
}

func isDamage(t testing.TB, err error, info ...any) {
	t.Helper()
	_ = damage(t, err, info...)
}

func verified(t testing.TB, b []byte) Report {
	t.Helper()
	report, err := Verify(context.Background(), bytes.NewReader(b), Options{})
	require.NoError(t, err)
	return report
}
