package server

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/script"
)

const stressKeys = 60

// versions are what writers have done to each key, whose value is the number of the
// write that made it. A key has one writer.
type versions struct {
	begun, done [stressKeys]atomic.Int64
}

// cacher is a client that keeps copies of values, by the protocol.
type cacher struct {
	*peer
	name  string
	of    *versions
	read  string // a command that reads %s, its own replies before that of GET left out
	skip  int    // how many of them
	cache map[int]copied
	hits  int
}

// copied is a copy of a value.
type copied struct {
	version int64 // -1 for a missing key
	begun   int64 // the key's last write that had begun when the value came
}

// next reads the next reply; the invalidations before it take effect.
func (c *cacher) next() script.Value {
	for {
		v, err := script.ReadValue(c.r)
		require.NoError(c.t, err)
		if v.Kind != '>' {
			return v
		}
		if v.Kids[1].Kind != '*' {
			clear(c.cache)
		}
		for _, k := range v.Kids[1].Kids {
			n, err := strconv.Atoi(k.Text)
			require.NoError(c.t, err)
			delete(c.cache, n)
		}
	}
}

// fetch reads keys from the server, all in one go.
func (c *cacher) fetch(keys []int) {
	var lines strings.Builder
	for _, k := range keys {
		lines.WriteString(strings.ReplaceAll(c.read, "%s", strconv.Itoa(k)))
	}
	c.send(lines.String())
	for _, k := range keys {
		v := c.next()
		for range c.skip {
			v = c.next()
		}
		if v.Kind == '*' {
			v = v.Kids[len(v.Kids)-1]
		}
		c.cache[k] = copied{c.version(v), c.of.begun[k].Load()}
	}
}

func (c *cacher) version(v script.Value) int64 {
	if v.Kind == '_' {
		return -1
	}
	number, padding, ok := strings.Cut(v.Text, ":")
	require.True(c.t, ok && strings.Trim(padding, "x") == "", "%.100q", v.Text)
	n, err := strconv.ParseInt(number, 10, 64)
	require.NoError(c.t, err)
	return n
}

// check takes a copy that was not invalidated by a message before the server's last
// reply: it is not older than any write that was done before that was asked for.
func (c *cacher) check(k int) {
	done := c.of.done[k].Load()
	c.send("PING\r\n")
	require.Equal(c.t, "PONG", c.next().Text)
	x, ok := c.cache[k]
	if ok {
		c.hits++
	}
	if ok && x.version >= 0 {
		require.GreaterOrEqual(c.t, x.version, done, "key %d, %s", k, c.name)
	} else if ok {
		require.GreaterOrEqual(c.t, x.begun, done, "key %d is there again, %s", k, c.name)
	}
}

// work keeps a cache for a while.
func (c *cacher) work(r *rand.Rand, rounds int) {
	for range rounds {
		var keys []int
		for range 1 + r.IntN(4) {
			if k := r.IntN(stressKeys); c.cache[k] == (copied{}) {
				keys = append(keys, k)
			}
		}
		c.fetch(keys)
		c.check(r.IntN(stressKeys))
	}
}

// cachers are the ways in which a client can keep a cache, with the number of
// replies before that of GET.
var cachers = map[string]struct {
	on, read string
	skip     int
}{
	"default":     {"", "GET %s\r\n", 0},
	"transaction": {"OPTIN", "CLIENT CACHING YES\r\nMULTI\r\nPTTL %s\r\nGET %s\r\nEXEC\r\n", 4},
	"optin":       {"OPTIN NOLOOP", "CLIENT CACHING YES\r\nGET %s\r\n", 1},
	"broadcast":   {"BCAST", "GET %s\r\n", 0},
	"prefixes":    {"BCAST PREFIX 1 PREFIX 2 PREFIX 3 PREFIX 4 PREFIX 5 PREFIX 6 PREFIX 7 PREFIX 8 PREFIX 9 PREFIX 0", "GET %s\r\n", 0},
}

// write makes the next write of a key by do, whose argument is the value; it reports
// whether that has changed the key.
func (v *versions) write(r *rand.Rand, k int, do func(value string) bool) {
	n := v.begun[k].Add(1)
	padding := r.IntN(10)
	if r.IntN(50) == 0 {
		padding = 200_000
	}
	if do(fmt.Sprint(n, ":", strings.Repeat("x", padding))) {
		v.done[k].Store(n)
	}
}

// byClient writes as a client does.
func byClient(p *peer, r *rand.Rand, k int) func(value string) bool {
	return func(value string) bool {
		words := [][]string{{"SET", strconv.Itoa(k), value}, {"SET", strconv.Itoa(k), value, "PX", strconv.Itoa(1 + r.IntN(20))}, {"DEL", strconv.Itoa(k)}}[r.IntN(3)]
		p.send(wireCommand(words...))
		v, err := script.ReadValue(p.r)
		assert.NoError(p.t, err)
		return v.Text != "0"
	}
}

// inProcess writes as a typed handle does.
func inProcess(t *testing.T, e *engine.Engine, k int) func(value string) bool {
	return func(value string) bool {
		key := engine.KeyOf([]byte(strconv.Itoa(k)))
		tx := e.BeginKey(key)
		assert.NoError(t, tx.PutString(key, []byte(value), 0))
		tx.Commit()
		return true
	}
}

// TestCachesAreNeverStale has clients that keep caches while others write, keys
// expire and are evicted, and more keys are read than are remembered.
func TestCachesAreNeverStale(t *testing.T) {
	s, addr := start(t, Options{})
	s.eng.Configure(func(c *engine.Config) { c.MaxMemory, c.Policy = 256<<10, engine.AllKeysRandom })
	admin := dial(t, addr)
	admin.do("CONFIG SET tracking-table-max-keys 40", "+OK\r\n")
	var v versions
	var writers, readers sync.WaitGroup
	var over atomic.Bool
	for w := range 3 {
		p, r := dial(t, addr), rand.New(rand.NewPCG(uint64(w), 1))
		writers.Go(func() {
			for !over.Load() {
				k := r.IntN(stressKeys/3)*3 + w
				if w == 2 {
					v.write(r, k, inProcess(t, s.eng, k))
				} else {
					v.write(r, k, byClient(p, r, k))
				}
			}
		})
	}
	var all []*cacher
	for name, how := range cachers {
		p := dial3(t, addr, "")
		p.do("CLIENT TRACKING ON "+how.on, "+OK\r\n")
		c := &cacher{p, name, &v, how.read, how.skip, map[int]copied{}, 0}
		all = append(all, c)
		readers.Go(func() { c.work(rand.New(rand.NewPCG(2, uint64(len(name)))), 300) })
	}
	readers.Wait()
	over.Store(true)
	writers.Wait()
	st := s.eng.Stats()
	require.True(t, st.Expired > 0 && st.Evicted > 0, "%+v", st)
	admin.do("CONFIG SET maxmemory 0 tracking-table-max-keys 0", "+OK\r\n")
	// All read all keys, some of which have still to expire.
	for k := range stressKeys {
		admin.do("SET "+strconv.Itoa(k)+" 0: PX "+strconv.Itoa(1+k%2*30), "+OK\r\n")
		for _, c := range all {
			c.fetch([]int{k})
		}
	}
	until(t, func() bool { return admin.ask("DBSIZE") == ":0" })
	for _, c := range all {
		require.NotZero(t, c.hits)
		c.send("PING\r\n")
		require.Equal(t, "PONG", c.next().Text)
		for k, x := range c.cache {
			require.EqualValues(t, -1, x.version, "key %d, %s", k, c.name)
		}
	}
}

// TestReadAndWriteAtOnce has keys read and written in the same moment, over and over:
// who got the old value of one is told, without having to ask.
func TestReadAndWriteAtOnce(t *testing.T) {
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("nothing happens at once on one processor")
	}
	s, addr := start(t, Options{})
	c := dial3(t, addr, "")
	c.do("CLIENT TRACKING ON", "+OK\r\n")
	const keys, enough, most = 16, 2000, 100_000
	begin, done := make(chan int), make(chan struct{})
	defer close(begin)
	go func() {
		r := rand.New(rand.NewPCG(3, 3))
		for n := range begin {
			for spin := r.IntN(50_000); spin > 0; spin-- {
			}
			for k := range keys {
				inProcess(t, s.eng, k)(strconv.Itoa(n))
			}
			done <- struct{}{}
		}
	}()
	begin <- 0
	<-done
	var gets strings.Builder
	for k := range keys {
		fmt.Fprintf(&gets, "GET %d\r\n", k)
	}
	old, fresh := 0, 0
	for n := 1; min(old, fresh) < enough; n++ {
		require.Less(t, n, most, "%d old values and %d new ones are no test", old, fresh)
		c.send(gets.String())
		begin <- n
		<-done
		untold := map[string]bool{}
		for at := 0; at < keys || len(untold) > 0; {
			v, err := script.ReadValue(c.r)
			require.NoError(t, err, "%v were not invalidated", untold)
			if v.Kind == '>' {
				delete(untold, v.Kids[1].Kids[0].Text)
				continue
			}
			if v.Text != strconv.Itoa(n) {
				require.Equal(t, strconv.Itoa(n-1), v.Text)
				untold[strconv.Itoa(at)] = true
				old++
			} else {
				fresh++
			}
			at++
		}
	}
}
