package server

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/durable"
	"github.com/residedb/reside/internal/engine"
)

// quiet finds that nothing has come.
func (p *peer) quiet(why string) {
	p.t.Helper()
	require.NoError(p.t, p.SetReadDeadline(time.Now().Add(2*time.Millisecond)))
	b, err := p.r.Peek(1)
	require.ErrorIs(p.t, err, os.ErrDeadlineExceeded, "%s got %q", why, b)
	require.NoError(p.t, p.SetReadDeadline(time.Now().Add(patience)))
}

// elsewhere is a key of which no change waits for the disk.
func elsewhere(t testing.TB, e *engine.Engine) string {
	t.Helper()
	for i := range 1000 {
		name := "elsewhere" + strconv.Itoa(i)
		if tx := e.BeginKey(engine.KeyOf([]byte(name))); !e.MustWait(tx.Commit()) {
			return name
		}
	}
	require.Fail(t, "all keys wait")
	return ""
}

// TestNothingLeavesBeforeItIsDurable writes to a disk that is slow. Whoever writes, reads
// what was written, is told of it or is served by it waits; others do not.
func TestNothingLeavesBeforeItIsDurable(t *testing.T) {
	eachPath(t, durable.Always, 0, func(t *testing.T, s *Server, addr string, d *badDisk) {
		writer, reader, blocked, pusher := dial(t, addr), dial(t, addr), dial(t, addr), dial(t, addr)
		multi, watcher, stale := dial(t, addr), dial3(t, addr, "NOLOOP"), dial(t, addr)
		writer.do("SET k old", "+OK\r\n")
		require.Equal(t, `"old"`, watcher.ask("GET k"))
		multi.do("MULTI\r\nINCR n\r\nGET k", "+OK\r\n+QUEUED\r\n+QUEUED\r\n")
		stale.do("WATCH k\r\nMULTI\r\nPING", "+OK\r\n+OK\r\n+QUEUED\r\n")
		blocked.send("BLPOP l 0\r\n")
		until(t, func() bool { return s.clients()[2].parked.Load() != nil })

		release := d.hold()
		defer release()
		writer.send("SET k new\r\nPING\r\n")
		<-d.entered
		reader.send("GET k\r\n")
		pusher.send("RPUSH l v\r\n")
		multi.send("EXEC\r\n")
		stale.send("EXEC\r\n")
		s.served(t, "get", 3)
		s.served(t, "rpush", 1)
		s.served(t, "exec", 2)

		other, free := dial(t, addr), elsewhere(t, s.eng)
		for range 200 {
			other.do("GET "+free+"\r\nPING", "$-1\r\n+PONG\r\n")
		}
		writer.quiet("who writes")
		reader.quiet("who reads")
		pusher.quiet("who serves another")
		blocked.quiet("who was served")
		multi.quiet("a transaction")
		watcher.quiet("who is told")
		stale.quiet("a transaction that does not run")

		release()
		writer.want("+OK\r\n+PONG\r\n")
		reader.want("$3\r\nnew\r\n")
		pusher.want(":1\r\n")
		blocked.want("*2\r\n$1\r\nl\r\n$1\r\nv\r\n")
		multi.want("*2\r\n:1\r\n$3\r\nnew\r\n")
		require.Equal(t, pushOf("k"), watcher.read())
		stale.want("*-1\r\n")
	})
}

// served waits until a command was called so often.
func (s *Server) served(t testing.TB, name string, calls int64) {
	t.Helper()
	at := s.table.Find(name).ID
	until(t, func() bool { return s.stats.commands[at].calls.Load() >= calls })
}

// TestWritersWaitForRoom fills the buffer before a log that takes nothing: writers wait,
// readers do not.
func TestWritersWaitForRoom(t *testing.T) {
	eachPath(t, durable.Never, 64, func(t *testing.T, _ *Server, addr string, d *badDisk) {
		writer, reader, multi := dial(t, addr), dial(t, addr), dial(t, addr)
		writer.do("SET k v", "+OK\r\n")
		multi.do("MULTI\r\nSET m v", "+OK\r\n+QUEUED\r\n")
		release := d.hold()
		defer release()
		set := "SET long " + strings.Repeat("x", 100) + "\r\n"
		writer.send(strings.Repeat(set, 3))
		require.Equal(t, "append", <-d.entered)
		for range 200 {
			reader.do("GET k", "$1\r\nv\r\n")
		}
		writer.quiet("who writes")
		multi.send("EXEC\r\n")
		for range 20 {
			reader.do("GET k", "$1\r\nv\r\n")
		}
		multi.quiet("a transaction that writes")
		release()
		writer.want("+OK\r\n+OK\r\n+OK\r\n")
		multi.want("*1\r\n+OK\r\n")
	})
}

var errDisk = errors.New("input/output error")

const misconf = "-MISCONF Errors writing to the AOF file: input/output error\r\n"

// TestFailingDisk has the disk fail under a write, stay broken for a while, and be well
// again.
func TestFailingDisk(t *testing.T) {
	eachPath(t, durable.Always, 0, func(t *testing.T, s *Server, addr string, d *badDisk) {
		writer, reader, pipeline, tracker := dial(t, addr), dial(t, addr), dial(t, addr), dial3(t, addr, "BCAST")
		writer.do("SET k old", "+OK\r\n")
		require.Equal(t, pushOf("k"), tracker.read())
		reader.do("MULTI\r\nSET m v", "+OK\r\n+QUEUED\r\n")
		d.fail(errDisk)

		pipeline.send("GET k\r\nSET k new\r\nSET other v\r\nGET k\r\n")
		require.Equal(t, misconf, pipeline.gone(), "what became of the batch is not known")
		writer.do("SET k newer", misconf)
		writer.do("PING", misconf)
		writer.do("DEL k\r\nGET k", misconf+"$3\r\nnew\r\n")
		reader.do("EXEC", "-EXECABORT Transaction discarded because of: "+misconf[1:])
		reader.do("MULTI\r\nSET m v", "+OK\r\n"+misconf)
		reader.do("EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n")
		reader.do("BLPOP l 0", misconf)
		info := reader.ask("INFO persistence")
		require.Contains(t, info, `\r\naof_last_write_status:err\r\n`)

		d.fail(nil)
		until(t, func() bool { return s.eng.Refusal() == nil })
		writer.do("SET last v\r\nGET k\r\nPING", "+OK\r\n$3\r\nnew\r\n+PONG\r\n")
		require.Contains(t, reader.ask("INFO persistence"), `\r\naof_last_write_status:ok\r\n`)
		again := d.reopened(t)
		want, err := s.eng.Digest(t.Context())
		require.NoError(t, err)
		got, err := again.Digest(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// TestFailedWriteEndsWhatFollows pipelines a write that fails and a command that would wait.
func TestFailedWriteEndsWhatFollows(t *testing.T) {
	for _, next := range []string{"BLPOP l 0", "WAITAOF 1 0 0", "WAITAOF 1 1 0"} {
		eachPath(t, durable.Always, 0, func(t *testing.T, s *Server, addr string, d *badDisk) {
			d.fail(errDisk)
			c := dial(t, addr)
			c.send("SET k v\r\n" + next + "\r\nPING\r\n")
			require.Equal(t, misconf, c.gone())
			d.fail(nil)
			until(t, func() bool { return s.eng.Refusal() == nil })
		})
	}
}

// TestWaitaofEndsInTime waits for a disk that is slower than the client likes.
func TestWaitaofEndsInTime(t *testing.T) {
	eachPath(t, durable.Never, 0, func(t *testing.T, _ *Server, addr string, d *badDisk) {
		c, gone := dial(t, addr), dial(t, addr)
		release := d.hold()
		defer release()
		c.do("SET k v", "+OK\r\n")
		c.do("WAITAOF 1 0 5\r\nPING", "*2\r\n:0\r\n:0\r\n+PONG\r\n")
		gone.do("SET j v", "+OK\r\n")
		gone.send("WAITAOF 1 0 0\r\n")
		gone.quiet("who waits")
		require.NoError(t, gone.CloseWrite())
		require.Empty(t, gone.gone())
		c.send("WAITAOF 1 0 0\r\nPING\r\n")
		release()
		c.want("*2\r\n:1\r\n:0\r\n+PONG\r\n")
	})
}

// TestWaitaofOutlastsAFailingDisk waits until the disk is well, as Redis does, or until the
// client's time is over.
func TestWaitaofOutlastsAFailingDisk(t *testing.T) {
	eachPath(t, durable.Never, 0, func(t *testing.T, s *Server, addr string, d *badDisk) {
		waits, hurries := dial(t, addr), dial(t, addr)
		release := d.hold()
		waits.do("SET k v", "+OK\r\n")
		hurries.do("SET j v", "+OK\r\n")
		d.fail(errDisk)
		release()
		waits.send("WAITAOF 1 0 0\r\n")
		until(t, func() bool { return s.eng.Refusal() != nil })
		hurries.do("WAITAOF 1 0 5", "*2\r\n:0\r\n:0\r\n")
		waits.quiet("who waits")
		d.fail(nil)
		waits.want("*2\r\n:1\r\n:0\r\n")
	})
}
