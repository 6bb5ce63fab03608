package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store"
)

// caching is what a cache did with a trace.
type caching struct {
	cache string
	keys  int // that it held in the end
	ratio float64
}

// the names of caches that are compared with one another.
const (
	resideLRU, redisLRU = "Reside allkeys-lru", "redis-server allkeys-lru"
	resideLFU, redisLFU = "Reside allkeys-lfu", "redis-server allkeys-lfu"
	resideRandom        = "Reside allkeys-random"
	resideTiny          = "Reside allkeys-tinylfu"
	otterV2             = "otter"
)

// playCaches plays a trace to every cache, of n keys each. Reside's clock goes as
// redis-server's did.
func playCaches(t testing.TB, tr trace, n int) (all []caching) {
	play := func(name string, c cache) {
		ratio := tr.hitRatio(c)
		all = append(all, caching{name, c.len(), ratio})
		c.close()
	}
	var clocks [2]pace // under LRU, LFU
	for i, policy := range []string{"allkeys-lru", "allkeys-lfu"} {
		c := newRedisCache(script.StartRedis(t), policy, n)
		began := time.Now()
		play("redis-server "+policy, c)
		clocks[i] = pace{began, time.Since(began) / time.Duration(len(tr.keys))}
	}
	for p := store.AllKeysLRU; p <= store.VolatileTinyLFU; p++ {
		clock := clocks[0]
		if p == store.AllKeysLFU || p == store.VolatileLFU {
			clock = clocks[1]
		}
		play("Reside "+p.String(), newResideCache(p, n, clock))
	}
	play(otterV2, newOtterCache(n))
	return all
}

func ratioOf(t testing.TB, all []caching, name string) float64 {
	for _, c := range all {
		if c.cache == name {
			return c.ratio
		}
	}
	require.Fail(t, "no such cache: "+name)
	return 0
}

// traces are the traces that caches of n keys are compared with.
func traces(n, asked int) []trace {
	zipf := zipfTrace(asked, 10*n)
	return []trace{zipf, zipf.scanned(n)}
}

// TestCaches plays short traces, on which the seconds of a policy's clock do not
// count: what was used often is kept, and random picks are worst.
func TestCaches(t *testing.T) {
	const n = 5000
	for _, tr := range traces(n, 10*n) {
		all := playCaches(t, tr, n)
		require.Len(t, all, 12)
		for _, c := range all {
			t.Logf("%s: %s %.3f of %d keys", tr.name, c.cache, c.ratio, c.keys)
			require.InEpsilon(t, n, c.keys, 0.06, c.cache+": redis-server's own buffers count too")
		}
		require.Greater(t, ratioOf(t, all, resideLFU), ratioOf(t, all, resideRandom), tr.name)
		require.InDelta(t, ratioOf(t, all, redisLFU), ratioOf(t, all, resideLFU), 0.03, tr.name)
		require.Greater(t, ratioOf(t, all, resideTiny), ratioOf(t, all, redisLRU), tr.name)
		require.Greater(t, ratioOf(t, all, resideTiny), ratioOf(t, all, redisLFU), tr.name)
		require.Greater(t, ratioOf(t, all, resideTiny), ratioOf(t, all, otterV2)-0.02, tr.name)
	}
}

// TestCacheTable prints the hit ratios, and holds Reside to those of redis-server.
func TestCacheTable(t *testing.T) {
	if !*tableFlag {
		t.Skip("takes minutes; run with -table")
	}
	const n = 100_000
	var results [][]caching
	list := traces(n, 30*n)
	for _, tr := range list {
		results = append(results, playCaches(t, tr, n))
	}
	fmt.Printf("%s, %d keys fit, %d asked for\n\n| hits of 100 | %s | %s | keys |\n|---|---|---|---|\n", here(), n, 30*n, list[0].name, list[1].name)
	for i, c := range results[0] {
		fmt.Printf("| %s | %.1f | %.1f | %d |\n", c.cache, 100*c.ratio, 100*results[1][i].ratio, c.keys)
	}
	for i, all := range results {
		require.Greater(t, ratioOf(t, all, resideLRU), ratioOf(t, all, redisLRU)-0.01, list[i].name)
		require.Greater(t, ratioOf(t, all, resideLFU), ratioOf(t, all, redisLFU)-0.01, list[i].name)
		require.Greater(t, ratioOf(t, all, resideTiny), ratioOf(t, all, redisLFU), list[i].name)
		require.Greater(t, ratioOf(t, all, resideTiny), ratioOf(t, all, otterV2)-0.02, list[i].name)
	}
}
