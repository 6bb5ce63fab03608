package bench

import (
	"math"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// cached is the value of every key.
var cached = strings.Repeat("v", 2*textLen)

// cache is asked for keys, one after another, and keeps those that it did not have.
type cache interface {
	hits(keys []string) []bool
	len() int // how many it has
	close()
}

// trace is the keys that are asked for, in that order.
type trace struct {
	name string
	keys []string
	scan []bool // who asked was a scan, which asks for a key only once
}

// zipfTrace asks n times for keys by Zipf's law with the exponent 0.99: the key of
// rank r is asked for 1/r^0.99 times as often as the first.
func zipfTrace(n, keys int) trace {
	sums := make([]float64, keys)
	for i := range sums {
		sums[i] = math.Pow(float64(i+1), -0.99)
		if i > 0 {
			sums[i] += sums[i-1]
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	t := trace{"Zipf", make([]string, 0, n), make([]bool, n)}
	for range n {
		t.keys = append(t.keys, "zipf:"+strconv.Itoa(sort.SearchFloat64s(sums, r.Float64()*sums[keys-1])))
	}
	return t
}

// scanned is the trace with scans between: after every so many of its keys a scan
// asks for as many other keys, each for the first and only time.
func (t trace) scanned(every int) trace {
	s := trace{name: t.name + " with scans"}
	for i, k := range t.keys {
		if i%every == 0 && i > 0 {
			for range every {
				s.keys = append(s.keys, "scan:"+strconv.Itoa(len(s.keys)))
				s.scan = append(s.scan, true)
			}
		}
		s.keys = append(s.keys, k)
		s.scan = append(s.scan, false)
	}
	return s
}

// batch is how many keys of a trace are asked for at a time.
const batch = 50

// hitRatio is how many of the trace's keys, of those that no scan asked for, the
// cache had; what comes before the first quarter's end fills the cache.
func (t trace) hitRatio(c cache) float64 {
	asked, had := 0, 0
	for at := 0; at < len(t.keys); at += batch {
		end := min(at+batch, len(t.keys))
		for i, hit := range c.hits(t.keys[at:end]) {
			if t.scan[at+i] || at < len(t.keys)/4 {
				continue
			}
			asked++
			if hit {
				had++
			}
		}
	}
	return float64(had) / float64(asked)
}

// each asks by a function of one key.
func each(keys []string, ask func(key string) (hit bool)) (hits []bool) {
	for _, k := range keys {
		hits = append(hits, ask(k))
	}
	return hits
}

// pace is a clock that a trace moves on. Policies that look at the time see the same
// seconds and minutes pass between the same keys as on redis-server.
type pace struct {
	now  time.Time
	step time.Duration // for a key
}

func (p *pace) Now() time.Time { return p.now }

// AfterFunc calls nothing: no deadline comes while a trace is played.
func (p *pace) AfterFunc(time.Duration, func()) store.Timer { return never{} }

type never struct{}

func (never) Stop() bool { return true }

// resideCache has a memory limit into which just n keys fit.
type resideCache struct {
	*store.Store
	clock *pace
}

func newResideCache(p store.Policy, n int, clock pace) resideCache {
	r := resideCache{store.New(store.Options{Clock: &clock, Seed: 1, Eviction: p}), &clock}
	for i := range n {
		r.put("fill:" + strconv.Itoa(i))
	}
	r.SetMaxMemory(r.Stats().Memory, p)
	return r
}

// put sets a deadline, so that all keys are the volatile policies' too.
func (r resideCache) put(key string) {
	_, err := types.NewString[string](r, key).SetWith(background, cached, types.SetOptions{Expiry: types.After(24 * time.Hour)})
	done(err)
}

func (r resideCache) hits(keys []string) []bool {
	return each(keys, func(key string) bool {
		r.clock.now = r.clock.now.Add(r.clock.step)
		_, hit, err := types.NewString[string](r, key).Get(background)
		done(err)
		if !hit {
			r.put(key)
		}
		return hit
	})
}

func (r resideCache) len() int {
	n, err := r.Len(background)
	done(err)
	return int(n)
}

func (r resideCache) close() { done(r.Close()) }

// otterCache holds n keys.
type otterCache struct{ *otter.Cache[string, string] }

func newOtterCache(n int) otterCache {
	return otterCache{otter.Must(&otter.Options[string, string]{MaximumSize: n, Executor: func(f func()) { f() }})}
}

func (o otterCache) hits(keys []string) []bool {
	return each(keys, func(key string) bool {
		_, hit := o.GetIfPresent(key)
		if !hit {
			o.Set(key, cached)
		}
		return hit
	})
}

func (o otterCache) len() int { return o.EstimatedSize() }
func (o otterCache) close()   { o.StopAllGoroutines() }

// redisCache is a redis-server whose memory limit n keys fit into. It looks at the
// keys by a script, as a round trip for each would take minutes.
type redisCache struct{ *script.Client }

const askRedis = `local hits = {}
for i = 2, #ARGV do
	if redis.call('GET', ARGV[i]) then hits[#hits + 1] = i - 2 else redis.call('SET', ARGV[i], ARGV[1], 'EX', 86400) end
end
return hits`

func newRedisCache(addr, policy string, n int) redisCache {
	c, err := script.Dial(addr, 2)
	done(err)
	r := redisCache{c}
	r.do("CONFIG", "SET", "maxmemory-policy", policy)
	r.hits([]string{"warm"}) // what the script itself takes is not the keys'
	r.do("EVAL", "for i = 1, ARGV[1] do redis.call('SET', 'fill:' .. i, ARGV[2], 'EX', 86400) end", "0", strconv.Itoa(n), cached)
	for line := range strings.Lines(r.do("INFO", "memory").Text) {
		if used, ok := strings.CutPrefix(line, "used_memory:"); ok {
			r.do("CONFIG", "SET", "maxmemory", strings.TrimSpace(used))
		}
	}
	return r
}

func (r redisCache) do(words ...string) script.Value {
	v, err := r.Do(words...)
	done(err)
	must(v.Kind != '-')
	return v
}

func (r redisCache) hits(keys []string) []bool {
	hits := make([]bool, len(keys))
	for _, at := range r.do(append([]string{"EVAL", askRedis, "0", cached}, keys...)...).Kids {
		i, err := strconv.Atoi(at.Text)
		done(err)
		hits[i] = true
	}
	return hits
}

func (r redisCache) len() int {
	n, err := strconv.Atoi(r.do("DBSIZE").Text)
	done(err)
	return n
}

func (r redisCache) close() { r.Close() }
