package server

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/script"
	"github.com/residedb/reside/internal/wire"
)

func newTable() *command.Table {
	return command.NewTable(append(command.Rows(), sessionRows()...))
}

// deviations are rows whose facts in Redis 7.2 differ from the oracle's, 7.0.15,
// with the reason.
var deviations = map[string]string{
	"command|getkeys":         "7.2 takes a command without arguments (arity -3)",
	"command|getkeysandflags": "7.2 takes a command without arguments (arity -3)",
	"blpop":                   "7.2 lets scripts call the blocking pops",
	"brpop":                   "7.2 lets scripts call the blocking pops",
	"brpoplpush":              "7.2 lets scripts call the blocking pops",
	"blmove":                  "7.2 lets scripts call the blocking pops",
	"bzpopmin":                "7.2 lets scripts call the blocking pops",
	"bzpopmax":                "7.2 lets scripts call the blocking pops",
	"zrank":                   "7.2 has WITHSCORE (arity -3)",
	"zrevrank":                "7.2 has WITHSCORE (arity -3)",
}

// TestFactsEqualOracle holds arity, flags, categories and key positions of every
// row to what a real server's COMMAND INFO replies.
func TestFactsEqualOracle(t *testing.T) {
	addr := script.StartRedis(t)
	c, err := script.Dial(addr, 2)
	require.NoError(t, err)
	defer c.Close()
	for _, n := range newTable().All() {
		name := n.Meta().Name
		v, err := c.Do("COMMAND", "INFO", name)
		require.NoError(t, err)
		if len(v.Kids[0].Kids) == 0 {
			continue // newer than the oracle; TestFactsEqualList holds it
		}
		want := oracleFacts(v.Kids[0])
		if deviations[name] != "" {
			require.NotEqual(t, want, rowFacts(t, n), "%s: not a deviation any more", name)
			continue
		}
		assert.Equal(t, want, rowFacts(t, n), name)
	}
}

func oracleFacts(v script.Value) []string {
	facts := []string{"arity " + v.Kids[1].Text}
	for _, f := range v.Kids[2].Kids {
		facts = append(facts, "flag "+f.Text)
	}
	for i, name := range []string{"first", "last", "step"} {
		facts = append(facts, name+" "+v.Kids[3+i].Text)
	}
	for _, cat := range v.Kids[6].Kids {
		facts = append(facts, "category "+cat.Text)
	}
	for _, k := range v.Kids[8].Kids {
		facts = append(facts, "key "+specText(k))
	}
	slices.Sort(facts)
	return facts
}

// specText renders a key spec, given as flat names and values, without its notes.
func specText(k script.Value) string {
	var parts []string
	for i := 0; i < len(k.Kids); i += 2 {
		if k.Kids[i].Text != "notes" {
			parts = append(parts, k.Kids[i].Text+"="+k.Kids[i+1].String())
		}
	}
	return strings.Join(parts, " ")
}

func rowFacts(t *testing.T, n *command.Named) []string {
	facts := []string{fmt.Sprint("arity ", n.Spec.Arity)}
	for _, f := range n.ShownFlags() {
		facts = append(facts, "flag "+f)
	}
	first, last, step, _ := n.KeyRange()
	facts = append(facts, fmt.Sprint("first ", first), fmt.Sprint("last ", last), fmt.Sprint("step ", step))
	for _, cat := range n.Meta().Categories() {
		facts = append(facts, "category @"+cat)
	}
	for i := range n.Spec.Keys {
		facts = append(facts, "key "+specText(replied(t, func(w *wire.Writer) { putKeySpec(w, &n.Spec.Keys[i]) })))
	}
	slices.Sort(facts)
	return facts
}

// replied is what a RESP2 client reads of what f writes.
func replied(t *testing.T, f func(*wire.Writer)) script.Value {
	w := wire.Writer{Proto: 2}
	f(&w)
	v, err := script.ReadValue(bufio.NewReader(bytes.NewReader(w.Buf)))
	require.NoError(t, err)
	return v
}

// listed are the facts of a command in the list of Redis's own.
type listed struct{ group, name, since, arity, flags, acl, keys string }

// readList reads the list of all commands' facts, which stands beside the
// project where it is developed.
func readList(t *testing.T) []listed {
	f, err := os.Open("../../../shared/redis-commands.tsv")
	if err != nil {
		t.Skip("the list of Redis's commands is not here: ", err)
	}
	defer func() { require.NoError(t, f.Close()) }()
	var list []listed
	for s := bufio.NewScanner(f); s.Scan(); {
		if p := strings.Split(s.Text(), "\t"); len(p) == 7 && p[0] != "group" {
			list = append(list, listed{p[0], strings.ToLower(p[1]), p[2], p[3], p[4], p[5], p[6]})
		}
	}
	require.NotEmpty(t, list)
	return list
}

// later are commands of the families here that are not there yet.
var later = strings.Fields("migrate wait waitaof dump restore " +
	"acl bgrewriteaof bgsave failover lastsave latency lolwut module monitor psync replconf replicaof restore-asking role save shutdown slaveof slowlog sync")

func isLater(name string) bool {
	parent, _, _ := strings.Cut(name, "|")
	return slices.Contains(later, name) || slices.Contains(later, parent)
}

// TestFactsEqualList holds every row to the list of Redis 7.2 (and of 7.4 and 8.0
// for hash fields), and finds commands that have no row.
func TestFactsEqualList(t *testing.T) {
	table := newTable()
	families := strings.Fields("string list set sorted_set hash transactions generic connection server")
	for _, l := range readList(t) {
		if !slices.Contains(families, l.group) || isLater(l.name) {
			continue
		}
		parent, sub, isSub := strings.Cut(l.name, "|")
		n := table.Find(parent)
		if n != nil && isSub {
			n = n.Subs[sub]
		}
		if !assert.NotNil(t, n, "%s has no row", l.name) {
			continue
		}
		m := n.Meta()
		assert.Equal(t, l.group, m.Group, l.name)
		assert.Equal(t, l.since, m.Since, l.name)
		assert.Equal(t, l.arity, fmt.Sprint(n.Spec.Arity), "arity of %s", l.name)
		assert.Equal(t, shown(l.flags), sortedWords(n.Meta().Flags.Names(), "movablekeys"), "flags of %s", l.name)
		assert.Equal(t, l.keys, keysText(n.Spec.Keys), "keys of %s", l.name)
	}
}

// shown are the listed flags without those that COMMAND never shows.
func shown(flags string) string {
	return sortedWords(strings.FieldsFunc(flags, func(r rune) bool { return r == ',' }),
		"sentinel", "only_sentinel", "protected", "may_replicate", "touches_arbitrary_keys")
}

func sortedWords(words []string, without ...string) string {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(without, w) })
	slices.Sort(words)
	return strings.Join(words, ",")
}

func keysText(keys []arg.KeySpec) string {
	var parts []string
	for _, k := range keys {
		flags := strings.ToUpper(strings.Join(k.Flags.Names(), "+"))
		switch {
		case k.Unknown:
			parts = append(parts, "?:?:"+flags)
		case k.Num:
			parts = append(parts, fmt.Sprintf("@%d:numkeys@0,first@1,step=%d:%s", k.Begin, k.Step, flags))
		default:
			parts = append(parts, fmt.Sprintf("@%d:last=%d,step=%d:%s", k.Begin, k.Last, k.Step, flags))
		}
	}
	return strings.Join(parts, " ")
}
