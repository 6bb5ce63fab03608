package resp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

func TestParseSave(t *testing.T) {
	rules, err := resp.ParseSave("3600 1 300 100")
	require.NoError(t, err)
	require.Equal(t, []store.SaveRule{{After: time.Hour, Changes: 1}, {After: 5 * time.Minute, Changes: 100}}, rules)
	rules, err = resp.ParseSave("")
	require.NoError(t, err)
	require.Equal(t, []store.SaveRule{}, rules, "none, which is not the default")
	for _, bad := range []string{"3600", "0 1", "1 -1", "a b", "1 2 3"} {
		_, err = resp.ParseSave(bad)
		require.ErrorContains(t, err, bad)
	}
}

func TestSyncHasANameOfRedis(t *testing.T) {
	for name, want := range map[string]store.Sync{"everysec": store.SyncEverySecond, "always": store.SyncAlways, "no": store.SyncNever} {
		var got store.Sync
		require.NoError(t, got.UnmarshalText([]byte(name)))
		require.Equal(t, want, got)
		text, err := want.MarshalText()
		require.NoError(t, err)
		require.Equal(t, name, string(text))
	}
	got := store.SyncAlways
	require.ErrorContains(t, got.UnmarshalText([]byte("sometimes")), "sometimes")
	require.Equal(t, store.SyncAlways, got)
}
