package redistest

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/invariants"
)

// forEver is a peer whose deadline is not in the way of virtual days.
func forEver(t testing.TB, s *Server) *peer {
	p := dial(t, s)
	require.NoError(t, p.SetDeadline(time.Time{}))
	return p
}

func TestVirtualTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(t, Options{})
		p, other := forEver(t, s), forEver(t, s)
		took := func(want time.Duration, f func()) {
			t.Helper()
			began := time.Now()
			f()
			require.Equal(t, want, time.Since(began))
		}
		took(90*time.Second, func() { p.do("BLPOP k 90", "*-1\r\n") })
		took(time.Hour, func() {
			p.send("BLPOP k 0\r\n")
			time.Sleep(time.Hour)
			other.do("RPUSH k v", ":1\r\n")
			p.want("*2\r\n$1\r\nk\r\n$1\r\nv\r\n")
		})
		took(time.Minute, func() {
			p.do("CLIENT PAUSE 60000 ALL", "+OK\r\n")
			other.do("GET k", "$-1\r\n")
		})
		took(0, func() { p.do("SET k v EX 100", "+OK\r\n") })
		time.Sleep(99 * time.Second)
		p.do("PTTL k", ":1000\r\n")
		time.Sleep(time.Second + time.Millisecond)
		p.do("GET k", "$-1\r\n")
		took(7*time.Second, func() { // the server ends it
			p.do("CONFIG SET timeout 7", "+OK\r\n")
			_, _ = p.Read(make([]byte, 1))
		})
	})
}

// TestDayTakesNoTime lets a day pass with keys that expire, one each minute, and with
// a client that is blocked and one that looks on. What ticks shows here.
func TestDayTakesNoTime(t *testing.T) {
	const day = 24 * time.Hour
	most := 50 * time.Millisecond
	if raceEnabled || invariants.Enabled {
		most *= 20
	}
	took := time.Hour
	for try := 0; try < 20 && took > most; try++ { // the machine may have other work
		began := time.Now()
		synctest.Test(t, func(t *testing.T) { passDay(t, day) })
		took = min(took, time.Since(began))
	}
	t.Logf("24 hours took %v", took)
	require.Less(t, took, most)
}

func passDay(t *testing.T, day time.Duration) {
	s := New(t, Options{})
	p, blocked := forEver(t, s), forEver(t, s)
	const keys = 24 * 60
	for i := range keys {
		p.do(fmt.Sprintf("SET k%d v EX %d", i, (i+1)*60), "+OK\r\n")
	}
	began := time.Now()
	blocked.send("BLPOP list 86400\r\n")
	time.Sleep(day/2 + time.Second)
	require.EqualValues(t, keys/2, s.keys(t), "deleted without having been read")
	time.Sleep(day / 2)
	require.Zero(t, s.keys(t))
	require.EqualValues(t, keys, s.Store().Stats().Expired)
	blocked.want("*-1\r\n")
	p.do("PING", "+PONG\r\n")
	require.Equal(t, day+time.Second, time.Since(began))
}
