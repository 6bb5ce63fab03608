package store_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/rdb"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// filled is a store with keys of all types in two databases, one of them long.
func filled(t testing.TB) *store.Store {
	s := store.New(store.Options{})
	t.Cleanup(func() { _ = s.Close() })
	ctx := t.Context()
	for i := range 200 {
		require.NoError(t, types.NewString[string](s, fmt.Sprint("user:", i)).Set(ctx, strings.Repeat("v", i)))
	}
	_, err := types.NewList[string](s, "list").PushBack(ctx, "a", "b")
	require.NoError(t, err)
	h := types.NewHash[string, string](s.Select(3), "hash")
	for i := range 9000 {
		_, err := h.Set(ctx, fmt.Sprint("field ", i), "value")
		require.NoError(t, err)
	}
	_, err = types.NewSet[int](s.Select(3), "set").Add(ctx, 1, 2, 3)
	require.NoError(t, err)
	_, err = s.ExpireAt(ctx, "list", time.UnixMilli(4_000_000_000_000))
	require.NoError(t, err)
	return s
}

func exported(t testing.TB, s *store.Store, o store.ExportOptions) ([]byte, rdb.Report) {
	var b bytes.Buffer
	report, err := s.Export(t.Context(), &b, o)
	require.NoError(t, err)
	require.EqualValues(t, b.Len(), report.Bytes)
	return b.Bytes(), report
}

func digestOf(t testing.TB, s *store.Store) string {
	d, err := s.Digest(t.Context())
	require.NoError(t, err)
	return d
}

func TestExportAndImport(t *testing.T) {
	s := filled(t)
	b, report := exported(t, s, store.ExportOptions{})
	require.EqualValues(t, 203, report.Keys)
	require.Equal(t, 9, report.Version)
	for name, to := range map[string]func() *store.Store{
		"empty": func() *store.Store { return store.New(store.Options{}) },
		"on disk": func() *store.Store {
			s, err := store.Open(t.TempDir(), store.Options{Durability: store.Durability{Sync: store.SyncAlways}})
			require.NoError(t, err)
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			other := to()
			defer func() { _ = other.Close() }()
			var told []int64
			in, err := other.Import(t.Context(), bytes.NewReader(b), store.ImportOptions{Progress: func(r rdb.Report) { told = append(told, r.Bytes) }})
			require.NoError(t, err)
			require.EqualValues(t, 203, in.Keys)
			require.Zero(t, in.Kept)
			require.EqualValues(t, len(b), told[len(told)-1])
			require.Equal(t, digestOf(t, s), digestOf(t, other))
		})
	}
}

// TestImportIsKept: what was imported is in the log.
func TestImportIsKept(t *testing.T) {
	b, _ := exported(t, filled(t), store.ExportOptions{})
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{})
	require.NoError(t, err)
	require.NoError(t, types.NewString[string](s, "before").Set(t.Context(), "x"))
	_, err = s.Import(t.Context(), bytes.NewReader(b), store.ImportOptions{})
	require.NoError(t, err)
	want := digestOf(t, s)
	require.NoError(t, s.Close())
	again, err := store.Open(dir, store.Options{})
	require.NoError(t, err)
	defer func() { _ = again.Close() }()
	require.Equal(t, want, digestOf(t, again))
	n, err := again.Len(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 202, n)
}

func TestImportBesideOtherKeys(t *testing.T) {
	b, _ := exported(t, filled(t), store.ExportOptions{})
	get := func(s *store.Store, key string) string {
		v, _, err := types.NewString[string](s, key).Get(t.Context())
		require.NoError(t, err)
		return v
	}
	for _, c := range []struct {
		o           store.ImportOptions
		user3, mine string
		kept        int64
	}{
		{store.ImportOptions{}, "vvv", "mine", 0},
		{store.ImportOptions{KeepExisting: true}, "other", "mine", 1},
		{store.ImportOptions{Replace: true}, "vvv", "", 0},
	} {
		s := store.New(store.Options{})
		defer func() { _ = s.Close() }()
		require.NoError(t, types.NewString[string](s, "mine").Set(t.Context(), "mine"))
		require.NoError(t, types.NewString[string](s, "user:3").Set(t.Context(), "other"))
		report, err := s.Import(t.Context(), bytes.NewReader(b), c.o)
		require.NoError(t, err)
		require.Equal(t, c.kept, report.Kept)
		require.Equal(t, c.user3, get(s, "user:3"))
		require.Equal(t, c.mine, get(s, "mine"))
		require.Equal(t, "vvvv", get(s, "user:4"))
	}
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	_, err := s.Import(t.Context(), bytes.NewReader(b), store.ImportOptions{Replace: true, KeepExisting: true})
	require.ErrorIs(t, err, store.ErrOptions)
}

func TestSelection(t *testing.T) {
	s := filled(t)
	all, _ := exported(t, s, store.ExportOptions{})
	for _, c := range []struct {
		of   store.Selection
		keys int64
	}{
		{store.Selection{Match: "user:1?"}, 10},
		{store.Selection{Types: []store.Type{"hash", "list"}}, 2},
		{store.Selection{Match: "*s*", Types: []store.Type{"set", "string", "hash"}}, 202},
		{store.Selection{Match: "nothing"}, 0},
	} {
		b, report := exported(t, s, store.ExportOptions{Selection: c.of})
		require.Equal(t, c.keys, report.Keys)
		require.Equal(t, 203-c.keys, report.Left)
		one, other := store.New(store.Options{}), store.New(store.Options{})
		in, err := one.Import(t.Context(), bytes.NewReader(all), store.ImportOptions{Selection: c.of})
		require.NoError(t, err)
		require.Equal(t, c.keys, in.Keys)
		_, err = other.Import(t.Context(), bytes.NewReader(b), store.ImportOptions{})
		require.NoError(t, err)
		require.Equal(t, digestOf(t, one), digestOf(t, other))
		require.NoError(t, one.Close())
		require.NoError(t, other.Close())
	}
	_, err := s.Export(t.Context(), new(bytes.Buffer), store.ExportOptions{Selection: store.Selection{Types: []store.Type{"table"}}})
	require.ErrorIs(t, err, store.ErrOptions)
}

// TestImportOfDamage changes nothing, and says where it is.
func TestImportOfDamage(t *testing.T) {
	b, _ := exported(t, filled(t), store.ExportOptions{})
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	require.NoError(t, types.NewString[string](s, "mine").Set(t.Context(), "mine"))
	want := digestOf(t, s)
	b[len(b)/2] ^= 1
	_, err := s.Import(t.Context(), bytes.NewReader(b), store.ImportOptions{})
	require.Error(t, err)
	require.Equal(t, want, digestOf(t, s))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b[len(b)/2] ^= 1
	_, err = s.Import(ctx, bytes.NewReader(b), store.ImportOptions{})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, want, digestOf(t, s))

	twice := []byte("REDIS0004\xfe\x00\x02\x03set\x02\x01a\x01a\xff")
	_, err = s.Import(t.Context(), bytes.NewReader(twice), store.ImportOptions{})
	require.ErrorContains(t, err, `"set"`)
	require.ErrorContains(t, err, "offset 11")
	require.ErrorIs(t, err, persist.ErrDamaged)
	require.Equal(t, want, digestOf(t, s))
}
