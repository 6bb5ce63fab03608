package server

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
)

// What tracking.script cannot say stands here, for both servers where they agree.

// eachServer runs f against Redis and against Reside.
func eachServer(t *testing.T, f func(t *testing.T, addr string)) {
	t.Run("redis", func(t *testing.T) { f(t, script.StartRedis(t)) })
	t.Run("reside", func(t *testing.T) {
		_, addr := start(t, Options{Debug: true})
		f(t, addr)
	})
}

// dial3 connects in RESP3; on is what CLIENT TRACKING is called with, if anything.
func dial3(t testing.TB, addr, on string) *peer {
	t.Helper()
	p := dial(t, addr)
	p.send("HELLO 3\r\n")
	_, err := script.ReadValue(p.r)
	require.NoError(t, err)
	if on != "" {
		p.do("CLIENT TRACKING ON "+on, "+OK\r\n")
	}
	return p
}

// read reads a reply or a push in the notation of scripts.
func (p *peer) read() string {
	p.t.Helper()
	v, err := script.ReadValue(p.r)
	require.NoError(p.t, err)
	return v.String()
}

// ask sends a line and reads the reply.
func (p *peer) ask(line string) string {
	p.t.Helper()
	p.send(line + "\r\n")
	return p.read()
}

// push is an invalidation of keys as it comes.
func pushOf(keys ...string) string { return `>["invalidate" ["` + strings.Join(keys, `" "`) + `"]]` }

func TestInfoCountsWhatIsTracked(t *testing.T) {
	eachServer(t, func(t *testing.T, addr string) {
		one, two, three, w := dial3(t, addr, ""), dial3(t, addr, ""), dial3(t, addr, ""), dial(t, addr)
		counts := func(clients, stats string) {
			t.Helper()
			require.Contains(t, w.ask("INFO clients"), `\r\ntracking_clients:`+clients+`\r\n`)
			fields := regexp.MustCompile(`tracking_total_(keys|items|prefixes):(\d+)`).FindAllStringSubmatch(w.ask("INFO stats"), -1)
			require.Len(t, fields, 3)
			require.Equal(t, stats, fields[0][2]+" "+fields[1][2]+" "+fields[2][2])
		}
		counts("0", "0 0 0")
		one.do("CLIENT TRACKING ON", "+OK\r\n")
		two.do("CLIENT TRACKING ON OPTOUT", "+OK\r\n")
		three.do("CLIENT TRACKING ON BCAST PREFIX x PREFIX y", "+OK\r\n")
		one.do("MGET a b c", "*3\r\n_\r\n_\r\n_\r\n")
		two.do("GET a", "_\r\n")
		three.do("GET a", "_\r\n")
		counts("3", "3 4 2")
		w.do("SET a 1", "+OK\r\n")
		counts("3", "2 2 2")
		one.do("CLIENT TRACKING OFF", ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n+OK\r\n")
		counts("2", "2 2 2")
		w.do("FLUSHALL", "+OK\r\n")
		counts("2", "0 0 2")
		require.NoError(t, three.Close())
		until(t, func() bool { return strings.Contains(w.ask("INFO clients"), "tracking_clients:1") })
		counts("1", "0 0 0")
	})
}

func TestPushesInSpiteOfMutedReplies(t *testing.T) {
	eachServer(t, func(t *testing.T, addr string) {
		c, w := dial3(t, addr, ""), dial(t, addr)
		c.do("CLIENT TRACKING ON", "+OK\r\n")
		c.send("CLIENT REPLY OFF\r\nGET k\r\nGET l\r\nSET l v\r\nPING\r\n")
		require.Equal(t, pushOf("l"), c.read())
		w.do("SET k v", "+OK\r\n")
		require.Equal(t, pushOf("k"), c.read())
		c.do("CLIENT REPLY ON", "+OK\r\n")
		c.send("GET k\r\nCLIENT REPLY SKIP\r\nSET k w\r\nPING\r\n")
		require.Equal(t, `"v"`, c.read())
		require.Equal(t, pushOf("k"), c.read())
		require.Equal(t, `+PONG`, c.read())
	})
}

func TestRedirect(t *testing.T) {
	eachServer(t, func(t *testing.T, addr string) {
		c, to, w := dial3(t, addr, ""), dial3(t, addr, ""), dial(t, addr)
		id := strings.TrimPrefix(to.ask("CLIENT ID"), ":")
		require.Equal(t, "-ERR A client can only redirect to a single other client", c.ask("CLIENT TRACKING ON REDIRECT "+id+" REDIRECT "+id))
		for _, on := range []string{"", "NOLOOP", "BCAST PREFIX k"} {
			c.do("CLIENT TRACKING OFF", "+OK\r\n")
			c.do("CLIENT TRACKING ON REDIRECT "+id+" "+on, "+OK\r\n")
			require.Equal(t, ":"+id, c.ask("CLIENT GETREDIR"))
			require.Contains(t, c.ask("CLIENT TRACKINGINFO"), `"redirect" :`+id)
			require.Regexp(t, ` flags=tB? .* redir=`+id+` `, c.ask("CLIENT INFO"))
			c.ask("GET k")
			w.do("SET k v", "+OK\r\n")
			require.Equal(t, pushOf("k"), to.read())
			w.do("FLUSHALL", "+OK\r\n")
			require.Equal(t, `>["invalidate" nil]`, to.read())
			require.Equal(t, "+PONG", c.ask("PING"))
			require.Equal(t, "+PONG", to.ask("PING"))
		}
		// A client in RESP2 may redirect.
		two := dial(t, addr)
		two.do("CLIENT TRACKING ON REDIRECT "+id, "+OK\r\n")
		two.do("GET l", "$-1\r\n")
		w.do("SET l v", "+OK\r\n")
		require.Equal(t, pushOf("l"), to.read())
	})
}

func TestRedirectToOneWhoHasLeft(t *testing.T) {
	eachServer(t, func(t *testing.T, addr string) {
		c, to, w := dial3(t, addr, ""), dial3(t, addr, ""), dial(t, addr)
		id := strings.TrimPrefix(to.ask("CLIENT ID"), ":")
		c.do("CLIENT TRACKING ON REDIRECT "+id, "+OK\r\n")
		require.Equal(t, "[nil nil]", c.ask("MGET k l"))
		to.do("QUIT", "+OK\r\n")
		require.Empty(t, to.gone())
		until(t, func() bool { return !strings.Contains(w.ask("CLIENT LIST"), "id="+id+" ") })
		w.do("SET k v", "+OK\r\n")
		broken := `>["tracking-redir-broken" :` + id + `]`
		require.Equal(t, broken, c.read())
		require.Contains(t, c.ask("CLIENT TRACKINGINFO"), `"broken_redirect"`)
		require.Contains(t, c.ask("CLIENT INFO"), " flags=tR ")
		w.do("SET l v", "+OK\r\n")
		require.Equal(t, broken, c.read())
		c.do("CLIENT TRACKING ON", "+OK\r\n")
		require.NotContains(t, c.ask("CLIENT TRACKINGINFO"), `"broken_redirect"`)
		c.do("GET k", "$1\r\nv\r\n")
		w.do("SET k w", "+OK\r\n")
		require.Equal(t, pushOf("k"), c.read())
	})
}

// TestRedirectToResp2 is a deviation: Redis tells such a client through Pub/Sub, which
// is not there yet, and says nothing where it cannot.
func TestRedirectToResp2(t *testing.T) {
	_, addr := start(t, Options{})
	c, to := dial3(t, addr, ""), dial(t, addr)
	id := strings.TrimPrefix(to.ask("CLIENT ID"), ":")
	require.Contains(t, c.ask("CLIENT TRACKING ON REDIRECT "+id), "-ERR The client ID you want redirect to speaks RESP2, which needs Pub/Sub")
	require.Contains(t, c.ask("CLIENT TRACKINGINFO"), `"off"`)
	require.Contains(t, to.ask("HELLO 3"), `"proto" :3`)
	c.do("CLIENT TRACKING ON REDIRECT "+id, "+OK\r\n")
}

// TestSwapDBInvalidatesEverything is a deviation: Redis tells nobody that the keys
// of two databases changed places, so that its clients serve old values.
func TestSwapDBInvalidatesEverything(t *testing.T) {
	_, addr := start(t, Options{})
	c, b, w := dial3(t, addr, "NOLOOP"), dial3(t, addr, "BCAST PREFIX p"), dial(t, addr)
	c.do("GET k", "_\r\n")
	w.do("SWAPDB 0 1", "+OK\r\n")
	require.Equal(t, `>["invalidate" nil]`, c.read())
	require.Equal(t, `>["invalidate" nil]`, b.read())
	w.do("SET k v", "+OK\r\n")
	require.Equal(t, "+PONG", c.ask("PING"), "k was forgotten")
}

// TestNoLoopHearsOfExpiry is a deviation: what a NOLOOP client finds expired has
// changed by time, not by the client. Redis does not tell it.
func TestNoLoopHearsOfExpiry(t *testing.T) {
	_, addr := start(t, Options{Debug: true})
	c := dial3(t, addr, "NOLOOP")
	c.do("DEBUG SET-ACTIVE-EXPIRE 0", "+OK\r\n")
	c.do("SET k v PX 1\r\nEXISTS k", "+OK\r\n:1\r\n") // at one time
	until(t, func() bool { return strings.Contains(c.ask("PTTL k"), ":-2") })
	require.Equal(t, pushOf("k"), c.read())
}

// TestOverlapOfSecondPrefix is a deviation: Redis answers an overlap that the first
// prefix has no part in with the error and with OK, and tracks.
func TestOverlapOfSecondPrefix(t *testing.T) {
	_, addr := start(t, Options{})
	c := dial3(t, addr, "")
	require.Equal(t, "-ERR Prefix 'b' overlaps with another provided prefix 'bc'. Prefixes for a single client must not overlap.",
		c.ask("CLIENT TRACKING ON BCAST PREFIX a PREFIX b PREFIX bc"))
	require.Contains(t, c.ask("CLIENT TRACKINGINFO"), `"off"`)
}

func TestTrackingNeedsToBeLoggedIn(t *testing.T) {
	_, addr := start(t, Options{Password: "secret"})
	c := dial(t, addr)
	require.Contains(t, c.ask("CLIENT TRACKING ON"), "-NOAUTH")
	require.Contains(t, c.ask("HELLO 3 AUTH default secret"), `"proto" :3`)
	c.do("CLIENT TRACKING ON", "+OK\r\n")
	c.do("GET k", "_\r\n")
	c.do("AUTH secret", "+OK\r\n")
	require.Contains(t, c.ask("CLIENT TRACKINGINFO"), `"on"`, "AUTH changes nothing")
	require.Equal(t, "+RESET", c.ask("RESET"))
	require.Contains(t, c.ask("CLIENT TRACKINGINFO"), "-NOAUTH")
}
