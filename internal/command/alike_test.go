package command_test

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/internal/wire"
)

// notCompared are commands that random lines leave out, with the reason.
var notCompared = map[string]string{
	"memory":          "what a value weighs is each server's own",
	"memory|usage":    "what a value weighs is each server's own",
	"dbsize":          "a key whose time has come is counted until somebody looks; state looks first",
	"object|idletime": "the clocks of access tick for themselves",
	"object|refcount": "Redis shares small integers",
}

// unordered are commands whose elements come in no order.
var unordered = strings.Fields("smembers sinter sunion sdiff hgetall hkeys hvals keys")

// random are commands that pick at random: only kind and number are compared.
var random = strings.Fields("spop srandmember hrandfield zrandmember randomkey")

// clocked are commands that tell a time.
var clocked = strings.Fields("ttl pttl expiretime pexpiretime")

// alike reports whether two replies to a line, the oracle's first, say the same.
func alike(line []string, oracle, subject script.Value) bool {
	if oracle.String() == subject.String() || deviates(line, oracle, subject) {
		return true
	}
	name := strings.ToLower(line[0])
	switch {
	case slices.Contains(unordered, name):
		oracle, subject = sortedReply(name, oracle), sortedReply(name, subject)
	case strings.HasSuffix(name, "scan") && len(oracle.Kids) == 2 && len(subject.Kids) == 2:
		return alikePages(name, oracle, subject)
	case slices.Contains(random, name), unsorted(line):
		return oracle.Kind != '-' && oracle.Kind == subject.Kind && len(oracle.Kids) == len(subject.Kids)
	case slices.Contains(clocked, name) && oracle.Kind == ':' && subject.Kind == ':':
		return near(oracle.Text, subject.Text)
	}
	return equalReply(oracle, subject)
}

// unsorted reports whether the line asks SORT for no order: that of a set is each
// server's own.
func unsorted(line []string) bool {
	by := slices.IndexFunc(line, func(w string) bool { return strings.EqualFold(w, "BY") })
	return strings.HasPrefix(strings.ToLower(line[0]), "sort") && 0 < by && by < len(line)-1 && (!strings.Contains(line[by+1], "*") || has(line, "ALPHA"))
}

// has reports whether the line has a word, in any case.
func has(line []string, word string) bool {
	return slices.ContainsFunc(line, func(w string) bool { return strings.EqualFold(w, word) })
}

// alikePages compares what a scan returns when both servers need one step only.
func alikePages(name string, oracle, subject script.Value) bool {
	if oracle.Kids[0].Text != "0" || subject.Kids[0].Text != "0" {
		return true
	}
	if name == "scan" || name == "sscan" {
		return equalReply(oracle.Kids[1].Sorted(), subject.Kids[1].Sorted())
	}
	return equalReply(inPairs(oracle.Kids[1]).Sorted(), inPairs(subject.Kids[1]).Sorted())
}

func sortedReply(name string, v script.Value) script.Value {
	if name == "hgetall" && v.Kind == '*' {
		v = inPairs(v)
	}
	return v.Sorted()
}

// inPairs takes the elements of an array as keys and values of a map.
func inPairs(v script.Value) script.Value {
	if len(v.Kids)%2 == 0 {
		v.Kind = '%'
	}
	return v
}

// near reports whether two times are a moment apart.
func near(a, b string) bool {
	x, _ := strconv.ParseInt(a, 10, 64)
	y, _ := strconv.ParseInt(b, 10, 64)
	return x > 0 && y > 0 && math.Abs(float64(x-y)) < 5000
}

// equalReply compares replies; Redis 7.2 writes doubles with as few digits as
// they need, 7.0 with 17.
func equalReply(a, b script.Value) bool {
	if a.Kind != b.Kind || len(a.Kids) != len(b.Kids) {
		return false
	}
	for i := range a.Kids {
		if !equalReply(a.Kids[i], b.Kids[i]) {
			return false
		}
	}
	return a.Text == b.Text || (a.Kind == '$' || a.Kind == ',') && sameDouble(a.Text, b.Text)
}

func sameDouble(oracle, subject string) bool {
	if oracle == "-0" && subject == "0" {
		return true // SORT made a skiplist of the sorted set, which keeps the sign
	}
	x, err := strconv.ParseFloat(oracle, 64)
	return err == nil && oracle == strconv.FormatFloat(x, 'g', 17, 64) && subject == string(wire.AppendDouble(nil, x))
}

// deviates reports whether Redis 7.2, which is right, is known to reply other than
// the oracle, 7.0.15.
func deviates(line []string, oracle, subject script.Value) bool {
	if oracle.Text == "ERR timeout is negative" && subject.Text == "ERR timeout is out of range" {
		return true // 7.0 lets it overflow
	}
	if strings.ToLower(line[0]) != "object" || subject.Text != "listpack" {
		return false
	}
	list := oracle.Text == "quicklist"        // 7.2 packs short lists
	return list || oracle.Text == "hashtable" // and small sets
}

// unlike says why two servers may reply to a line as they like, and do as they
// like with it: it is not sent.
func unlike(line []string) string {
	name := strings.ToLower(line[0])
	switch at := slices.Index([]string{"scan", "hscan", "sscan", "zscan"}, name); {
	case strings.HasPrefix(name, "zrange") && has(line, "BYLEX") &&
		!slices.Contains(line, equalKey):
		return "members with different scores are in no order of their own"
	case brief(line):
		return "a time to live that ends while the test runs"
	case has(line, "STORE") && unsorted(line):
		return "what is alike by the pattern is in no order"
	case name == "lpos" && slices.Contains(line, "-9223372036854775808"):
		return "7.0 takes a rank that cannot be negated"
	case (name == "zrank" || name == "zrevrank") && len(line) > 3:
		return "7.2 has WITHSCORE"
	case name == "hscan" && has(line, "NOVALUES"):
		return "an option of 7.4"
	case at == 0 && len(line) > 1 && opaque(line[1]), at > 0 && len(line) > 2 && opaque(line[2]):
		return "a cursor means something only to the server that gave it"
	}
	return ""
}

// opaque reports whether a word is a cursor in the midst of a scan.
func opaque(cursor string) bool {
	_, err := strconv.ParseUint(strings.TrimLeft(cursor, "+-"), 10, 64)
	return err == nil && strings.Trim(cursor, "+-0") != ""
}

// brief reports whether the line may give a key or a field moments to live.
func brief(line []string) bool {
	if slices.Contains(timed, strings.ToLower(line[0])) && len(line) > 2 && soon(line[2]) {
		return true
	}
	for i, w := range line[1:] {
		if (strings.EqualFold(w, "EX") || strings.EqualFold(w, "PX")) && i+2 < len(line) && soon(line[i+2]) {
			return true
		}
	}
	return false
}

// timed are commands whose second argument is a time to live.
var timed = strings.Fields("expire pexpire setex psetex hexpire hpexpire")

// soon reports whether a word may be a time to live of moments.
func soon(w string) bool {
	n, err := strconv.Atoi(w)
	return err == nil && 0 < n && n < 100000
}
