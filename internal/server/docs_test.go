package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/script"
)

// told are rows whose arguments are told otherwise than the oracle tells them, with
// the reason.
var told = map[string]string{
	"zrank":                   "7.2 has WITHSCORE",
	"zrevrank":                "7.2 has WITHSCORE",
	"hscan":                   "NOVALUES is an option of 7.4",
	"command|getkeys":         "7.2 tells of the command in question",
	"command|getkeysandflags": "7.2 tells of the command in question",
	"quit":                    "what it takes and does not look at is told",
	"debug":                   "there is one row for all subcommands",
	"client|kill":             "its filters are told as one",
	"client|list":             "a type of clients is told as a word",
	"config|get":              "a block of one word is told as the word",
}

// TestArgumentsEqualOracle holds the arguments that COMMAND DOCS tells of every row
// to those of a real server: types, tokens, what is optional and what repeats.
func TestArgumentsEqualOracle(t *testing.T) {
	addr := script.StartRedis(t)
	c, err := script.Dial(addr, 3)
	require.NoError(t, err)
	defer c.Close()
	for _, n := range newTable().All() {
		name := n.Meta().Name
		v, err := c.Do("COMMAND", "DOCS", name)
		require.NoError(t, err)
		if len(v.Kids) == 0 || n.Subs != nil {
			continue
		}
		want := ""
		if args, ok := mapped(v.Kids[1], "arguments"); ok {
			want = oracleTree(args)
		}
		if told[name] != "" {
			assert.NotEqual(t, want, tree(n.Spec.Arguments), "%s: not told otherwise any more", name)
			continue
		}
		assert.Equal(t, want, tree(n.Spec.Arguments), name)
	}
}

// mapped is the value of a key in a map.
func mapped(v script.Value, key string) (script.Value, bool) {
	for i := 0; i+1 < len(v.Kids); i += 2 {
		if v.Kids[i].Text == key {
			return v.Kids[i+1], true
		}
	}
	return script.Value{}, false
}

// oracleTree writes arguments as their types with tokens: ? for optional ones, *
// for those that may repeat.
func oracleTree(list script.Value) string {
	var parts []string
	for _, a := range list.Kids {
		typ, _ := mapped(a, "type")
		token, _ := mapped(a, "token")
		flags, _ := mapped(a, "flags")
		sub, nested := mapped(a, "arguments")
		text := typ.Text
		if token.Text != "" {
			text += "=" + token.Text
		}
		for _, f := range flags.Kids {
			text += map[string]string{"optional": "?", "multiple": "*", "multiple_token": "+"}[f.Text]
		}
		if nested {
			text += "(" + oracleTree(sub) + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

func tree(list []arg.Argument) string {
	var parts []string
	for _, a := range list {
		text := a.Type
		if a.Token != "" {
			text += "=" + a.Token
		}
		if a.Optional {
			text += "?"
		}
		if a.Multiple {
			text += "*"
		}
		if a.MultipleToken {
			text += "+"
		}
		if len(a.Arguments) > 0 {
			text += fmt.Sprintf("(%s)", tree(a.Arguments))
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}
