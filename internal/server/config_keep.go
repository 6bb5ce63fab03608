package server

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/residedb/reside/internal/durable"
)

// keeping is what can be configured of how a store is kept.
type keeping struct {
	durable.Config
	policy durable.Policy
	logged bool
	dir    string

	noSyncOnRewrite bool // kept for whoever asks: a rewriting does not hold up a sync here
}

// keeping is what is in force, that of a store in memory only if there is no keeper.
func (s *Server) keeping() (k keeping) {
	k.Config = durable.Config{GrowthPercent: 100, GrowthLeast: 64 << 20}
	if s.keeper != nil {
		k.Config, k.policy, k.logged, k.dir = s.keeper.Config(), s.keeper.Policy(), s.keeper.LogOn(), s.keeper.Dir
	}
	k.noSyncOnRewrite = s.settings.Load().noSyncOnRewrite
	return k
}

// keep puts a configuration into force. A log that is switched on has begun when it
// returns, unless that is asked for in a transaction.
func (c *conn) keep(old, k keeping) error {
	keeper := c.srv.keeper
	if keeper == nil {
		return nil
	}
	if k.policy != old.policy {
		keeper.SetPolicy(k.policy)
	}
	if !sameConfig(k.Config, old.Config) {
		keeper.Configure(func(to *durable.Config) { *to = k.Config })
	}
	switch {
	case k.logged == old.logged:
		return nil
	case c.tx != nil:
		keeper.SwitchLog(k.logged)
		return nil
	}
	c.shift.handOver()
	if err := keeper.SetLog(c.srv.life, k.logged); err != nil {
		return badParam("appendonly", "Unable to turn on AOF. Check server logs.")
	}
	return nil
}

func sameConfig(a, b durable.Config) bool {
	return rulesText(a.Rules) == rulesText(b.Rules) && a.GoOn == b.GoOn && a.GrowthPercent == b.GrowthPercent && a.GrowthLeast == b.GrowthLeast
}

// keepParams are the parameters of snapshots and the log.
func keepParams() []param {
	yes := func(name string, at func(*draft) *bool) param {
		return param{name: name, get: func(d *draft) string { return yesNo(*at(d)) },
			set: func(d *draft, v string) (err error) { *at(d), err = parseYesNo(v); return err }}
	}
	fixed := func(name, value, why string) param {
		return param{name: name, get: func(*draft) string { return value }, why: why}
	}
	const protected = "can't set protected config"
	return []param{
		{name: "save", get: func(d *draft) string { return rulesText(d.keeping.Rules) }, set: setRules},
		{name: "appendonly", get: func(d *draft) string { return yesNo(d.keeping.logged) }, set: setLogged},
		{name: "appendfsync", get: func(d *draft) string { return d.keeping.policy.String() }, set: setSync},
		{name: "stop-writes-on-bgsave-error", get: func(d *draft) string { return yesNo(!d.keeping.GoOn) },
			set: func(d *draft, v string) error {
				stop, err := parseYesNo(v)
				d.keeping.GoOn = !stop
				return err
			}},
		intParam("auto-aof-rewrite-percentage", 0, math.MaxInt32, func(d *draft) *int { return &d.keeping.GrowthPercent }),
		memoryParam("auto-aof-rewrite-min-size", 0, func(d *draft) *int64 { return &d.keeping.GrowthLeast }),
		yes("no-appendfsync-on-rewrite", func(d *draft) *bool { return &d.settings.noSyncOnRewrite }),
		fixed("aof-load-truncated", "yes", ""), fixed("aof-use-rdb-preamble", "yes", ""), fixed("aof-timestamp-enabled", "yes", ""),
		fixed("rdbcompression", "yes", ""), fixed("rdbchecksum", "yes", ""),
		{name: "dir", get: func(d *draft) string { return d.keeping.dir }, why: protected}, fixed("dbfilename", "dump.rdb", protected),
		fixed("appendfilename", "appendonly.aof", ""), fixed("appenddirname", "appendonlydir", ""),
	}
}

// rulesText is the rules as CONFIG GET save has them.
func rulesText(rules []durable.Rule) string {
	var words []string
	for _, r := range rules {
		words = append(words, strconv.FormatInt(int64(r.After/time.Second), 10), strconv.FormatInt(r.Changes, 10))
	}
	return strings.Join(words, " ")
}

var errRules = errors.New("Invalid save parameters")

// errNoPlace is what a store in memory only answers to who wants to keep it.
var errNoPlace = errors.New("the store is in memory only")

func setRules(d *draft, v string) error {
	rules, err := ParseRules(v)
	if err == nil && len(rules) > 0 && d.srv.keeper == nil {
		err = errNoPlace
	}
	d.keeping.Rules = rules
	return err
}

// ParseRules reads rules as "3600 1 300 100"; nothing, or "" in quotes, is none.
func ParseRules(s string) ([]durable.Rule, error) {
	words := strings.Fields(s)
	if len(words) == 1 && words[0] == `""` {
		words = nil
	}
	if len(words)%2 != 0 {
		return nil, errRules
	}
	rules := []durable.Rule{}
	for ; len(words) > 0; words = words[2:] {
		after, err1 := strconv.ParseInt(words[0], 10, 32)
		changes, err2 := strconv.ParseInt(words[1], 10, 32)
		if err1 != nil || err2 != nil || after < 1 || changes < 0 {
			return nil, errRules
		}
		rules = append(rules, durable.Rule{After: time.Duration(after) * time.Second, Changes: changes})
	}
	return rules, nil
}

func setLogged(d *draft, v string) error {
	on, err := parseYesNo(v)
	if err == nil && on && (d.srv.keeper == nil || d.srv.keeper.CanLog() != nil) {
		err = errNoPlace
	}
	d.keeping.logged = on
	return err
}

func setSync(d *draft, v string) error {
	p, ok := durable.ParsePolicy(strings.ToLower(v))
	if !ok {
		return errors.New("argument(s) must be one of the following: everysec, always, no")
	}
	d.keeping.policy = p
	return nil
}
