package rdb_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store"
)

// TestEachSideRestoresTheOthersPayloads of all types, around all thresholds.
func TestEachSideRestoresTheOthersPayloads(t *testing.T) {
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	exchange(t, dial(t, serve(t, s)), dial(t, script.StartRedis(t)))
}

// exchange moves all keys from one server to another by DUMP and RESTORE, both ways.
func exchange(t *testing.T, ours, redis *script.Client) {
	for _, c := range []struct{ from, to *script.Client }{{ours, redis}, {redis, ours}} {
		do(t, c.from, "FLUSHALL")
		do(t, c.to, "FLUSHALL")
		fill(t, c.from)
		for _, db := range []string{"3", "15", "0"} {
			do(t, c.from, "SELECT", db)
			do(t, c.to, "SELECT", db)
			for _, k := range do(t, c.from, "KEYS", "*").Kids {
				at := do(t, c.from, "PEXPIRETIME", k.Text)
				if at.Text == "-1" || at.Kind == '-' { // there is none, or Redis 6 cannot tell
					at.Text = "0"
				}
				payload := do(t, c.from, "DUMP", k.Text).Text
				require.Equal(t, "OK", do(t, c.to, "RESTORE", k.Text, at.Text, payload, "ABSTTL").Text, "%q", k.Text)
			}
		}
		from, to := script.Contents(t, c.from), script.Contents(t, c.to)
		if do(t, redis, "PEXPIRETIME", "").Kind == '-' {
			from, to = script.Timeless(from), script.Timeless(to)
		}
		require.Equal(t, from, to)
	}
}

// TestPayloadOfFieldDeadlines: redis-server 7.0.15 does not know them.
func TestPayloadOfFieldDeadlines(t *testing.T) {
	s := store.New(store.Options{})
	defer func() { _ = s.Close() }()
	c := dial(t, serve(t, s))
	do(t, c, "HSET", "h", "a", "1", "b", "2", "c", "3")
	do(t, c, "HPEXPIREAT", "h", "4000000000007", "FIELDS", "1", "b")
	do(t, c, "HPEXPIREAT", "h", "4000000000000", "FIELDS", "1", "c")
	payload := do(t, c, "DUMP", "h").Text
	require.Equal(t, "OK", do(t, c, "RESTORE", "copy", "0", payload).Text)
	for _, cmd := range [][]string{{"HGETALL"}, {"HPEXPIRETIME", "FIELDS", "3", "a", "b", "c"}} {
		get := func(key string) script.Value { return do(t, c, append([]string{cmd[0], key}, cmd[1:]...)...) }
		require.Equal(t, get("h"), get("copy"))
	}
}
