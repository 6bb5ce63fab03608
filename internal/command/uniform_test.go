package command_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/ds/dstest"
	"github.com/residedb/reside/internal/engine"
)

// TestPicksAreUniform draws with every command that picks at random, one element,
// several different ones, and with repetition, from small and from big forms.
func TestPicksAreUniform(t *testing.T) {
	table := command.NewTable(command.Rows())
	for _, size := range []int{30, 600} { // packed, and a table
		e := engine.New(engine.Options{Seed: 5})
		c := caller{eng: e}
		set, zset, hash := []string{"SADD", "set"}, []string{"ZADD", "zset"}, []string{"HSET", "hash"}
		for i := range size {
			set, zset, hash = append(set, fmt.Sprint("m", i)), append(zset, fmt.Sprint(i), fmt.Sprint("m", i)), append(hash, fmt.Sprint("m", i), "v")
		}
		for _, line := range [][]string{set, zset, hash} {
			c.perform(table, line)
		}
		few, most := fmt.Sprint(size/10), fmt.Sprint(size/2)
		for _, line := range []string{"SRANDMEMBER set", "SRANDMEMBER set " + few, "SRANDMEMBER set " + most, "SRANDMEMBER set -" + few,
			"HRANDFIELD hash", "HRANDFIELD hash " + few, "HRANDFIELD hash " + most, "HRANDFIELD hash -" + few,
			"ZRANDMEMBER zset", "ZRANDMEMBER zset " + few, "ZRANDMEMBER zset " + most, "ZRANDMEMBER zset -" + few,
			"SPOP set", "SPOP set " + few, "SPOP set " + most} {
			t.Run(fmt.Sprint(size, " ", line), func(t *testing.T) {
				counts := map[string]int{}
				for drawn := 0; drawn < 40*size; {
					members := c.draw(t, table, strings.Fields(line))
					for _, m := range members {
						counts[m]++
					}
					drawn += len(members)
				}
				dstest.Uniform(t, counts, size)
			})
		}
		e.Close()
	}
}

// draw is what a line picks. What SPOP takes out is put back.
func (c *caller) draw(t *testing.T, table *command.Table, line []string) (members []string) {
	p, ok := c.prepare(table.Find(strings.ToLower(line[0])), line)
	require.True(t, ok)
	reply, errs := c.transaction([]prepared{p}, line[0] != "SPOP")
	require.NoError(t, errs[0])
	for word := range strings.SplitSeq(reply, "\r\n") {
		if strings.HasPrefix(word, "m") {
			members = append(members, word)
		}
	}
	require.NotEmpty(t, members)
	return members
}
