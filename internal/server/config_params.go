package server

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/residedb/reside/internal/engine"
)

// param is a configuration parameter: how it is read from and written to a draft.
type param struct {
	name string
	get  func(*draft) string
	set  func(d *draft, value string) error // nil if it cannot be changed
	why  string                             // not, if that is not Redis's usual text
}

// params are all parameters, in the order of CONFIG GET.
var params = buildParams()

func buildParams() []param {
	all := []param{
		memoryParam("maxmemory", 0, func(d *draft) *int64 { return &d.engine.MaxMemory }),
		{name: "maxmemory-policy", get: func(d *draft) string { return d.engine.Policy.String() }, set: setPolicy},
		intParam("maxmemory-samples", 1, math.MaxInt32, func(d *draft) *int { return &d.engine.Samples }),
		intParam("lfu-log-factor", 0, math.MaxInt32, func(d *draft) *int { return &d.engine.LFULogFactor }),
		intParam("lfu-decay-time", 0, math.MaxInt32, func(d *draft) *int { return &d.engine.LFUDecay }),
		intParam("set-max-intset-entries", 0, math.MaxInt64, func(d *draft) *int { return &d.engine.Limits.Set.Intset }),
		intParam("set-max-listpack-entries", 0, math.MaxInt64, func(d *draft) *int { return &d.engine.Limits.Set.Packed }),
		intParam("set-max-listpack-value", 0, math.MaxInt64, func(d *draft) *int { return &d.engine.Limits.Set.MaxSize }),
		memoryParam("proto-max-bulk-len", 1<<20, func(d *draft) *int64 { return &d.settings.bulk }),
		memoryParam("client-query-buffer-limit", 1<<20, func(d *draft) *int64 { return &d.settings.query }),
		{name: "client-output-buffer-limit", get: outputLimits, set: setOutputLimits},
		secondsParam("timeout", func(d *draft) *time.Duration { return &d.settings.timeout }),
		intParam("tcp-keepalive", 0, math.MaxInt32, func(d *draft) *int64 { return &d.settings.keepAlive }),
		intParam("maxclients", 1, math.MaxUint32, func(d *draft) *int64 { return &d.settings.maxClients }),
		{name: "requirepass", get: func(d *draft) string { return d.settings.password },
			set: func(d *draft, v string) error { d.settings.password = v; return nil }},
		intParam("tracking-table-max-keys", 0, math.MaxInt64, func(d *draft) *int64 { return &d.settings.trackedKeys }),
		intParam("list-compress-depth", 0, math.MaxInt32, func(d *draft) *int { return &d.settings.compressDepth }),
	}
	all = append(all, packedParams("list", "size", math.MinInt32, math.MaxInt32, func(d *draft) *int { return &d.engine.Limits.List.Size })...)
	all = append(all, packedParams("hash", "entries", 0, math.MaxInt64, func(d *draft) *int { return &d.engine.Limits.Hash.Packed })...)
	all = append(all, packedParams("hash", "value", 0, math.MaxInt64, func(d *draft) *int { return &d.engine.Limits.Hash.MaxSize })...)
	all = append(all, packedParams("zset", "entries", 0, math.MaxInt64, func(d *draft) *int { return &d.engine.Limits.ZSet.Packed })...)
	all = append(all, packedParams("zset", "value", 0, math.MaxInt64, func(d *draft) *int { return &d.engine.Limits.ZSet.MaxSize })...)
	for i, name := range lazyFree {
		all = append(all, param{name: name, get: func(d *draft) string { return yesNo(d.settings.lazyFree[i]) },
			set: func(d *draft, v string) (err error) { d.settings.lazyFree[i], err = parseYesNo(v); return err }})
	}
	return append(append(all, keepParams()...), fixedParams()...)
}

// lazyFree are the parameters that say which memory Redis frees in another thread.
// The garbage collector frees all of it so; they are kept for who reads them.
var lazyFree = [...]string{"lazyfree-lazy-eviction", "lazyfree-lazy-expire", "lazyfree-lazy-server-del", "lazyfree-lazy-user-del", "lazyfree-lazy-user-flush"}

// fixedParams are what clients ask for and cannot change here.
func fixedParams() []param {
	fixed := func(name, value string) param { return param{name: name, get: func(*draft) string { return value }} }
	return []param{
		{name: "databases", get: func(d *draft) string { return strconv.Itoa(d.srv.eng.Databases()) }},
		{name: "enable-debug-command", get: func(d *draft) string { return yesNo(d.srv.opt.Debug) }},
		{name: "port", get: func(d *draft) string { return strconv.Itoa(d.srv.ports().plain) }},
		{name: "tls-port", get: func(d *draft) string { return strconv.Itoa(d.srv.ports().tls) }},
		{name: "unixsocket", get: func(d *draft) string { return d.srv.ports().path }},
		fixed("bind", "127.0.0.1"),
		fixed("cluster-enabled", "no"), fixed("replica-read-only", "yes"), fixed("slave-read-only", "yes"),
		fixed("notify-keyspace-events", ""), fixed("hz", "10"), fixed("io-threads", "1"),
	}
}

// packedParams are a *-max-listpack-* parameter and its older *-max-ziplist-* name.
func packedParams(kind, what string, low, high int64, at func(*draft) *int) []param {
	name, old := kind+"-max-listpack-"+what, kind+"-max-ziplist-"+what
	return []param{intParam(name, low, high, at), intParam(old, low, high, at)}
}

// intParam is a number between two others.
func intParam[N int | int64](name string, low, high int64, at func(*draft) *N) param {
	return param{name: name, get: func(d *draft) string { return strconv.FormatInt(int64(*at(d)), 10) }, set: func(d *draft, v string) error {
		return setInt(at(d), v, low, high)
	}}
}

func setInt[N int | int64](to *N, v string, low, high int64) error {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return errors.New("argument couldn't be parsed into an integer")
	}
	return inRange(to, n, low, high)
}

func inRange[N int | int64](to *N, n, low, high int64) error {
	if n < low || n > high {
		return fmt.Errorf("argument must be between %d and %d inclusive", low, high)
	}
	*to = N(n)
	return nil
}

// secondsParam is a time in seconds. Part of a second, which only an option of the
// server can ask for, shows as a whole one.
func secondsParam(name string, at func(*draft) *time.Duration) param {
	return param{name: name, get: func(d *draft) string { return strconv.FormatInt(wholeSeconds(*at(d)), 10) }, set: func(d *draft, v string) error {
		var n int64
		if err := setInt(&n, v, 0, math.MaxInt32); err != nil {
			return err
		}
		*at(d) = time.Duration(n) * time.Second
		return nil
	}}
}

func wholeSeconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// memoryParam is a number of bytes, with a unit if the client likes.
func memoryParam(name string, low int64, at func(*draft) *int64) param {
	return param{name: name, get: func(d *draft) string { return strconv.FormatInt(*at(d), 10) }, set: func(d *draft, v string) error {
		n, ok := ParseMemory(v)
		if !ok {
			return errors.New("argument must be a memory value")
		}
		return inRange(at(d), n, low, math.MaxInt64)
	}}
}

// memoryUnits are Redis's: with a b 1024s, without 1000s.
var memoryUnits = map[string]int64{"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000 * 1000, "mb": 1 << 20, "g": 1000 * 1000 * 1000, "gb": 1 << 30}

// ParseMemory reads a number of bytes as "100mb" or "1073741824".
func ParseMemory(s string) (int64, bool) {
	digits := strings.TrimRight(s, "bBkKmMgG")
	unit, known := memoryUnits[strings.ToLower(s[len(digits):])]
	n, err := strconv.ParseInt(digits, 10, 64)
	if !known || err != nil || n < 0 || n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}

func setPolicy(d *draft, v string) error {
	p, ok := engine.ParsePolicy(strings.ToLower(v))
	if !ok {
		return errors.New("argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction, allkeys-tinylfu, volatile-tinylfu")
	}
	d.engine.Policy = p
	return nil
}

func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

func parseYesNo(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return false, errors.New("argument must be 'yes' or 'no'")
}

// outputClasses are the names of the classes of clients in CONFIG GET.
var outputClasses = [...]string{normalClass: "normal", replicaClass: "slave", pubsubClass: "pubsub"}

func outputLimits(d *draft) string {
	var parts []string
	for i, l := range d.settings.output {
		parts = append(parts, fmt.Sprintf("%s %d %d %d", outputClasses[i], l.hard, l.soft, wholeSeconds(l.within)))
	}
	return strings.Join(parts, " ")
}

func setOutputLimits(d *draft, v string) error {
	words := strings.Fields(v)
	if len(words)%4 != 0 {
		return errors.New("Wrong number of arguments in buffer limit configuration.")
	}
	for ; len(words) > 0; words = words[4:] {
		class, known := map[string]int{"normal": normalClass, "slave": replicaClass, "replica": replicaClass, "pubsub": pubsubClass}[strings.ToLower(words[0])]
		if !known {
			return errors.New("Invalid client class specified in buffer limit configuration.")
		}
		hard, ok1 := ParseMemory(words[1])
		soft, ok2 := ParseMemory(words[2])
		seconds, err := strconv.ParseInt(words[3], 10, 64)
		if !ok1 || !ok2 || err != nil || seconds < 0 {
			return errors.New("Error in hard, soft or soft_seconds setting in buffer limit configuration.")
		}
		d.settings.output[class] = outputLimit{hard, soft, time.Duration(min(seconds, math.MaxInt32)) * time.Second}
	}
	return nil
}
