package snapshot

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/persisttest"
)

func TestDirectoryInMemory(t *testing.T) {
	d := vfs.NewMem()
	persisttest.TestSnapshotter(t, func() persist.Snapshotter { return Dir(d, Options{}) })
}

func TestDirectoryOnDisk(t *testing.T) {
	dir := t.TempDir()
	persisttest.TestSnapshotter(t, func() persist.Snapshotter {
		d, err := At(dir, Options{Keep: 3})
		require.NoError(t, err)
		return d
	})
	file := filepath.Join(dir, names(t, onDisk(t, dir).fs)[0])
	_, err := At(file, Options{})
	require.Error(t, err, "it is no directory")
}

// save makes a snapshot at a position, with the sample's content.
func save(t testing.TB, d *Directory, position int64) {
	t.Helper()
	require.NoError(t, trySave(d, position))
}

func trySave(d *Directory, position int64) error {
	about, chunks := sample()
	about.Position = position
	w, err := d.Create(context.Background(), about)
	if err != nil {
		return err
	}
	for _, c := range chunks {
		if err := w.Write(c); err != nil {
			_ = w.Abort()
			return err
		}
	}
	return w.Commit()
}

// find reads the newest snapshot, which has the sample's content, and returns its
// position.
func find(t testing.TB, d *Directory) int64 {
	t.Helper()
	r, err := d.Open(context.Background())
	require.NoError(t, err)
	wantAbout, want := sample()
	wantAbout.Position = r.About().Position
	require.Equal(t, wantAbout, r.About())
	for _, w := range want {
		c, err := r.Next()
		require.NoError(t, err)
		require.Equal(t, w, c)
	}
	_, err = r.Next()
	require.EqualError(t, err, "EOF")
	require.NoError(t, r.Close())
	return r.About().Position
}

func names(t testing.TB, d vfs.FS) []string {
	t.Helper()
	all, err := d.List()
	require.NoError(t, err)
	return all
}

func put(t testing.TB, d vfs.FS, name string, content []byte) {
	t.Helper()
	f, err := d.Create(name)
	require.NoError(t, err)
	_, err = f.Write(content)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

func TestNames(t *testing.T) {
	n := fileName{7, 1700, false}
	require.Equal(t, "snapshot-0000000007-00000000000000001700.rsnap", n.String())
	for s, want := range map[string]fileName{
		n.String():          n,
		n.String() + ".tmp": {7, 1700, true},
		"snapshot-9999999999-09223372036854775807.rsnap": {9999999999, 1<<63 - 1, false},
	} {
		got, ok := parseName(s)
		require.True(t, ok, s)
		require.Equal(t, want, got)
	}
	for _, s := range []string{
		"", "LOCK", "log-00000000000000000001.rlog", ".tmp", "snapshot-", "snapshot-7-1700.rsnap",
		"snapshot-0000000007-00000000000000001700", "snapshot-0000000007-00000000000000001700.rsnap.tmp.tmp",
		"snapshot-000000000x-00000000000000001700.rsnap", "snapshot-0000000007-000000000000-0001700.rsnap",
		"snapshot--000000007-00000000000000001700.rsnap", "snapshot-0000000007-99999999999999999999.rsnap",
	} {
		_, ok := parseName(s)
		require.False(t, ok, s)
	}
}

func TestOlderOnesAreRemoved(t *testing.T) {
	for keep, want := range map[int][]string{
		0: {"snapshot-0000000004-00000000000000000040.rsnap"},
		1: {"snapshot-0000000004-00000000000000000040.rsnap"},
		3: {"snapshot-0000000002-00000000000000000020.rsnap", "snapshot-0000000003-00000000000000000030.rsnap", "snapshot-0000000004-00000000000000000040.rsnap"},
	} {
		m := vfs.NewMem()
		put(t, m, "another's", nil)
		for i := range 4 {
			save(t, Dir(m, Options{Keep: keep}), int64(10*i+10))
		}
		require.Equal(t, append([]string{"another's"}, want...), names(t, m))
	}
}

func TestLeftoversAreRemoved(t *testing.T) {
	for name, next := range map[string]func(*Directory) error{
		"create": func(d *Directory) error {
			w, err := d.Create(context.Background(), persist.Snapshot{})
			if err != nil {
				return err
			}
			return w.Abort()
		},
		"open": func(d *Directory) error {
			r, err := d.Open(context.Background())
			if err != nil {
				return err
			}
			return r.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := vfs.NewMem()
			save(t, Dir(m, Options{}), 10)
			had := names(t, m)
			about, _ := sample()
			d := Dir(m, Options{})
			_, err := d.Create(t.Context(), about)
			require.NoError(t, err)
			files, err := d.List()
			require.NoError(t, err)
			require.Len(t, files, 2)
			require.True(t, files[1].Unfinished)
			require.EqualValues(t, 10, find(t, d), "its own writer's file is no leftover")
			require.Len(t, names(t, m), 2)
			require.NoError(t, next(Dir(m, Options{})))
			require.Equal(t, had, names(t, m))
		})
	}
}

func TestAbortRemovesTheFile(t *testing.T) {
	m := vfs.NewMem()
	d := Dir(m, Options{})
	about, chunks := sample()
	w, err := d.Create(t.Context(), about)
	require.NoError(t, err)
	require.NoError(t, w.Write(chunks[0]))
	require.NoError(t, w.Abort())
	require.NoError(t, w.Abort())
	require.ErrorIs(t, w.Write(chunks[0]), fs.ErrClosed)
	require.ErrorIs(t, w.Commit(), fs.ErrClosed)
	require.Empty(t, names(t, m))
	_, err = d.Create(t.Context(), persist.Snapshot{Position: -1})
	require.ErrorIs(t, err, ErrInvalid)
	require.Empty(t, names(t, m))
}

func TestList(t *testing.T) {
	m := vfs.NewMem()
	d := Dir(m, Options{Keep: 2})
	files, err := d.List()
	require.NoError(t, err)
	require.Empty(t, files)
	put(t, m, "another's", nil)
	save(t, d, 300)
	save(t, d, 200)
	put(t, m, "snapshot-0000000001-00000000000000000001.rsnap.tmp", []byte("12345"))
	files, err = d.List()
	require.NoError(t, err)
	size := files[1].Size
	require.Equal(t, []File{
		{"snapshot-0000000001-00000000000000000001.rsnap.tmp", 1, 1, 5, true},
		{"snapshot-0000000001-00000000000000000300.rsnap", 1, 300, size, false},
		{"snapshot-0000000002-00000000000000000200.rsnap", 2, 200, size, false},
	}, files)
	report, err := d.Verify(t.Context(), files[1].Name)
	require.NoError(t, err)
	require.EqualValues(t, 300, report.About.Position)
	require.Equal(t, size, report.Counts.Bytes)
	r, err := d.OpenFile(t.Context(), files[1].Name)
	require.NoError(t, err)
	require.Equal(t, size, r.Size())
	require.NoError(t, r.Close())
	_, err = d.OpenFile(t.Context(), "snapshot-none")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Len(t, names(t, m), 4, "to look changes nothing")
}

// TestDamageOfTheNewestIsAnError: an older one is not taken for it.
func TestDamageOfTheNewestIsAnError(t *testing.T) {
	m := vfs.NewMem()
	d := Dir(m, Options{Keep: 2})
	save(t, d, 10)
	save(t, d, 20)
	name := names(t, m)[1]
	f, err := m.Open(name)
	require.NoError(t, err)
	size, err := f.Size()
	require.NoError(t, err)
	for _, left := range []int64{size - 1, 20, 0} {
		require.NoError(t, f.Truncate(left))
		_, err = d.Verify(t.Context(), name)
		found := damage(t, err)
		require.Equal(t, name, found.File)
		require.Equal(t, left, found.Offset)
	}
	require.NoError(t, f.Close())
	_, err = d.Open(t.Context())
	isDamage(t, err)
	require.Len(t, names(t, m), 2)
}

func TestANameThatIsNotThatOfTheFileIsDamage(t *testing.T) {
	m := vfs.NewMem()
	d := Dir(m, Options{})
	save(t, d, 10)
	require.NoError(t, m.Rename(names(t, m)[0], fileName{2, 20, false}.String()))
	_, err := d.Open(t.Context())
	isDamage(t, err)
}

// TestAReadingGoesOnWhenTheSnapshotIsReplaced reads what has no name any more.
func TestAReadingGoesOnWhenTheSnapshotIsReplaced(t *testing.T) {
	for name, d := range map[string]*Directory{"memory": Dir(vfs.NewMem(), Options{}), "disk": onDisk(t, t.TempDir())} {
		t.Run(name, func(t *testing.T) {
			save(t, d, 10)
			r, err := d.Open(t.Context())
			require.NoError(t, err)
			save(t, d, 20)
			require.NoError(t, r.(*FileReader).drain(t.Context()))
			require.NoError(t, r.Close())
			require.EqualValues(t, 20, find(t, d))
		})
	}
}

func onDisk(t testing.TB, dir string) *Directory {
	d, err := At(dir, Options{})
	require.NoError(t, err)
	return d
}

// TestManySnapshotsAtOnce: the newest is the one that was committed last, whenever it
// was begun.
func TestManySnapshotsAtOnce(t *testing.T) {
	d := Dir(vfs.NewMem(), Options{})
	first, err := d.Create(t.Context(), persist.Snapshot{Position: 10})
	require.NoError(t, err)
	second, err := d.Create(t.Context(), persist.Snapshot{Position: 20})
	require.NoError(t, err)
	require.NoError(t, second.Commit())
	require.NoError(t, first.Commit())
	r, err := d.Open(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 10, r.About().Position)
	require.NoError(t, r.Close())
}
