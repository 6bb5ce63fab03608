package redistest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// clocked makes a fake on a clock of its own.
func clocked(t *testing.T) (*Clock, *Server) {
	c := NewClock(time.Time{})
	return c, New(t, Options{Store: store.Options{Clock: c}})
}

func (s *Server) keys(t *testing.T) int64 {
	t.Helper()
	return store.Engine(s.store).Len(0) // those that are there, visible or not
}

// waiting waits until so many clients are blocked.
func waiting(t *testing.T, s *Server, n int64) {
	t.Helper()
	require.True(t, eventually(func() bool { return s.Store().Stats().Waiting == n }))
}

func TestCallsAreMadeInOrder(t *testing.T) {
	c := NewClock(time.Unix(1000, 0))
	var log strings.Builder
	at := func(d time.Duration, name string) store.Timer {
		return c.AfterFunc(d, func() { fmt.Fprintf(&log, "%s@%d ", name, c.Now().Unix()) })
	}
	at(3*time.Second, "c")
	at(time.Second, "a")
	never := at(2*time.Second, "never")
	at(2*time.Second, "b1")
	at(2*time.Second, "b2")
	c.AfterFunc(time.Second, func() { at(time.Second, "then") })
	at(-time.Second, "now")
	require.True(t, never.Stop())
	require.False(t, never.Stop())
	require.Empty(t, log.String())
	c.Advance(2 * time.Second)
	require.Equal(t, "now@1000 a@1001 b1@1002 b2@1002 then@1002 ", log.String())
	require.EqualValues(t, 1002, c.Now().Unix())
	log.Reset()
	c.Set(time.Unix(500, 0))
	require.EqualValues(t, 500, c.Now().Unix())
	c.Set(time.Unix(1002, 0))
	require.Empty(t, log.String())
	c.Set(time.Unix(9000, 0))
	require.Equal(t, "c@1003 ", log.String())
	require.EqualValues(t, 9000, c.Now().Unix())
}

// TestKeysExpireUnread looks at what is there and reads nothing.
func TestKeysExpireUnread(t *testing.T) {
	clock, s := clocked(t)
	p := dial(t, s)
	for i := range 100 {
		p.do(fmt.Sprintf("SET k%d v PX %d", i, 1000+i), "+OK\r\n")
	}
	p.do("HSET h f v g w", ":2\r\n")
	require.EqualValues(t, 101, s.keys(t))
	clock.Advance(time.Second)
	require.EqualValues(t, 101, s.keys(t), "a key lives through the millisecond of its deadline")
	for i := range 100 { // one by one: none waits for others to be deleted with it
		clock.Advance(time.Millisecond)
		require.EqualValues(t, 100-i, s.keys(t))
	}
	require.EqualValues(t, 100, s.Store().Stats().Expired)
	p.do("SET far v EX 86400", "+OK\r\n")
	clock.Set(clock.Now().Add(48 * time.Hour))
	require.EqualValues(t, 1, s.keys(t))
}

// TestEventsComeInTheirTime hears of keys and fields in the order of their deadlines.
func TestEventsComeInTheirTime(t *testing.T) {
	clock, s := clocked(t)
	p := dial(t, s)
	p.do("SET b v PX 2000", "+OK\r\n")
	p.do("SET a v PX 1000", "+OK\r\n")
	p.do("HSET h f v g w", ":2\r\n")
	p.do("HPEXPIRE h 1500 FIELDS 1 f", "*1\r\n:1\r\n")
	events, err := s.Store().Events(t.Context(), "*")
	require.NoError(t, err)
	defer events.Close()
	clock.Advance(2001 * time.Millisecond)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var got []string
	for range 3 { // they are there: nobody waits for them
		e, err := events.Next(ended)
		require.NoError(t, err)
		got = append(got, fmt.Sprint(e.Name, " ", e.Key))
	}
	require.Equal(t, []string{"expired a", "hexpired h", "expired b"}, got)
}

func TestClientsSeeTheClock(t *testing.T) {
	clock, s := clocked(t)
	p := dial(t, s)
	p.do("TIME", "*2\r\n$9\r\n946684800\r\n$1\r\n0\r\n")
	p.do("SET k v EX 100", "+OK\r\n")
	clock.Advance(40 * time.Second)
	p.do("PTTL k", ":60000\r\n")
	clock.Set(clock.Now().Add(-10 * time.Second))
	p.do("PTTL k", ":70000\r\n")
	p.do("TIME", "*2\r\n$9\r\n946684830\r\n$1\r\n0\r\n")
}

// lookingClock looks whether a key is held when somebody asks to be called.
type lookingClock struct {
	*Clock
	eng *engine.Engine
	key engine.Key
	was error
}

func (c *lookingClock) AfterFunc(d time.Duration, f func()) store.Timer {
	var tx *engine.Tx
	if tx, c.was = c.eng.BeginKeyCtx(c.eng.WithTx(context.Background()), c.key); c.was == nil {
		tx.Commit()
	}
	return c.Clock.AfterFunc(d, f)
}

// TestTimeoutBeginsBeforeTheWaitIsSeen: who sees that a client waits may move the clock
// at once. So its time begins while nobody can look.
func TestTimeoutBeginsBeforeTheWaitIsSeen(t *testing.T) {
	clock := &lookingClock{Clock: NewClock(time.Time{}), key: engine.KeyOf([]byte("k"))}
	s := New(t, Options{Store: store.Options{Clock: clock}})
	clock.eng = store.Engine(s.Store())
	p := dial(t, s)
	p.send("BLPOP k 5\r\n")
	waiting(t, s, 1)
	clock.Advance(5 * time.Second)
	p.want("*-1\r\n")
	require.ErrorIs(t, clock.was, store.ErrInTx, "the key is held")
}

func TestBlockedClientsTimeOut(t *testing.T) {
	clock, s := clocked(t)
	p := dial(t, s)
	for range 100 {
		p.send("BLPOP k 5\r\n")
		waiting(t, s, 1)
		clock.Advance(5*time.Second - 1)
		require.EqualValues(t, 1, s.Store().Stats().Waiting)
		clock.Advance(1)
		require.Zero(t, s.Store().Stats().Waiting)
		p.want("*-1\r\n")
	}
	p.send("BLPOP k 0\r\nPING\r\n")
	waiting(t, s, 1)
	clock.Advance(1000 * time.Hour)
	require.EqualValues(t, 1, s.Store().Stats().Waiting)
	dial(t, s).do("RPUSH k v", ":1\r\n")
	p.want("*2\r\n$1\r\nk\r\n$1\r\nv\r\n+PONG\r\n")
}

// TestServedBeforeItsTime leaves no call of the clock behind.
func TestServedBeforeItsTime(t *testing.T) {
	clock, s := clocked(t)
	p, pusher := dial(t, s), dial(t, s)
	p.send("BLPOP k 5\r\n")
	waiting(t, s, 1)
	pusher.do("RPUSH k v", ":1\r\n")
	p.want("*2\r\n$1\r\nk\r\n$1\r\nv\r\n")
	require.Empty(t, clock.timers)
}

func TestPauseFollowsTheClock(t *testing.T) {
	clock, s := clocked(t)
	admin, p := dial(t, s), dial(t, s)
	admin.do("CLIENT PAUSE 1000000 WRITE", "+OK\r\n")
	clock.Advance(900 * time.Second)
	admin.do("CLIENT PAUSE 1000000 WRITE", "+OK\r\n")
	p.send("SET k v\r\n")
	clock.Advance(900 * time.Second)
	admin.do("EXISTS k", ":0\r\n")
	clock.Advance(100 * time.Second)
	p.want("+OK\r\n")
}

func TestClockDrivesSeveralFakes(t *testing.T) {
	clock, a := clocked(t)
	b := New(t, Options{Store: store.Options{Clock: clock}})
	dial(t, a).do("SET k v EX 10", "+OK\r\n")
	dial(t, b).do("SET k v EX 20", "+OK\r\n")
	clock.Advance(15 * time.Second)
	require.Zero(t, a.keys(t))
	require.EqualValues(t, 1, b.keys(t))
	a.Close()
	require.Equal(t, []*Server{b}, clock.fakes)
	clock.Advance(15 * time.Second)
	require.Zero(t, b.keys(t))
}
