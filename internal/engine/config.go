package engine

import (
	"fmt"
	"strings"

	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/ds/zset"
)

// Config is what can be changed while the engine runs. A Config in use is never
// modified: change a copy and set that.
type Config struct {
	MaxMemory    int64 // bytes of all entries, 0 for no limit
	Policy       Policy
	Samples      int // entries looked at for each eviction
	LFULogFactor int
	LFUDecay     int // minutes
	Limits       Limits

	uses []uses // by stripe, of a TinyLFU policy; nil under every other
}

// DefaultConfig is Redis's.
func DefaultConfig() *Config {
	return &Config{Samples: 5, LFULogFactor: 10, LFUDecay: 1, Limits: DefaultLimits()}
}

// Config is the configuration in use. It must not be modified.
func (e *Engine) Config() *Config { return e.config.Load() }

// Configure changes the configuration by a function on a copy of it.
func (e *Engine) Configure(change func(*Config)) {
	e.configMu.Lock()
	defer e.configMu.Unlock()
	c := *e.config.Load()
	change(&c)
	switch {
	case !c.Policy.tiny():
		c.uses = nil
	case c.uses == nil:
		c.uses = make([]uses, len(e.stripes))
	}
	e.config.Store(&c)
}

// Limits decide how small collections are packed (Redis: *-max-listpack-*).
type Limits struct {
	List list.Limits
	Set  set.Limits
	ZSet zset.Limits
	Hash hash.Limits
}

// DefaultLimits are Redis's.
func DefaultLimits() Limits {
	return Limits{list.DefaultLimits(), set.DefaultLimits(), zset.DefaultLimits(), hash.DefaultLimits()}
}

// Policy says which keys are evicted when MaxMemory is reached.
type Policy uint8

// The policies, as in Redis's maxmemory-policy, and two of our own.
const (
	NoEviction Policy = iota
	AllKeysLRU
	AllKeysLFU
	AllKeysRandom
	AllKeysTinyLFU
	VolatileLRU
	VolatileLFU
	VolatileRandom
	VolatileTTL
	VolatileTinyLFU
)

var policyNames = [...]string{"noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "allkeys-tinylfu",
	"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "volatile-tinylfu"}

// String gives the name that maxmemory-policy has for the policy.
func (p Policy) String() string { return policyNames[p] }

// ParsePolicy finds a policy by that name.
func ParsePolicy(name string) (Policy, bool) {
	for i, n := range policyNames {
		if n == name {
			return Policy(i), true
		}
	}
	return 0, false
}

// MarshalText gives the name that maxmemory-policy has for the policy.
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText takes the name of a policy, as flag.TextVar needs.
func (p *Policy) UnmarshalText(name []byte) error {
	found, ok := ParsePolicy(strings.ToLower(string(name)))
	if !ok {
		return fmt.Errorf("no such policy; there are %s", strings.Join(policyNames[:], ", "))
	}
	*p = found
	return nil
}

func (p Policy) tiny() bool     { return p == AllKeysTinyLFU || p == VolatileTinyLFU }
func (p Policy) lfu() bool      { return p == AllKeysLFU || p == VolatileLFU }
func (p Policy) lru() bool      { return p == AllKeysLRU || p == VolatileLRU }
func (p Policy) random() bool   { return p == AllKeysRandom || p == VolatileRandom }
func (p Policy) volatile() bool { return p >= VolatileLRU }

// TracksUse reports whether the policy has to know when or how often each key was
// used.
func (p Policy) TracksUse() bool { return p.lfu() || p.lru() || p.tiny() }

// LFU reports whether the policy counts uses, so that OBJECT FREQ has an answer.
func (p Policy) LFU() bool { return p.lfu() || p.tiny() }
