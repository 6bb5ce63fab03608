package redistest

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const everyKind = `
SET string "a value that is longer than what stands in one piece with its key, by some words"
SET soon v EX 60
RPUSH list a b c
SADD set a b c
ZADD zset 1 a 2 b
HSET hash f v g w
`

func TestForksOfParallelTests(t *testing.T) {
	clock, base := clocked(t)
	base.Load(t, everyKind)
	clock.Advance(30 * time.Second)
	before := Dump(base.Store())
	t.Run("forks", func(t *testing.T) {
		for i := range 10 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				s := base.Fork(t)
				require.Equal(t, before, Dump(s.Store()))
				p := dial(t, s)
				p.do("TTL soon", ":30\r\n")
				p.do("SETRANGE string 0 A", ":80\r\n")
				p.do("RPUSH list d", ":4\r\n")
				p.do("SREM set a", ":1\r\n")
				p.do("ZINCRBY zset 5 a", "$1\r\n6\r\n")
				p.do("HSET hash f other", ":0\r\n")
				s.Clock().Advance(time.Minute)
				p.do("EXISTS soon", ":0\r\n")
			})
		}
	})
	require.Equal(t, before, Dump(base.Store()))
	require.Same(t, clock, base.Clock())
}

func TestForkHasTheSeedAndTheOptions(t *testing.T) {
	base := New(t, Options{Commands: 2})
	base.Load(t, "SADD s a b c d e f g h i j k l m n o p q r s t u v w x y z")
	base.Fault(Fault{Error: Loading})
	pick := func() string {
		s := base.Fork(t)
		p := dial(t, s)
		p.send("SRANDMEMBER s 20\r\nPING\r\nPING\r\n")
		var reply string
		for range 43 {
			line, err := p.r.ReadString('\n')
			require.NoError(t, err)
			reply += line
		}
		require.Len(t, s.Commands(), 2)
		return reply
	}
	first := pick()
	require.Equal(t, first, pick())
	require.Empty(t, base.Commands())
}

func TestForkInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := New(t, Options{})
		base.Load(t, "SET k v EX 60")
		fork := base.Fork(t)
		require.Nil(t, fork.Clock())
		base.Close()
		forEver(t, fork).do("BLPOP list 61", "*-1\r\n")
		require.Zero(t, fork.keys(t))
	})
}
