package redistest

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/residedb/reside/internal/glob"
	"github.com/residedb/reside/store/resp"
)

// Rule is a Fault in force.
type Rule struct {
	fault Fault
	name  string // the command as the server knows it: "config|set"
	all   *faults

	met   int // guarded by all.mu, as is dice
	dice  *rand.Rand
	fired atomic.Int64
}

// Fired is how many commands, or connections, the fault has struck.
func (r *Rule) Fired() int { return int(r.fired.Load()) }

// Remove ends the fault. A delay that has begun goes on.
func (r *Rule) Remove() {
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	r.all.rules = slices.DeleteFunc(r.all.rules, func(other *Rule) bool { return other == r })
	r.all.any.Store(len(r.all.rules) > 0)
}

// faults are the rules in force, in the order they were given.
type faults struct {
	any   atomic.Bool // there are rules
	mu    sync.Mutex
	rules []*Rule
}

func (f *faults) add(fault Fault) *Rule {
	r := &Rule{fault: fault, name: strings.Join(words(strings.ToLower(fault.Command)), "|"), all: f, dice: rand.New(rand.NewPCG(fault.Seed, 0))}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, r)
	f.any.Store(true)
	return r
}

// refuses reports whether a new connection is to be refused.
func (f *faults) refuses() (refused bool) {
	if !f.any.Load() {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		refused = r.fault.Refuse && r.strikes() || refused
	}
	return refused
}

// judge says what the rules do to a command.
func (f *faults) judge(c *resp.Call) (v resp.Verdict) {
	if !f.any.Load() || c.Refused != "" {
		return v
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if r.meets(c) && r.strikes() {
			v = also(v, resp.Verdict{Delay: r.fault.Delay, Error: r.fault.Error, Cut: r.fault.Cut})
		}
	}
	return v
}

// also adds a verdict to another that came before.
func also(v, w resp.Verdict) resp.Verdict {
	v.Delay += w.Delay
	if v.Error == "" {
		v.Error = w.Error
	}
	if v.Cut == resp.CutNever || w.Cut != resp.CutNever && w.Cut < v.Cut {
		v.Cut = w.Cut
	}
	return v
}

// meets reports whether the fault is about the command.
func (r *Rule) meets(c *resp.Call) bool {
	f := &r.fault
	switch {
	case f.Refuse:
		return false
	case r.name == "" && f.Error != "" && !c.Refusable(f.Error):
		return false
	case r.name != "" && r.name != c.Name && !strings.HasPrefix(c.Name, r.name+"|"):
		return false
	case f.Client != "" && !matches(f.Client, []byte(c.ClientName)):
		return false
	}
	return f.Key == "" || slices.ContainsFunc(c.Keys(), func(k []byte) bool { return matches(f.Key, k) })
}

func matches(pattern string, s []byte) bool {
	return glob.All([]byte(pattern)) || glob.Match([]byte(pattern), s)
}

// strikes counts what the fault meets and decides whether it happens. The faults are
// locked.
func (r *Rule) strikes() bool {
	f := &r.fault
	r.met++
	if f.Nth > 0 && r.met != f.Nth || f.First > 0 && r.met > f.First || f.Every > 0 && r.met%f.Every != 0 {
		return false
	}
	if f.Probability > 0 && r.dice.Float64() >= f.Probability {
		return false
	}
	r.fired.Add(1)
	return true
}

// words takes the name of a command apart.
func words(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '|' })
}
