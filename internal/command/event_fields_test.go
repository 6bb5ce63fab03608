package command_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
)

// TestEventsOfFields has the commands of 7.4 and 8.0 that make fields expire, which
// the oracle does not know: what they tell is read from Redis's source.
func TestEventsOfFields(t *testing.T) {
	s := newSubject(t)
	heard := newHeard(t, s.store)
	c, err := script.Dial(s.addr, 2)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	for _, step := range []struct{ line, want string }{
		{"HSET h f v g w h x i y", "new hset"},
		{"HEXPIRE h 100 FIELDS 2 f none", "hexpire"},
		{"HEXPIRE h 100 NX FIELDS 1 f", ""},
		{"HEXPIRE h 100 FIELDS 1 none", ""},
		{"HPERSIST h FIELDS 2 f g", "hpersist"},
		{"HPERSIST h FIELDS 2 f g", ""},
		{"HPEXPIREAT h 1 FIELDS 1 f", "hdel"},
		{"HGETEX h EX 100 FIELDS 2 g none", "hexpire"},
		{"HGETEX h PERSIST FIELDS 1 g", "hpersist"},
		{"HGETEX h FIELDS 1 g", ""},
		{"HGETEX h PXAT 1 FIELDS 1 g", "hdel"},
		{"HGETDEL h FIELDS 2 h none", "hdel"},
		{"HSETEX h EX 100 FIELDS 1 f v", "hset hexpire"},
		{"HSETEX h FNX EX 100 FIELDS 1 f v", ""},
		{"HSETEX h KEEPTTL FIELDS 1 f w", "hset"},
		{"HSETEX h FIELDS 1 f w", "hset"},
		{"HSETEX h PXAT 1 FIELDS 1 f w", "hset hdel"},
		{"HGETDEL h FIELDS 1 i", "hdel del"},
		{"HSETEX h PXAT 1 FIELDS 1 f w", "new hset hdel del"},
		{"HSET h f v", "new hset"},
		{"HPEXPIREAT h 1 FIELDS 1 f", "hdel del"},
		{"HSET h f v g w", "new hset"},
		{"DEBUG SET-ACTIVE-EXPIRE 0", ""},
		{"HPEXPIRE h 1 FIELDS 2 f g", "hexpire"},
		{"DEBUG SLEEP 0.01", ""},
		{"HGET h f", "hexpired del"},
		{"HSET h f v g w", "new hset"},
		{"HPEXPIRE h 1 FIELDS 1 f", "hexpire"},
		{"DEBUG SLEEP 0.01", ""},
		{"HSET h f new", "hexpired hset"},
		{"HPEXPIRE h 1 FIELDS 2 f g", "hexpire"},
		{"DEBUG SLEEP 0.01", ""},
		{"HINCRBY h f 5", "hexpired del new hincrby"},
	} {
		v, err := c.Do(strings.Fields(step.line)...)
		require.NoError(t, err)
		require.NotEqual(t, byte('-'), v.Kind, "%s: %s", step.line, v)
		var got []string
		for _, line := range heard.sofar(t) {
			got = append(got, strings.TrimPrefix(line, `0 "h" `))
		}
		require.Equal(t, step.want, strings.Join(got, " "), step.line)
	}
}
