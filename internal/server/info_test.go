package server

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/script"
)

// TestInfoPersistenceHasRedisFields compares the names of the fields, in their order, with
// those of a real server: without a log, with one, and with a snapshot and a rewriting.
func TestInfoPersistenceHasRedisFields(t *testing.T) {
	redis, err := script.Dial(script.StartRedis(t), 2)
	require.NoError(t, err)
	defer redis.Close()
	_, addr := startKept(t, durable.Options{LogOff: true})
	own, err := script.Dial(addr, 2)
	require.NoError(t, err)
	defer own.Close()
	both := func(words ...string) (want, got string) {
		t.Helper()
		a, err := redis.Do(words...)
		require.NoError(t, err)
		b, err := own.Do(words...)
		require.NoError(t, err)
		return a.Text, b.Text
	}
	for _, line := range []string{"SET k v", "CONFIG SET appendonly yes", "SAVE", "CONFIG SET appendonly no"} {
		both(strings.Fields(line)...)
		want, got := both("INFO", "persistence")
		require.Equal(t, fieldsOf(want), fieldsOf(got), line)
		require.Greater(t, len(fieldsOf(got)), 20)
	}
}

func fieldsOf(info string) (names []string) {
	for line := range strings.Lines(info) {
		name, _, _ := strings.Cut(line, ":")
		names = append(names, name)
	}
	return names
}
