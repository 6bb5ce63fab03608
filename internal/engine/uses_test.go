package engine

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// fame is how often the engine says that a key was used, and whether it is there.
func fame(t testing.TB, e *Engine, k Key) (n int, ok bool) {
	change(t, e, func(tx *Tx) error {
		ent, err := tx.Peek(k)
		if ent != nil {
			n, ok = int(tx.Freq(ent)), true
		}
		return err
	})
	return n, ok
}

// crowd makes an engine of one stripe in which so many keys were used once.
func crowd(t testing.TB, keys int) *Engine {
	e := newEngine(t, Options{Stripes: 1, Seed: 1})
	e.Configure(func(c *Config) { c.Policy = AllKeysTinyLFU })
	for i := range keys {
		put(t, e, fmt.Sprintf("key%04d", i))
	}
	return e
}

// use looks a key up so many times.
func use(t testing.TB, e *Engine, k Key, times int) {
	for range times {
		require.True(t, func() (found bool) {
			change(t, e, func(tx *Tx) error {
				ent, err := tx.Find(k)
				found = ent != nil
				return err
			})
			return found
		}())
	}
}

// TestEvictedKeysAreRemembered evicts a key that comes back: it is as famous as before.
func TestEvictedKeysAreRemembered(t *testing.T) {
	e := crowd(t, 1)
	k := key("key0000")
	use(t, e, k, 6)
	e.Configure(func(c *Config) { c.MaxMemory = 1 })
	require.NoError(t, e.MakeRoom())
	require.False(t, exists(t, e, k))
	e.Configure(func(c *Config) { c.MaxMemory = 0 })
	put(t, e, "key0000")
	n, _ := fame(t, e, k)
	require.Equal(t, 8, n, "the first PUT, six uses, another PUT")
	change(t, e, func(tx *Tx) error { _, err := tx.Delete(k); return err })
	put(t, e, "key0000")
	n, _ = fame(t, e, k)
	require.Equal(t, 1, n, "a ghost serves once, and what is deleted leaves none")
}

// TestFameFades lets a turnover after another pass without a use of one key: time runs by
// the keys that are added.
func TestFameFades(t *testing.T) {
	e := crowd(t, 100)
	use(t, e, key("key0000"), 99)
	n, _ := fame(t, e, key("key0000"))
	require.InDelta(t, 100, n, 1)
	use(t, e, key("key0001"), 300)
	turn := func(times int) {
		for range times {
			e.Config().uses[0].added(100)
		}
	}
	turn(100 * 32)
	n, _ = fame(t, e, key("key0000"))
	require.Equal(t, 50, n, "halved after 32 turnovers")
	turn(100 * 32 * 2)
	n, _ = fame(t, e, key("key0000"))
	require.Equal(t, 12, n)
	n, _ = fame(t, e, key("key0001"))
	require.Equal(t, 255/8, n, "there is room for 255 uses")
}

// TestGhostsGiveWayToBetterOnes fills one bucket: of ghosts that are worth as much the
// oldest goes, and one that was used more often stays.
func TestGhostsGiveWayToBetterOnes(t *testing.T) {
	u := new(uses)
	const keys = 1
	hash := func(i int) uint64 { return uint64(i) << 32 }
	u.remember(hash(0), u.stamp(9), keys)
	for i := range 40 {
		u.time += 1 << (32 + ghostTicks)
		u.remember(hash(i+1), u.stamp(1), keys)
	}
	require.EqualValues(t, 9, u.recall(hash(0)))
	for i := range 40 {
		want := uint32(1)
		if i < 40-len(bucket{})+1 {
			want = 0
		}
		require.Equal(t, want, u.recall(hash(i+1)), i)
	}
	u.remember(hash(1), u.stamp(0), keys)
	require.Zero(t, u.recall(hash(1)))
}

// TestStrangeStampsAreNow: what another stripe has written whose time is ahead is no old
// use, and what another policy has written is one.
func TestStrangeStampsAreNow(t *testing.T) {
	u := &uses{time: 1000 << 32}
	require.Zero(t, u.age(1001<<8))
	require.EqualValues(t, 7, u.count(2000<<8|7))
	require.EqualValues(t, 1, u.count(3000<<8|7))
	require.EqualValues(t, 10, u.age(990<<8))
	u.time = 1<<(24+32) - 1
	access := u.stamp(3)
	u.time += 2 << 32
	require.EqualValues(t, 2, u.age(access), "a tick has 24 bits")
}

// TestGhostsAreBounded holds the policy to the memory that it may take, and to nothing
// when it is gone.
func TestGhostsAreBounded(t *testing.T) {
	require.Zero(t, unsafe.Sizeof(uses{})%64, "stripes share no cache line")
	const n = 20_000
	e := crowd(t, n)
	e.Configure(func(c *Config) { c.MaxMemory = e.Memory() })
	for i := range n {
		put(t, e, fmt.Sprintf("more%04d", i))
		require.NoError(t, e.MakeRoom())
	}
	u := &e.Config().uses[0]
	size := float64(len(u.ghosts)) * float64(unsafe.Sizeof(bucket{}))
	require.InEpsilon(t, 8*n, size, 0.01)
	e.Configure(func(c *Config) { c.Policy = AllKeysLFU })
	require.Nil(t, e.Config().uses)
	fork := e.Fork(e.Clock())
	defer fork.Close()
	require.Nil(t, fork.Config().uses)
}

// TestForksCountForThemselves: the fork of an engine has its own time and ghosts.
func TestForksCountForThemselves(t *testing.T) {
	e := crowd(t, 10)
	fork := e.Fork(e.Clock())
	defer fork.Close()
	require.NotSame(t, &e.Config().uses[0], &fork.Config().uses[0])
	use(t, e, key("key0001"), 10)
	n, _ := fame(t, fork, key("key0001"))
	require.Equal(t, 1, n)
}

func TestGhostsFadeToo(t *testing.T) {
	u := new(uses)
	u.remember(1<<32, u.stamp(100), 1)
	u.time += 2 << (halvingTick + 32)
	require.EqualValues(t, 25, u.recall(1<<32))
	require.Zero(t, u.recall(1<<32))
}

func TestBetterGhostsStay(t *testing.T) {
	u := new(uses)
	for i := range uint64(16) {
		u.remember((i+1)<<32, u.stamp(9), 1)
	}
	u.remember(100<<32, u.stamp(1), 1)
	require.Zero(t, u.recall(100<<32))
	for i := range uint64(16) {
		require.EqualValues(t, 9, u.recall((i+1)<<32))
	}
}

func TestGhostsFollowTheKeys(t *testing.T) {
	u := new(uses)
	for _, keys := range []int{10, 10_000, 10} {
		u.remember(1<<32, u.stamp(1), keys)
		want := 2*keys/16 + 1
		require.LessOrEqual(t, len(u.ghosts), 4*want)
		require.GreaterOrEqual(t, len(u.ghosts), want/2)
	}
}

func TestOfEqualsTheOldestGoes(t *testing.T) {
	u := new(uses)
	old := u.stamp(3)
	u.time += 5 << 32
	require.Greater(t, u.score(old), u.score(u.stamp(3)))
}

func TestUseFadesFirst(t *testing.T) {
	e := crowd(t, 1)
	use(t, e, key("key0000"), 99)
	e.Config().uses[0].time += 1 << (halvingTick + 32)
	use(t, e, key("key0000"), 1)
	n, _ := fame(t, e, key("key0000"))
	require.Equal(t, 51, n)
}
