package command_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/script"
)

// hitsFixture is what each of hitsLines finds.
var hitsFixture = []string{"FLUSHALL", "SET s value", "SET n 5", "SET t v EX 1000", "RPUSH l a b c", "RPUSH l2 x", "SADD set a b c", "SADD set2 c d",
	"ZADD z 1 a 2 b 3 c", "ZADD z2 4 d", "HSET h f 1 g v"}

// payload is a string as DUMP has it, without a byte that would end a word.
const payload = "\x00\x01v\x06\x00\a\xe5\xa62\xecm\xb6]"

// hitsLines are calls of every command on data: of keys that are there, that are not
// ("no", "new"), and that hold something else; some do nothing.
var hitsLines = []string{
	"GET s", "GET no", "GET l", "SET s v", "SET new v", "SET l v", "SET s v NX", "SET new v NX", "SET s v XX", "SET no v XX", "SET s v GET",
	"SET new v GET", "SET l v GET", "SET s v XX GET", "SET s v NX GET", "SET t v KEEPTTL", "SET new v KEEPTTL", "SET t v KEEPTTL GET", "SET s v EX 100", "SETNX s v", "SETNX new v",
	"SETEX s 100 v", "SETEX new 100 v", "PSETEX s 9000 v", "GETSET s v", "GETSET new v", "GETSET l v", "GETDEL s", "GETDEL no", "GETDEL l",
	"GETEX s", "GETEX no", "GETEX l", "GETEX s EX 100", "GETEX t PERSIST", "GETEX s PERSIST", "GETEX t PXAT 1",
	"MGET s n no l", "MGET s s", "MSET s v n v new v", "MSET s 1 s 2", "MSETNX new v new2 v", "MSETNX new v s v", "MSETNX s v n v",
	"STRLEN s", "STRLEN no", "APPEND s more", "APPEND new more", "APPEND l more", "SETRANGE s 2 x", "SETRANGE new 2 x",
	`SETRANGE s 1 ""`, `SETRANGE no 1 ""`, "GETRANGE s 0 1", "GETRANGE no 0 1", "SUBSTR s 0 1", "LCS s t", "LCS s no",
	"INCR n", "INCR new", "INCR s", "INCR l", "DECR n", "INCRBY n 7", "DECRBY n 7", "INCRBYFLOAT n 1.5", "INCRBYFLOAT new 1.5", "INCRBYFLOAT s 1",

	"HSET h f w", "HSET h new w", "HSET new f w", "HSET s f w", "HMSET h f w", "HSETNX h f w", "HSETNX h new w", "HSETNX new f w", "HSETNX s f w",
	"HGET h f", "HGET h no", "HGET no f", "HGET s f", "HMGET h f g no", "HMGET no f", "HGETALL h", "HGETALL no", "HKEYS h", "HVALS h", "HLEN h", "HLEN no",
	"HSTRLEN h f", "HEXISTS h f", "HEXISTS no f", "HDEL h f", "HDEL h no", "HDEL h f g", "HDEL no f", "HDEL s f", "HINCRBY h f 1", "HINCRBY new f 1",
	"HINCRBY h g 1", "HINCRBYFLOAT h f 1.5", "HINCRBYFLOAT new f 1.5", "HRANDFIELD h", "HRANDFIELD h 1", "HRANDFIELD no", "HSCAN h 0", "HSCAN no 0",

	"LPUSH l x", "LPUSH new x", "LPUSH s x", "RPUSH l x y", "LPUSHX l x", "LPUSHX no x", "LPUSHX s x", "RPUSHX l x", "RPUSHX no x",
	"LPOP l", "LPOP no", "LPOP s", "LPOP l 2", "LPOP l 0", "LPOP no 0", "LPOP l 3", "RPOP l", "RPOP l 0", "RPOP no",
	"LLEN l", "LLEN no", "LINDEX l 0", "LINDEX l 9", "LINDEX no 0", "LSET l 0 x", "LSET l 9 x", "LSET no 0 x", "LSET s 0 x", "LRANGE l 0 -1", "LRANGE no 0 -1",
	"LINSERT l BEFORE b x", "LINSERT l BEFORE no x", "LINSERT no BEFORE b x", "LREM l 0 a", "LREM l 0 no", "LREM no 0 a", "LTRIM l 0 1", "LTRIM l 0 -1", "LTRIM l 5 9",
	"LTRIM no 0 1", "LPOS l a", "LPOS no a", "LMOVE l l2 LEFT RIGHT", "LMOVE l new LEFT RIGHT", "LMOVE l l LEFT RIGHT", "LMOVE no l LEFT LEFT", "LMOVE l s LEFT LEFT",
	"LMOVE s l LEFT LEFT", "RPOPLPUSH l l2", "RPOPLPUSH l l", "RPOPLPUSH no l", "RPOPLPUSH l2 l", "LMPOP 2 no l LEFT", "LMPOP 1 no LEFT", "LMPOP 1 l RIGHT COUNT 2",
	"LMPOP 1 s LEFT", "BLPOP l 0", "BLPOP no l 0", "BLPOP no 0.01", "BLPOP s 0", "BRPOP l 0", "BRPOP no l2 0", "BLMOVE l l2 LEFT LEFT 0", "BLMOVE no l LEFT LEFT 0.01",
	"BRPOPLPUSH l l2 0", "BRPOPLPUSH no l 0.01", "BLMPOP 0 2 no l LEFT", "BLMPOP 0.01 1 no LEFT",

	"SADD set x", "SADD set a", "SADD new a", "SADD s a", "SREM set a", "SREM set no", "SREM set a b c", "SREM no a", "SREM s a", "SCARD set", "SCARD no",
	"SISMEMBER set a", "SISMEMBER set no", "SISMEMBER no a", "SMISMEMBER set a b", "SMISMEMBER no a", "SMEMBERS set", "SMEMBERS no", "SMOVE set set2 a", "SMOVE set set2 c",
	"SMOVE set set2 no", "SMOVE set new a", "SMOVE set set a", "SMOVE no set a", "SMOVE set s a", "SMOVE s set a", "SMOVE no s a", "SPOP set", "SPOP set 2", "SPOP set 3", "SPOP set 0", "SPOP no",
	"SPOP no 0", "SPOP s", "SRANDMEMBER set", "SRANDMEMBER set 2", "SRANDMEMBER no", "SSCAN set 0", "SSCAN no 0", "SINTER set set2", "SINTER set no",
	"SINTER set set", "SINTERCARD 2 set set2", "SUNION set set2 no", "SDIFF set set2", "SINTERSTORE new set set2", "SINTERSTORE s set set2",
	"SINTERSTORE set2 set no", "SUNIONSTORE new set set2", "SUNIONSTORE set set set2", "SUNIONSTORE s set", "SUNIONSTORE set no", "SDIFFSTORE set2 set set2",
	"SDIFFSTORE s set set", "SUNIONSTORE set2 set s",

	"ZADD z 5 a", "ZADD z 1 a", "ZADD z 5 x", "ZADD new 5 x", "ZADD s 5 x", "ZADD z NX 5 a", "ZADD z XX 5 x", "ZADD no XX 5 x", "ZADD z INCR 5 a", "ZINCRBY z 5 a",
	"ZINCRBY new 5 a", "ZREM z a", "ZREM z no", "ZREM z a b c", "ZREM no a", "ZREM s a", "ZCARD z", "ZCARD no", "ZSCORE z a", "ZSCORE z no", "ZSCORE no a", "ZMSCORE z a b",
	"ZCOUNT z 0 9", "ZLEXCOUNT z - +", "ZRANK z a", "ZREVRANK z a", "ZRANK no a", "ZSCAN z 0", "ZRANGE z 0 -1", "ZRANGE no 0 -1", "ZREVRANGE z 0 -1",
	"ZRANGEBYSCORE z 0 9", "ZREVRANGEBYSCORE z 9 0", "ZRANGEBYLEX z - +", "ZREVRANGEBYLEX z + -", "ZRANGESTORE new z 0 -1", "ZRANGESTORE z2 z 0 -1", "ZRANGESTORE s z 0 -1",
	"ZRANGESTORE z z 0 0", "ZRANGESTORE z2 no 0 -1", "ZREMRANGEBYRANK z 0 1", "ZREMRANGEBYRANK z 0 -1", "ZREMRANGEBYRANK z 7 9", "ZREMRANGEBYRANK no 0 1",
	"ZREMRANGEBYSCORE z 0 1", "ZREMRANGEBYSCORE no 0 1", "ZREMRANGEBYLEX z - [a", "ZREMRANGEBYLEX no - +", "ZRANDMEMBER z", "ZRANDMEMBER z 2", "ZRANDMEMBER no",
	"ZPOPMIN z", "ZPOPMIN z 2", "ZPOPMIN z 0", "ZPOPMIN no", "ZPOPMIN s", "ZPOPMAX z", "ZPOPMAX z 3", "BZPOPMIN z 0", "BZPOPMIN no 0.01", "BZPOPMIN no z2 0", "BZPOPMAX z 0",
	"ZMPOP 2 no z MIN", "ZMPOP 1 no MIN", "ZMPOP 1 z MAX COUNT 2", "BZMPOP 0 2 no z MIN", "BZMPOP 0.01 1 no MIN", "ZUNION 2 z z2", "ZINTER 2 z z2", "ZINTER 2 z no", "ZDIFF 2 z z2",
	"ZUNION 2 z set", "ZINTERCARD 2 z z2", "ZUNIONSTORE new 2 z z2", "ZUNIONSTORE z 2 z z2", "ZUNIONSTORE s 1 z", "ZUNIONSTORE z 1 no", "ZINTERSTORE z2 2 z set",
	"ZDIFFSTORE z 2 z z2", "ZDIFFSTORE z2 2 z z", "ZUNIONSTORE z2 2 z s",

	"DEL s no", "DEL no", "UNLINK s l no", "EXISTS s no", "EXISTS s s", "TOUCH s no", "TOUCH s s", "TYPE s", "TYPE no", "RENAME s new", "RENAME s n", "RENAME s s", "RENAME no new",
	"RENAME l new", "RENAME l s", "RENAMENX s new", "RENAMENX s n", "RENAMENX s s", "RENAMENX no new", "RENAMENX s l", "COPY s new", "COPY s n", "COPY no new", "COPY l new",
	"COPY l s", "COPY s new REPLACE", "COPY s n REPLACE", "COPY l set REPLACE", "MOVE s 1", "MOVE no 1",
	"DUMP s", "DUMP l", "DUMP no", "RESTORE s 0 " + payload, "RESTORE new 0 " + payload, "RESTORE s 0 " + payload + " REPLACE", "RESTORE new 0 " + payload + " REPLACE",
	"RESTORE s 1 " + payload + " ABSTTL REPLACE", "RESTORE new 0 " + payload + " FREQ 77", "RESTORE s 0 " + payload + " REPLACE FREQ 77", "RESTORE l 0 " + payload + " REPLACE",
	"RESTORE s 0 bad REPLACE", "KEYS *", "RANDOMKEY", "SCAN 0", "SCAN 0 TYPE list", "EXPIRE s 100", "EXPIRE no 100", "EXPIRE t 100 NX", "EXPIRE l 100", "EXPIRE s -1",
	"PEXPIRE s 9000", "EXPIREAT s 9999999999", "PEXPIREAT s 9999999999000", "PERSIST t", "PERSIST s", "PERSIST no", "TTL s", "TTL t", "TTL no", "PTTL t", "PTTL no",
	"EXPIRETIME t", "EXPIRETIME no", "PEXPIRETIME t", "SORT l ALPHA", "SORT no", "SORT s", "SORT_RO l ALPHA", "SORT l ALPHA BY no* GET s GET #", "SORT l ALPHA BY l* GET n*",
	"SORT l ALPHA STORE new", "SORT l ALPHA STORE l2", "SORT l ALPHA STORE l", "SORT l ALPHA STORE s", "SORT no STORE l",
	"OBJECT ENCODING s", "OBJECT ENCODING no", "OBJECT FREQ s", "OBJECT FREQ no", "OBJECT IDLETIME s", "OBJECT IDLETIME no", "OBJECT REFCOUNT s", "OBJECT REFCOUNT no",
	"OBJECT HELP", "DBSIZE", "SWAPDB 1 2", "FLUSHDB", "FLUSHALL", "MEMORY USAGE s", "MEMORY USAGE no",

	// A command is not taken for the one before it in the same transaction.
	"MULTI; INCR n; LPUSH l x; GET s; SADD set x; EXEC", "MULTI; GET s; HINCRBY h f 1; TTL no; DEL no; EXEC",
	"MULTI; SET s v NX; SET s v; SET s v GET; SET s v; EXEC", "MULTI; SUNIONSTORE set2 set; RPUSH l a; RPUSHX l a; RPUSH l a; EXEC",
}

// uncounted are the rows that hitsLines leaves out, with the reason.
var uncounted = map[string]string{
	"object": "it answers with an error",
	"memory": "it answers with an error",
}

// countedOtherwise are lines whose counts are not Redis's, with the reason.
var countedOtherwise = map[string]string{
	"BLMOVE l l2 LEFT LEFT 0": looksTwice,
	"BRPOPLPUSH l l2 0":       looksTwice,
	"BZPOPMIN z 0":            looksTwice,
	"BZPOPMAX z 0":            looksTwice,
	"BZMPOP 0 2 no z MIN":     looksTwice,
	"SCAN 0 TYPE list":        "Redis looks each key up by its name to ask for its type",
	"SPOP set 3":              "Redis runs SUNION for it, which is a hit",
	"COPY s n REPLACE":        copiesAnew,
	"COPY l set REPLACE":      copiesAnew,
}

const (
	looksTwice = "Redis looks whether there is something to take, and then runs the form that does not block, which looks again"
	copiesAnew = "Redis deletes the key and adds another one; here the copy takes its place, as whatever is stored does"
)

// TestHitsAndUsesAreRedis: each command counts as many hits and misses as in Redis, and
// as many uses of each key.
func TestHitsAndUsesAreRedis(t *testing.T) {
	oracle := dial(t, script.StartRedis(t), 2)
	defer oracle.Close()
	subject := dial(t, newSubject(t).addr, 2)
	defer subject.Close()
	for _, c := range []*script.Client{oracle, subject} {
		// Each use counts and none is forgotten; with a limit no integers are shared.
		tell(t, c, "CONFIG SET maxmemory-policy allkeys-lfu lfu-log-factor 0 lfu-decay-time 0 maxmemory 1gb")
	}
	for _, line := range hitsLines {
		t.Run(line, func(t *testing.T) {
			want, got := counted(t, oracle, line), counted(t, subject, line)
			if reason := countedOtherwise[line]; reason != "" {
				require.NotEqual(t, want, got, "is not so any more: %s", reason)
				return
			}
			require.Equal(t, want, got)
		})
	}
}

// TestHitsAreComparedForEveryCommand: who adds a row is told to add lines.
func TestHitsAreComparedForEveryCommand(t *testing.T) {
	table := command.NewTable(command.Rows())
	for _, n := range table.All() {
		m := n.Meta()
		if later := strings.HasPrefix(m.Since, "7.4") || strings.HasPrefix(m.Since, "8."); later || uncounted[m.Name] != "" {
			continue // what the oracle does not have
		}
		name := strings.ToUpper(strings.ReplaceAll(m.Name, "|", " ")) + " "
		require.True(t, slices.ContainsFunc(hitsLines, func(line string) bool { return strings.HasPrefix(line+" ", name) }), m.Name)
	}
}

// counted is what a line counts: hits, misses, and uses of each key.
func counted(t *testing.T, c *script.Client, line string) string {
	for _, l := range hitsFixture {
		tell(t, c, l)
	}
	tell(t, c, "CONFIG RESETSTAT")
	for l := range strings.SplitSeq(line, "; ") {
		tell(t, c, l)
	}
	var told []string
	for l := range strings.SplitSeq(tell(t, c, "INFO stats").Text, "\r\n") {
		if strings.HasPrefix(l, "keyspace_") {
			told = append(told, l)
		}
	}
	for k := range strings.FieldsSeq("s n t l l2 set set2 z z2 h new") {
		if v := tell(t, c, "OBJECT FREQ "+k); v.Kind == ':' {
			told = append(told, fmt.Sprintf("%s:%s", k, v.Text))
		}
	}
	return strings.Join(told, "\n")
}

func tell(t *testing.T, c *script.Client, line string) script.Value {
	words := strings.Fields(strings.ReplaceAll(line, `""`, "\x00"))
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "\x00", "")
	}
	v, err := c.Do(words...)
	require.NoError(t, err)
	return v
}
