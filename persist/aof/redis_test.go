package aof_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/persist/aof"
	"github.com/residedb/reside/store"
)

// writes are lines of commands that change something: all that Redis 7.0 has for the five
// types, for keys, deadlines and databases.
var writes = strings.Split(strings.TrimSpace(`
SET s value
SET n 10
SET gone x PX 1
SET later x EX 1000
SET kept y PXAT 4000000000123
SET kept z KEEPTTL
SET s v2 GET
SETEX ex 1000 v
PSETEX pex 1000000 v
SETNX nx v
GETSET s v3
MSET m1 a m2 b
MSETNX m3 a m4 b
APPEND s tail
SETRANGE s 20 end
INCR n
DECR n
INCRBY n 5
DECRBY n 3
INCRBYFLOAT f 10.5
GETDEL m1
GETEX m2 EX 1000
GETEX later PERSIST
RPUSH l a b c d e f g h i j
LPUSH l z y
RPUSHX l k
LPUSHX l x
LPUSHX nolist x
LINSERT l BEFORE c bc
LSET l 0 first
LREM l 1 d
LTRIM l 0 8
LPOP l
RPOP l 2
LMOVE l l2 LEFT RIGHT
RPOPLPUSH l l2
BLPOP l 1
BRPOP l2 1
BLMOVE l l2 LEFT LEFT 1
LMPOP 1 l LEFT COUNT 1
BLMPOP 1 1 l2 RIGHT
RPUSH l 1 2 3
SADD set a b c d e f g h 1 2 3
SADD ints 1 2 3 4 5
SREM set a
SPOP set
SPOP set 2
SMOVE set set2 b
SINTERSTORE si set ints
SUNIONSTORE su set ints
SDIFFSTORE sd set ints
ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g inf top -inf bottom
ZADD z GT CH 9 a
ZADD z INCR 1.5 b
ZINCRBY z 0.1 c
ZREM z d
ZPOPMIN z
ZPOPMAX z
BZPOPMIN z 1
BZPOPMAX z 1
ZMPOP 1 z MIN
BZMPOP 1 1 z MAX
ZADD z2 1 a 2 b 3 c 4 d 5 e 6 f 7 g
ZRANGESTORE zr z2 0 2
ZUNIONSTORE zu 2 z z2 WEIGHTS 1 2
ZINTERSTORE zi 2 z z2
ZDIFFSTORE zd 2 z2 z
ZREMRANGEBYRANK z2 0 0
ZREMRANGEBYSCORE z2 2 2
ZADD lex 0 a 0 b 0 c
ZREMRANGEBYLEX lex [a [b
HSET h f v g w n 1
HSETNX h new v
HMSET h a b c d
HINCRBY h n 5
HINCRBYFLOAT h x 1.25
HDEL h g
EXPIRE h 1000
PEXPIRE z 1000000
EXPIREAT l 4000000000
PEXPIREAT set 4000000000123
PERSIST z
COPY h h2
COPY s s REPLACE DB 3
RENAME h2 h3
RENAMENX h3 h4
MOVE m3 5
SORT ints BY nosort STORE sorted
DEL m4
UNLINK nx
SELECT 3
SET third 3
RPUSH third-list a b
SWAPDB 3 4
SELECT 9
SET flushed 1
FLUSHDB
SELECT 0
MULTI
SET in-multi 1
INCR in-multi
SELECT 7
SET seventh 7 EX 1000
SELECT 0
HSET in-hash a b
EXEC
MULTI
EXEC
EVAL redis.call('set',KEYS[1],'a')redis.call('rpush',KEYS[2],'b','c') 2 by-script by-script-list
`), "\n")

// run sends all writes, and waits until what expires of them has.
func run(t testing.TB, c *script.Client) {
	for _, line := range writes {
		do(t, c, strings.Fields(line)...)
	}
	do(t, c, "SET", "long", strings.Repeat("bytes \x00\r\n", 30_000))
	do(t, c, "SET", "", "of an empty key")
	for i := range 600 {
		do(t, c, "HSET", "many", fmt.Sprint("field", i), strings.Repeat("v", i%70))
	}
	requireNoKey(t, c, "gone")
}

// requireNoKey waits until a key has expired and its deletion was written.
func requireNoKey(t testing.TB, c *script.Client, key string) {
	require.Eventually(t, func() bool { return do(t, c, "EXISTS", key).Text == "0" }, 10*time.Second, time.Millisecond)
}

// rewrite waits for BGREWRITEAOF.
func rewrite(t testing.TB, c *script.Client) {
	require.Eventually(t, func() bool {
		return !strings.Contains(do(t, c, "INFO", "persistence").Text, "aof_rewrite_in_progress:1")
	}, 20*time.Second, time.Millisecond)
	do(t, c, "BGREWRITEAOF")
	require.Eventually(t, func() bool {
		info := do(t, c, "INFO", "persistence").Text
		return strings.Contains(info, "aof_rewrite_in_progress:0") && strings.Contains(info, "aof_rewrite_scheduled:0")
	}, 20*time.Second, time.Millisecond)
}

// startAOF starts a redis-server that writes append-only files, each command before its
// reply: with everysec it delays that while a sync is under way.
func startAOF(t testing.TB, args ...string) (c *script.Client, dir string) {
	dir = t.TempDir()
	args = append([]string{"--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0", "--dir", dir}, args...)
	return dial(t, script.StartRedis(t, args...)), filepath.Join(dir, "appendonlydir")
}

// TestWhatRedisWrites imports what a server has written at different times of its life,
// and compares all of it with what that server shows.
func TestWhatRedisWrites(t *testing.T) {
	for name, args := range map[string][]string{
		"rdb base":   {"--aof-use-rdb-preamble", "yes"},
		"aof base":   {"--aof-use-rdb-preamble", "no"},
		"timestamps": {"--aof-timestamp-enabled", "yes"},
		"packed":     {"--hash-max-listpack-entries", "2000", "--list-compress-depth", "1"},
		"odd name":   {"--appendfilename", "a 'b' \"c\" \x07\xff.aof"},
	} {
		t.Run(name, func(t *testing.T) {
			c, dir := startAOF(t, args...)
			check := func() aof.Report {
				s := newStore(t)
				report, err := s.ImportAOF(t.Context(), dir, store.AOFOptions{})
				require.NoError(t, err)
				requireSame(t, script.Contents(t, c), contents(t, s))
				require.Nil(t, report.Cut)
				require.Equal(t, bytesOf(t, dir), report.Bytes)
				return report.Report
			}
			require.EqualValues(t, 0, check().Commands)
			run(t, c)
			report := check()
			require.Len(t, report.Files, 2)
			require.Equal(t, name == "timestamps", !report.Time.IsZero())
			rewrite(t, c)
			check()
			run(t, c)
			do(t, c, "FLUSHALL")
			run(t, c)
			check()
		})
	}
}

// requireSame compares contents, and shows the lines in which they differ.
func requireSame(t testing.TB, want, got string) {
	t.Helper()
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	require.Equal(t, len(w), len(g), "keys")
	for i := range w {
		require.Equal(t, fmt.Sprintf("%.2000s", w[i]), fmt.Sprintf("%.2000s", g[i]))
	}
	require.True(t, want == got)
}

// bytesOf is how many bytes the data files of a directory have.
func bytesOf(t testing.TB, dir string) (n int64) {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".manifest" {
			info, err := e.Info()
			require.NoError(t, err)
			n += info.Size()
		}
	}
	return n
}
