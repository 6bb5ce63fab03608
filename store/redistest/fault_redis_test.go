package redistest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
)

// redisState is how a real redis-server gets into the state that an error tells of.
type redisState struct {
	err   string
	start []string
	setUp []string
	hang  string // a command that does not come back while the state lasts
}

func redisStates() map[string]redisState {
	return map[string]redisState{
		"a replica":              {err: ReadOnly, setUp: []string{"REPLICAOF 127.0.0.1 1"}},
		"without its primary":    {err: MasterDown, setUp: []string{"CONFIG SET replica-serve-stale-data no", "CONFIG SET replica-read-only no", "REPLICAOF 127.0.0.1 1"}},
		"out of memory":          {err: OutOfMemory, setUp: []string{"CONFIG SET maxmemory 1"}},
		"without replicas":       {err: NoReplicas, setUp: []string{"CONFIG SET min-replicas-to-write 1"}},
		"with a password":        {err: NoAuth, setUp: []string{"CONFIG SET requirepass p"}},
		"whose disk fails":       {err: DiskFailed, start: []string{"--enable-protected-configs", "yes"}, setUp: []string{"CONFIG SET dir /proc", "CONFIG SET save 3600_1", "BGSAVE"}},
		"without slots":          {err: SlotNotServed, start: []string{"--cluster-enabled", "yes"}},
		"that runs a script":     {err: Busy, setUp: []string{"CONFIG SET busy-reply-threshold 1"}, hang: "EVAL while_true_do_end 0"},
		"that loads its dataset": {err: Loading, setUp: []string{"CONFIG SET loading-process-events-interval-bytes 1024", "DEBUG POPULATE 100000", "CONFIG SET key-load-delay 500"}, hang: "DEBUG RELOAD"},
	}
}

// TestErrorsStrikeWhatRedisRefuses brings a real redis-server into each state and
// sends it what a fake with that fault gets: the texts are the same, and so is what
// is refused.
func TestErrorsStrikeWhatRedisRefuses(t *testing.T) {
	lines := strings.Split("GET k|SET k v|DEL k|EXPIRE k 1|TOUCH k|PING|ECHO a|SELECT 0|INFO|CONFIG GET port|CLIENT ID|CLIENT SETNAME a|COMMAND COUNT|"+
		"AUTH x|HELLO|WATCH k|UNWATCH|DBSIZE|KEYS *|SCAN 0|SORT k|TYPE k|OBJECT ENCODING k|RANDOMKEY|TIME|EXEC|DISCARD|"+
		"MULTI/DISCARD|MULTI/GET k/EXEC|MULTI/SET k v/EXEC|MULTI/DEL k/EXEC|MULTI/PING/EXEC|RESET", "|")
	for name, state := range redisStates() {
		t.Run(name, func(t *testing.T) {
			redis := script.StartRedis(t, state.start...)
			state.enter(t, redis)
			s := New(t, Options{})
			s.Fault(Fault{Error: state.err})
			for _, line := range lines {
				want, got := refusals(t, redis, state.err, line), refusals(t, s.Addr(), state.err, line)
				require.Equal(t, want, got, line)
			}
		})
	}
}

// enter brings the server into the state, and waits until it shows.
func (s redisState) enter(t *testing.T, addr string) {
	t.Helper()
	c, err := script.Dial(addr, 2)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	for _, line := range s.setUp {
		v, err := c.Do(spaced(line)...)
		require.NoError(t, err)
		require.NotEqual(t, byte('-'), v.Kind, "%s: %s", line, v)
	}
	if s.hang != "" {
		require.NoError(t, c.Send(spaced(s.hang)...))
	}
	require.True(t, eventually(func() bool { return strings.Contains(refusals(t, addr, s.err, "SET k v"), s.err) }), "%s: %s", s.err, refusals(t, addr, s.err, "SET k v"))
}

// refusals are the replies to lines that are about the error: it itself, and EXECABORT.
// Of others nothing but that they are none remains.
func refusals(t *testing.T, addr, text, lines string) string {
	t.Helper()
	c, err := script.Dial(addr, 2)
	require.NoError(t, err)
	defer c.Close()
	var all []string
	for line := range strings.SplitSeq(lines, "/") {
		v, err := c.Do(strings.Split(line, " ")...)
		require.NoError(t, err)
		if v.Kind == '-' && (v.Text == text || strings.HasPrefix(v.Text, "EXECABORT")) {
			all = append(all, v.Text)
		} else {
			all = append(all, "runs")
		}
	}
	return strings.Join(all, "/")
}

// spaced takes a line apart at its spaces; an underscore is one within a word.
func spaced(line string) (words []string) {
	for w := range strings.SplitSeq(line, " ") {
		words = append(words, strings.ReplaceAll(w, "_", " "))
	}
	return words
}
