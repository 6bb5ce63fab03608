package redistest

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/store/resp"
)

// saves has a client save, reload, and switch the log.
func saves(t *testing.T, s *Server) {
	p := dial(t, s)
	before := digest(t, s)
	p.do("SAVE", "+OK\r\n")
	p.do("BGSAVE", "+Background saving started\r\n")
	require.True(t, eventually(func() bool { return !s.Store().KeptStatus().Saving }))
	require.Zero(t, s.Store().KeptStatus().Changes)
	require.EqualValues(t, 2, s.Store().KeptStatus().Save.Count)
	p.do("DEBUG RELOAD", "+OK\r\n")
	require.Equal(t, before, digest(t, s))
	p.do("WAITAOF 1 0 0", "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n")
	p.do("CONFIG SET appendonly yes appendfsync always", "+OK\r\n")
	p.do("SET new v", "+OK\r\n")
	p.do("WAITAOF 1 0 0", "*2\r\n:1\r\n:0\r\n")
	p.do("BGREWRITEAOF", "+Background append only file rewriting started\r\n")
	require.True(t, eventually(func() bool { return !s.Store().KeptStatus().Saving }))
	p.do("DEBUG LOADAOF", "+OK\r\n")
	p.do("GET new", "$1\r\nv\r\n")
	p.do("CONFIG SET appendonly no", "+OK\r\n")
	p.do("CONFIG GET save", "*2\r\n$4\r\nsave\r\n$0\r\n\r\n")
}

func digest(t *testing.T, s *Server) string {
	t.Helper()
	d, err := s.Store().Digest(t.Context())
	require.NoError(t, err)
	return d
}

// debug has the command DEBUG.
var debug = Options{Server: resp.Options{Debug: true}}

func TestFakeIsKept(t *testing.T) {
	s := New(t, debug)
	s.Load(t, everyKind)
	saves(t, s)
	t.Run("fork", func(t *testing.T) {
		fork := s.Fork(t)
		require.Equal(t, digest(t, s), digest(t, fork))
		require.Zero(t, fork.Store().KeptStatus().Save.Count)
		saves(t, fork)
		dial(t, fork).do("SET new w", "+OK\r\n")
	})
	dial(t, s).do("GET new", "$1\r\nv\r\n")
	dial(t, s).do("DEBUG RELOAD", "+OK\r\n")
	dial(t, s).do("GET new", "$1\r\nv\r\n")
}

// TestFakeIsKeptInVirtualTime has LASTSAVE follow the time of a bubble.
func TestFakeIsKeptInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(t, debug)
		s.Load(t, everyKind)
		saves(t, s)
		first := s.Store().KeptStatus().LastSave
		p := forEver(t, s)
		p.do(`CONFIG SET save "3600 1"`, "+OK\r\n")
		p.do("SET later v", "+OK\r\n")
		time.Sleep(2 * time.Hour)
		require.Equal(t, first+time.Hour.Milliseconds(), s.Store().KeptStatus().LastSave)
	})
}

// rotten is a log that takes nothing.
type rotten struct{ persist.MemoryLog }

var errRotten = errors.New("no space left on device")

func (*rotten) Append([]persist.Record) error { return errRotten }

// TestFakeOnADiskThatFails has a place of the test's own.
func TestFakeOnADiskThatFails(t *testing.T) {
	o := Options{Store: store.Options{Durability: store.Durability{Log: new(rotten), Sync: store.SyncAlways}}}
	s := New(unreported{t}, o)
	p := dial(t, s)
	p.do("SET k v", "-MISCONF Errors writing to the AOF file: no space left on device\r\n")
}

// unreported hears of a store that cannot be closed well.
type unreported struct{ *testing.T }

func (u unreported) Errorf(format string, args ...any) {
	if err, is := args[0].(error); is && strings.HasPrefix(format, "redistest: ") && errors.Is(err, errRotten) {
		return
	}
	u.T.Errorf(format, args...)
}
