package appendlog

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

func TestVerify(t *testing.T) {
	m := threeSegments(t)
	names := logs(t, m)
	reports, err := Verify(t.Context(), FS(m), history, 0)
	require.NoError(t, err)
	require.Len(t, reports, 3)
	for i, r := range reports {
		from := int64(i * 10)
		durable := from + 10 // as the next one begins there
		if i == 2 {
			durable-- // nothing says so of the last record
		}
		require.Equal(t, Report{
			Name: names[i], History: history, Position: from, Last: from + 10, Durable: durable, Records: 10, Bytes: int64(len(read(t, m, names[i]))),
			First: record(from + 1).Clock, Latest: record(from + 10).Clock,
		}, r)
	}
	_, err = Verify(t.Context(), FS(m), other, 0)
	require.ErrorIs(t, err, persist.ErrHistory)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Verify(ctx, FS(m), history, 0)
	require.ErrorIs(t, err, context.Canceled)
}

// TestVerifySaysWhatReplaySays for every kind of trouble, and changes nothing.
func TestVerifySaysWhatReplaySays(t *testing.T) {
	for _, c := range []struct {
		what  string
		spoil func(m *vfs.Mem, names []string)
	}{
		{"nothing", func(*vfs.Mem, []string) {}},
		{"a flipped bit", func(m *vfs.Mem, names []string) {
			b := read(t, m, names[1])
			b[200] ^= 1
			put(t, m, names[1], b)
		}},
		{"a damaged header", func(m *vfs.Mem, names []string) {
			b := read(t, m, names[1])
			b[20] ^= 1
			put(t, m, names[1], b)
		}},
		{"a torn tail", func(m *vfs.Mem, names []string) {
			b := read(t, m, names[2])
			put(t, m, names[2], b[:len(b)-3])
		}},
		{"no first segment", func(m *vfs.Mem, names []string) { require.NoError(t, m.Remove(names[0])) }},
		{"no second segment", func(m *vfs.Mem, names []string) { require.NoError(t, m.Remove(names[1])) }},
		{"a first segment that ends early", func(m *vfs.Mem, names []string) {
			put(t, m, names[0], read(t, m, names[0])[:offsets(t, m, names[0])[5]])
		}},
		{"nothing at all", func(m *vfs.Mem, names []string) {
			for _, s := range names {
				require.NoError(t, m.Remove(s))
			}
		}},
	} {
		for _, after := range []int64{0, 10, 15, 20} {
			m := threeSegments(t)
			names := logs(t, m)
			c.spoil(m, names)
			before := map[string][]byte{}
			for _, s := range logs(t, m) {
				before[s] = read(t, m, s)
			}
			reports, verr := Verify(t.Context(), FS(m), history, after)
			require.Len(t, reports, len(before))
			for s, b := range before {
				require.Equal(t, b, read(t, m, s))
			}
			_, found, err := replay(t, m, after)
			require.Equal(t, err, verr, "%s, after %d", c.what, after)
			if err == nil && len(reports) > 0 {
				last := reports[len(reports)-1]
				require.Equal(t, found.Position, max(last.Last, after))
				require.Equal(t, found.Torn, last.Torn)
			}
		}
	}
}

// TestDump lists the records of a file on a real disk, with their places.
func TestDump(t *testing.T) {
	dir := t.TempDir()
	d, err := vfs.OS(dir)
	require.NoError(t, err)
	l := begin(t, d, Options{}, 0)
	require.NoError(t, l.Append(records(1, 50)))
	name := logs(t, d)[0]
	content := read(t, d, name)
	next, at := int64(headerSize), int64(0)
	report, err := Dump(t.Context(), os.DirFS(dir), name, func(e Entry) error {
		at++
		require.Equal(t, record(at), e.Record)
		require.Equal(t, next, e.Offset)
		next += e.Size
		require.Contains(t, string(content[e.Offset:next]), string(e.Effects))
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, len(content), next)
	require.EqualValues(t, 50, report.Records)
	errNo := errors.New("no")
	_, err = Dump(t.Context(), os.DirFS(dir), name, func(Entry) error { return errNo })
	require.ErrorIs(t, err, errNo)
	_, err = Dump(t.Context(), os.DirFS(dir), "LOCK", nil)
	require.ErrorIs(t, err, ErrInvalid)
	_, err = Dump(t.Context(), os.DirFS(dir), fileName{history, 3, 4}.String(), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}
