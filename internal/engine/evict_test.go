package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

// full makes an engine with n keys which must let go of some: half of them have a
// deadline, the later the higher their number, and key i was used last i seconds
// after the start, i/10 times.
func full(t testing.TB, p Policy, n int) (*Engine, *fakeClock) {
	clock := newFakeClock()
	e := newEngine(t, Options{Clock: clock, Seed: 1})
	e.Configure(func(c *Config) { c.Policy = p })
	for i := range n {
		deadline := int64(0)
		if i%2 == 0 {
			deadline = clock.ms() + time.Hour.Milliseconds() + int64(i)*1000
		}
		name := fmt.Sprintf("key%04d", i)
		putUntil(t, e, name, deadline)
	}
	for i := range n {
		clock.advance(time.Second)
		for range i/10 + 1 {
			tx := e.BeginKey(key("key%04d", i))
			_, err := tx.Find(key("key%04d", i))
			tx.Commit()
			require.NoError(t, err)
		}
	}
	return e, clock
}

// evicted runs MakeRoom for so many keys and returns the numbers of those that went.
func evicted(t testing.TB, e *Engine, n, many int) (gone []int) {
	t.Helper()
	each := e.Memory() / e.Len(0)
	if e.Config().Policy.volatile() { // whose keys take more than the others
		each = memoryOf(t, e, key("key0000"))
	}
	e.Configure(func(c *Config) { c.MaxMemory = e.Memory() - int64(many)*each + each/2 })
	require.NoError(t, e.MakeRoom())
	require.LessOrEqual(t, e.Memory(), e.Config().MaxMemory)
	checkAccounts(t, e)
	for i := range n {
		if !exists(t, e, key("key%04d", i)) {
			gone = append(gone, i)
		}
	}
	require.InDelta(t, many, len(gone), float64(many)/10) // keys with a deadline take more
	return gone
}

func memoryOf(t testing.TB, e *Engine, k Key) int64 {
	t.Helper()
	tx := e.BeginKey(k)
	defer tx.Commit()
	ent, err := tx.Peek(k)
	require.NoError(t, err)
	return ent.Memory()
}

func mean(list []int) float64 {
	sum := 0
	for _, i := range list {
		sum += i
	}
	return float64(sum) / float64(len(list))
}

func TestEvictionPolicies(t *testing.T) {
	const n, many = 1000, 200
	for _, c := range []struct {
		policy   Policy
		from, to float64 // where the mean number of what goes must lie
	}{
		{AllKeysLRU, 90, 250},
		{AllKeysLFU, 90, 380},
		{AllKeysRandom, 400, 600},
		{AllKeysTinyLFU, 90, 380},
		{VolatileTinyLFU, 190, 400},
		{VolatileLRU, 190, 320},
		{VolatileLFU, 190, 400},
		{VolatileRandom, 400, 600},
		{VolatileTTL, 190, 320},
	} {
		t.Run(c.policy.String(), func(t *testing.T) {
			e, _ := full(t, c.policy, n)
			gone := evicted(t, e, n, many)
			for _, i := range gone {
				require.False(t, c.policy.volatile() && i%2 == 1, "a key without a deadline was evicted")
			}
			t.Logf("mean number %.0f", mean(gone))
			require.Greater(t, mean(gone), c.from)
			require.Less(t, mean(gone), c.to)
			require.EqualValues(t, len(gone), e.Stats().Evicted)
		})
	}
}

// TestFewKeys has fewer keys than stripes: with enough samples the right one goes.
func TestFewKeys(t *testing.T) {
	for _, p := range []Policy{AllKeysLRU, VolatileLRU, VolatileTTL} {
		e, _ := full(t, p, 20)
		e.Configure(func(c *Config) { c.Samples = 20 })
		require.Equal(t, []int{0}, evicted(t, e, 20, 1), p)
	}
}

// TestRandomEvictionIsFair has keys in a few stripes that stand close together and
// one far away: each is picked as often.
func TestRandomEvictionIsFair(t *testing.T) {
	e := newEngine(t, Options{Seed: 1})
	e.Configure(func(c *Config) { c.Policy = AllKeysRandom })
	var keys []string
	for _, stripe := range []int{0, 1, 2, 3, 4, 5, 6, 7, 40} {
		keys = append(keys, string(keyIn(e, stripe).B))
	}
	put(t, e, keys...)
	counts := map[string]int{}
	for range 2000 {
		e.Configure(func(c *Config) { c.MaxMemory = e.Memory() - 1 })
		require.NoError(t, e.MakeRoom())
		for _, k := range keys {
			if !exists(t, e, KeyOf([]byte(k))) {
				counts[k]++
				put(t, e, k)
			}
		}
	}
	dstest.Uniform(t, counts, len(keys))
}

// TestNoEviction refuses what needs memory, and only that; see DenyOOM of the rows.
func TestNoEviction(t *testing.T) {
	e, _ := full(t, NoEviction, 10)
	require.NoError(t, e.MakeRoom())
	require.False(t, e.Full())
	e.Configure(func(c *Config) { c.MaxMemory = 1 })
	require.ErrorIs(t, e.MakeRoom(), ErrNoMemory)
	require.True(t, e.Full())
	require.EqualValues(t, 10, e.Len(0))
}

// TestVolatilePoliciesSpareOtherKeys: hashes whose fields alone have deadlines stand
// among those that time has work with, but they are not the policy's.
func TestVolatilePoliciesSpareOtherKeys(t *testing.T) {
	for _, p := range []Policy{VolatileLRU, VolatileLFU, VolatileTinyLFU, VolatileRandom, VolatileTTL} {
		e := newEngine(t, Options{Clock: newFakeClock()})
		for i := range 100 {
			change(t, e, func(tx *Tx) error {
				if _, err := tx.HashPut(key("hash%d", i), bytesOf("f", "v")...); err != nil {
					return err
				}
				return tx.HashDeadline(key("hash%d", i), 1<<45, []byte("f"))
			})
		}
		putUntil(t, e, "volatile", 1<<46)
		e.Configure(func(c *Config) { c.Policy, c.MaxMemory = p, 1 })
		require.ErrorIs(t, e.MakeRoom(), ErrNoMemory)
		require.EqualValues(t, 100, e.Len(0), p)
		require.False(t, exists(t, e, key("volatile")))
		checkAccounts(t, e)
	}
}

// TestEvictionIsAnEffect: a replica deletes what the primary evicts, and nothing by
// itself.
func TestEvictionIsAnEffect(t *testing.T) {
	log := new(tape)
	e := newEngine(t, Options{})
	e.Attach(e.Tap(log.sink))
	for i := range 100 {
		put(t, e, fmt.Sprint(i))
	}
	e.Configure(func(c *Config) { c.Policy, c.MaxMemory = AllKeysRandom, e.Memory()/2 })
	require.NoError(t, e.MakeRoom())
	replica := log.replay(t, Options{Replica: true})
	require.Equal(t, e.Dump(), replica.Dump())
	replica.Configure(func(c *Config) { c.Policy, c.MaxMemory = AllKeysRandom, 1 })
	require.ErrorIs(t, replica.MakeRoom(), ErrNoMemory)
	require.Equal(t, e.Len(0), replica.Len(0))
}

func BenchmarkMakeRoom(b *testing.B) {
	e := newEngine(b, Options{})
	put(b, e, "k")
	e.Configure(func(c *Config) { c.Policy, c.MaxMemory = AllKeysLRU, 1<<30 })
	for b.Loop() {
		_ = e.MakeRoom()
	}
}

// TestPoliciesSwitchAtRunTime changes the policy between keys that nobody uses and ones
// that are used much: whatever the first are marked with, they go.
func TestPoliciesSwitchAtRunTime(t *testing.T) {
	for _, from := range []Policy{NoEviction, AllKeysLRU, AllKeysLFU, AllKeysRandom, AllKeysTinyLFU} {
		for _, to := range []Policy{AllKeysLRU, AllKeysLFU, AllKeysTinyLFU} {
			clock := newFakeClock()
			e := newEngine(t, Options{Clock: clock, Seed: 1})
			e.Configure(func(c *Config) { c.Policy = from })
			for i := range 200 {
				put(t, e, fmt.Sprintf("cold%04d", i))
				clock.advance(time.Second)
			}
			e.Configure(func(c *Config) { c.Policy = to })
			clock.advance(time.Hour)
			for i := range 200 {
				put(t, e, fmt.Sprintf("hots%04d", i))
				use(t, e, key("hots%04d", i), 30)
			}
			e.Configure(func(c *Config) { c.MaxMemory = e.Memory() / 2 })
			require.NoError(t, e.MakeRoom())
			gone := 0
			for i := range 200 {
				if !exists(t, e, key("hots%04d", i)) {
					gone++
				}
			}
			require.Less(t, gone, 60, "%v, then %v", from, to)
		}
	}
}

// TestWhatWasUsedSinceIsSpared uses candidates between their choice and their end.
func TestWhatWasUsedSinceIsSpared(t *testing.T) {
	for _, p := range []Policy{AllKeysLRU, AllKeysLFU, AllKeysTinyLFU} {
		clock := newFakeClock()
		e := newEngine(t, Options{Clock: clock, Stripes: 1, Seed: 1})
		e.Configure(func(c *Config) { c.Policy, c.LFULogFactor, c.Samples = p, 0, 10 })
		for i := range 10 {
			put(t, e, fmt.Sprintf("key%04d", i))
		}
		clock.advance(time.Hour)
		e.evictor.policy = p
		e.evictor.sample(e, e.Config())
		for i := range 9 {
			use(t, e, key("key%04d", i), 300)
		}
		e.Configure(func(c *Config) { c.MaxMemory = e.Memory() - 1 })
		require.NoError(t, e.MakeRoom())
		require.False(t, exists(t, e, key("key0009")))
		require.EqualValues(t, 9, e.Len(0))
	}
}
