package command_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// TestHitsAreOfReads: as in Redis, commands that add and take count neither hits nor
// misses.
func TestHitsAreOfReads(t *testing.T) {
	table, e := command.NewTable(command.Rows()), engine.New(engine.Options{})
	defer e.Close()
	c := caller{eng: e}
	for _, line := range []string{"HSET h f v g w", "HSET h f w", "HDEL h f", "HDEL no f", "SADD s a b", "SREM s a", "SREM no a",
		"LPUSH l a b c", "RPUSH l d", "RPOP l", "LPOP l 2", "LPOP no", "BLPOP l 0", "BLPOP no l 0", "LMPOP 1 no LEFT"} {
		c.perform(table, strings.Fields(line))
	}
	require.Zero(t, e.Stats().Hits)
	require.Zero(t, e.Stats().Misses)
	for _, line := range []string{"HGET h g", "SISMEMBER s b", "LLEN no"} {
		c.perform(table, strings.Fields(line))
	}
	require.EqualValues(t, 2, e.Stats().Hits)
	require.EqualValues(t, 1, e.Stats().Misses)
}
