package redistest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/store"
)

// golden is a dump with every type, sorted.
const golden = `SET "" ""
HSET hash "a field" 1
HSET hash b "\x00"
HPEXPIRE hash 1500 FIELDS 1 b
PEXPIRE hash 60000
RPUSH list 2
RPUSH list 1
RPUSH list 2
SADD set "\"q\""
SADD set "\xff"
SADD set é
SET string "two words"
PEXPIRE string 1
ZADD zset -inf low
ZADD zset 0.1 x
ZADD zset 1 a
ZADD zset 1 b
ZADD zset 1e+20 big
ZADD zset inf top
SELECT 3
SET string 1
SELECT 15
SET string 2
`

func TestDumpIsAScriptThatMakesTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(t, Options{})
		lines := strings.Split(strings.Split(golden, "SELECT")[0], "\n")
		for _, l := range lines { // a list has an order, the rest has none
			if strings.HasPrefix(l, "RPUSH") {
				s.Load(t, l)
			}
		}
		for i := range lines {
			if l := lines[len(lines)-1-i]; !strings.HasPrefix(l, "RPUSH") && !strings.Contains(l, "PEXPIRE") {
				s.Load(t, l)
			}
		}
		for _, l := range lines {
			if strings.Contains(l, "PEXPIRE") {
				s.Load(t, l)
			}
		}
		s.Load(t, "SELECT"+strings.SplitN(golden, "SELECT", 2)[1])
		require.Equal(t, golden, Dump(s.Store()))

		again := New(t, Options{})
		again.Load(t, golden)
		require.Equal(t, golden, Dump(again.Store()))
		require.True(t, Equal(t, s.Store(), again.Store()))
		time.Sleep(time.Second)
		require.Contains(t, Dump(s.Store()), "HPEXPIRE hash 500 FIELDS 1 b\nPEXPIRE hash 59000\n")
		require.NotContains(t, Dump(s.Store()), "two words", "it has expired")
	})
}

func TestDumpOfNothing(t *testing.T) {
	require.Empty(t, Dump(New(t, Options{}).Store()))
}

// TestDumpOfRandomBytes loads what it has dumped.
func TestDumpOfRandomBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	a, b := New(t, Options{}), New(t, Options{})
	p := dial(t, a)
	for range 2000 {
		value := make([]byte, random.IntN(12))
		for i := range value {
			value[i] = byte(random.IntN(256))
		}
		key := value[:len(value)/2]
		p.send(fmt.Sprintf("*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", len(key), key, len(value), value))
		p.want("+OK\r\n")
	}
	b.Load(t, Dump(a.Store()))
	require.True(t, Equal(t, a.Store(), b.Store()))
	require.Equal(t, store.Engine(a.Store()).Dump(), store.Engine(b.Store()).Dump())
}

func TestEqual(t *testing.T) {
	for _, c := range []struct{ name, want, got, diff string }{
		{"the same in another order", "SADD s a b\nHSET h a 1 b 2\nSET a 1", "SET a 1\nHSET h b 2 a 1\nSADD s b a", ""},
		{"another encoding", "HSET h f " + strings.Repeat("x", 100) + "\nHSET h f v", "HSET h f v", ""},
		{"a value", "SET a 1\nSET b 1\nSET c 1", "SET a 1\nSET b 2\nSET c 1", "1\n  b\n  - SET b 1\n  + SET b 2\n"},
		{"a key here and there", "SET a 1\nSET c 1", "SET b 1\nSET c 1", "2\n  a\n  - SET a 1\n  b\n  + SET b 1\n"},
		{"a key more", "SET a 1", "SET a 1\nSELECT 1\nSET z 1", "1\n  z [1]\n  + SET z 1\n"},
		{"another type", "SADD k 1", "RPUSH k 1", "1\n  k\n  - SADD k 1\n  + RPUSH k 1\n"},
		{"an element", "RPUSH l 1 2 3 4", "RPUSH l 1 2 x 4", "1\n  l\n    RPUSH l 2\n  - RPUSH l 3\n  + RPUSH l x\n"},
		{"a deadline", "SET a 1", "SET a 1\nPEXPIREAT a 9000000000000", "1\n  a\n    SET a 1\n  + PEXPIREAT a 9000000000000\n"},
		{"a field's deadline", "HSET h f v\nHPEXPIREAT h 8000000000000 FIELDS 1 f", "HSET h f v\nHPEXPIREAT h 9000000000000 FIELDS 1 f",
			"1\n  h\n    HSET h f v\n  - HPEXPIREAT h 8000000000000 FIELDS 1 f\n  + HPEXPIREAT h 9000000000000 FIELDS 1 f\n"},
		{"an element twice", "SADD s " + strings.Repeat("1 ", 50), "SADD s 1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := New(t, Options{}), New(t, Options{})
			a.Load(t, c.want)
			b.Load(t, c.got)
			rec := &recorder{TB: t}
			require.Equal(t, c.diff == "", Equal(rec, a.Store(), b.Store()))
			if c.diff != "" {
				c.diff = "redistest: the stores differ, keys: " + c.diff + "\n"
			}
			require.Equal(t, c.diff, rec.failed.String())
		})
	}
}

func TestEqualShowsABoundedNumberOfDifferences(t *testing.T) {
	a, b := New(t, Options{}), New(t, Options{})
	for i := range 30 {
		a.Load(t, fmt.Sprintf("SET k%02d v", i))
		b.Load(t, fmt.Sprintf("RPUSH a %d", i))
	}
	rec := &recorder{TB: t}
	Equal(rec, a.Store(), b.Store())
	text := rec.failed.String()
	require.Contains(t, text, "differ, keys: 31")
	require.Contains(t, text, "  + RPUSH a 19\n  + and 10 more lines\n")
	require.Contains(t, text, "  - SET k18 v\n  and 11 more keys\n")
	require.NotContains(t, text, "k19")
}
